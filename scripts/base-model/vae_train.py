"""Trains the autoencoder on every style: whole drawings and crops, on white and on colours, recoloured, outlined.

--part whole trains encoder and decoder; --part decoder leaves the encoder, and with it the latents, as they are, so it
may run before, after or beside the UNet's training.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

import fused
import render
import styles
import training

CONFIG = dict(
    in_channels=3, out_channels=3, latent_channels=4, sample_size=128, scaling_factor=1.0,
    block_out_channels=(32, 64, 96, 128), layers_per_block=1, norm_num_groups=8,
    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
# Shown more often: outlines, which stand in for OpenMoji's.
SHARES = {"outlined": 4.0}
WHITE = 0.6


class Pictures:
    def __init__(self, work, seed):
        keys = [style.key for style in styles.STYLES] + ["outlined"]
        self.sets = [np.load(work / "pictures" / f"{key}.npy", mmap_mode="r") for key in keys]
        shares = np.array([SHARES.get(key, 1.0) for key in keys])
        self.shares = shares / shares.sum()
        self.random = np.random.default_rng(seed)

    def recoloured(self, picture):
        """Channels permuted or mixed; white stays white and black black, so paper and outlines survive."""
        chance = self.random.random()
        if chance < 0.12:
            return picture[..., self.random.permutation(3)]
        if chance < 0.2:
            mix = self.random.dirichlet(np.ones(3) * 0.5, 3).T.astype(np.float32)
            mix = 0.5 * np.eye(3, dtype=np.float32) + 0.5 * mix
            return np.clip(picture @ (mix / mix.sum(0)), 0, 255)
        if chance < 0.25:
            return np.clip(255 * (picture / 255.0) ** np.exp(self.random.normal(0, 0.5)), 0, 255)
        return picture

    def batch(self, count, side):
        pictures = []
        while len(pictures) < count:
            source = self.sets[self.random.choice(len(self.sets), p=self.shares)]
            rgba = source[self.random.integers(len(source)), self.random.integers(source.shape[1])]
            y, x = self.random.integers(0, 129 - side, 2)
            rgba = rgba[y:y + side, x:x + side]
            if side < 128 and (rgba[..., 3] > 0).mean() < 0.2:
                continue
            colour = (255, 255, 255) if self.random.random() < WHITE else self.random.integers(0, 256, 3)
            picture = self.recoloured(render.on_colour(rgba, colour).astype(np.float32))
            picture = picture[:, ::-1] if self.random.random() < 0.5 else picture
            pictures.append(np.ascontiguousarray(picture))
        return to_tensor(np.stack(pictures))


def to_tensor(pictures):
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)


def slopes(x):
    return x[..., 1:, :] - x[..., :-1, :], x[..., 1:] - x[..., :-1]


def loss_of(vae, pictures, encoder_learns, random):
    with torch.set_grad_enabled(encoder_learns):
        posterior = vae.encode(pictures).latent_dist
    mean, logvar = posterior.mean.float(), posterior.logvar.float()
    latents, divergence = mean, 0.0
    if encoder_learns:
        latents = mean + torch.exp(0.5 * logvar) * torch.randn(mean.shape, generator=random)
        divergence = 0.5 * (mean ** 2 + logvar.exp() - 1 - logvar).mean()
    rebuilt = vae.decode(latents.contiguous(memory_format=torch.channels_last)).sample.float()
    # The root per picture, not the square over all: else a few busy drawings take the whole gradient.
    error = ((rebuilt - pictures) ** 2).mean((1, 2, 3)).add(1e-5).sqrt().mean()
    edges = sum((a - b).abs().mean() for a, b in zip(slopes(rebuilt), slopes(pictures)))
    return error + 0.15 * edges + 1e-5 * divergence, error.detach()


@torch.no_grad()
def psnr(vae, pictures):
    """Mean over the pictures, decibel; the posterior's mean is decoded, as image-to-image and training use it."""
    values = []
    for part in np.array_split(pictures, max(1, len(pictures) // 16)):
        x = to_tensor(part.copy())
        rebuilt = vae.decode(vae.encode(x).latent_dist.mean).sample.float().clamp(-1, 1)
        rebuilt = ((rebuilt + 1) * 127.5).round() / 255
        error = ((rebuilt - (x + 1) / 2) ** 2).mean((1, 2, 3)).clamp(min=1e-7)
        values.append(-10 * torch.log10(error))
    return torch.cat(values).mean().item()


def split(vae):
    matrices, others = [], []
    for name, parameter in vae.named_parameters():
        if not parameter.requires_grad:
            continue
        edge = name.startswith(("encoder.conv_in", "encoder.conv_out", "decoder.conv_in", "decoder.conv_out",
                                "quant", "post_quant"))
        (matrices if parameter.ndim > 1 and not edge else others).append(parameter)
    return matrices, others


def measured(vae, work, most):
    shown = dict(np.load(work / "held-out.npz")) | dict(np.load(work / "openmoji.npz"))
    with torch.autocast("cpu", torch.bfloat16):
        return {name: psnr(vae, x[:most]) for name, x in shown.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--part", choices=("whole", "decoder"), default="whole")
    parser.add_argument("--state", type=Path, help="default WORK/vae-state.pt or WORK/decoder-state.pt")
    parser.add_argument("--start", type=Path, help="a diffusers folder to start from")
    parser.add_argument("--steps", type=int, default=9000, help="at the constant rate")
    parser.add_argument("--decay", type=int, default=3000, help="steps after that, to rate nothing; 0: none yet")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--crops", type=float, default=0.5, help="share of the steps on 24 crops, not 6 pictures")
    args = parser.parse_args()
    whole = args.part == "whole"
    state_file = args.state or args.work / ("vae-state.pt" if whole else "decoder-state.pt")
    state = torch.load(state_file, weights_only=False) if state_file.exists() else None
    end = args.steps + args.decay
    if state and state["step"] >= end:
        return print(f"{args.part}: done before, {state['step']} steps")

    torch.manual_seed(0)
    vae = (AutoencoderKL.from_pretrained(args.start, torch_dtype=torch.float32) if args.start else
           AutoencoderKL(**CONFIG)).to(memory_format=torch.channels_last).train()
    fused.install(vae)
    if not whole:
        for part in (vae.encoder, vae.quant_conv):
            part.requires_grad_(False)
    solvers = training.optimisers(*split(vae), args.lr)
    average = training.Average([vae], 0.998)
    step = used = 0
    if state:
        vae.load_state_dict(state["vae"])
        average.values = state["average"]
        step, used = state["step"], state["used"]
        if state.get("solvers"):
            for solver, kept in zip(solvers, state["solvers"]):
                solver.load_state_dict(kept)
    schedule = training.Schedule(args.lr, warm=60)
    data = Pictures(args.work, step)
    random = torch.Generator().manual_seed(step)
    stop = training.Stop()
    saved = time.process_time()
    shown, before, errors = saved - 200, saved - used, []
    while step < end:
        if args.decay and step >= args.steps and schedule.start is None:
            schedule.begin_decay(args.steps, args.decay)
        side, count = (64, 24) if data.random.random() < args.crops and step < args.steps else (128, 6)
        with torch.autocast("cpu", torch.bfloat16):
            loss, error = loss_of(vae, data.batch(count, side), whole, random)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in vae.parameters() if p.requires_grad], 1.0)
        for solver in solvers:
            for group in solver.param_groups:
                group["lr"] = schedule.rate(step)
            solver.step()
            solver.zero_grad()
        step += 1
        average.update(step)
        errors.append(error.item())
        now = time.process_time()
        if now - saved > 120 or step >= end or stop.asked:
            training.save(state_file, {"vae": vae.state_dict(), "average": average.values, "step": step,
                                       "solvers": [s.state_dict() for s in solvers], "used": now - before})
            saved = now
        if stop.asked:
            raise SystemExit(143)
        if now - shown > 300 or step >= end:
            with average.shown():
                figures = " ".join(f"{k} {v:.2f}" for k, v in measured(vae, args.work, 24).items())
            print(f"{args.part}: {(now - before) / 60:.1f} CPU min step {step} rate {schedule.rate(step):.2e} "
                  f"error {np.mean(errors):.4f} dB {figures}", flush=True)
            errors, shown = [], time.process_time()


if __name__ == "__main__":
    main()
