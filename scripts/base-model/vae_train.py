"""Trains the autoencoder on Noto and Twemoji: whole drawings, recoloured, and with black outlines added.

Twemoji and Noto with outlines of our own stand in for heavily drawn styles, which the base must be able to decode
although it is never shown one.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

import training

CONFIG = dict(
    in_channels=3, out_channels=3, latent_channels=4, sample_size=128, scaling_factor=1.0,
    block_out_channels=(32, 64, 96, 128), layers_per_block=1, norm_num_groups=8,
    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)


class Pictures:
    def __init__(self, work, seed):
        self.plain = np.load(work / "vae-train.npy", mmap_mode="r")
        self.outlined = np.load(work / "vae-outlined.npy", mmap_mode="r")
        self.random = np.random.default_rng(seed)

    def recoloured(self, picture):
        """Channels permuted or mixed; white stays white and black black, so paper and outlines survive."""
        chance = self.random.random()
        if chance < 0.2:
            return picture[..., self.random.permutation(3)]
        if chance < 0.35:
            mix = self.random.dirichlet(np.ones(3) * 0.5, 3).T.astype(np.float32)
            mix = 0.5 * np.eye(3, dtype=np.float32) + 0.5 * mix
            return np.clip(picture @ (mix / mix.sum(0)), 0, 255)
        if chance < 0.42:
            return np.clip(255 * (picture / 255.0) ** np.exp(self.random.normal(0, 0.5)), 0, 255)
        return picture

    def batch(self, count, side, outlined_share):
        pictures = []
        while len(pictures) < count:
            source = self.outlined if self.random.random() < outlined_share else self.plain
            picture = source[self.random.integers(len(source))].astype(np.float32)
            y, x = self.random.integers(0, 129 - side, 2)
            crop = picture[y:y + side, x:x + side]
            if side < 128 and crop.min() > 250:
                continue
            crop = self.recoloured(crop)
            crop = crop[:, ::-1] if self.random.random() < 0.5 else crop
            crop = crop[::-1] if self.random.random() < 0.25 else crop
            pictures.append(np.ascontiguousarray(crop))
        batch = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2) / 127.5 - 1
        return batch.float().contiguous(memory_format=torch.channels_last)


def slopes(x):
    return x[..., 1:, :] - x[..., :-1, :], x[..., 1:] - x[..., :-1]


def loss_of(vae, pictures, random):
    posterior = vae.encode(pictures).latent_dist
    mean, logvar = posterior.mean.float(), posterior.logvar.float()
    latents = mean + torch.exp(0.5 * logvar) * torch.randn(mean.shape, generator=random)
    rebuilt = vae.decode(latents.contiguous(memory_format=torch.channels_last)).sample.float()
    # The root per picture, not the square over all: else a few busy drawings take the whole gradient.
    error = ((rebuilt - pictures) ** 2).mean((1, 2, 3)).add(1e-5).sqrt().mean()
    edges = sum((a - b).abs().mean() for a, b in zip(slopes(rebuilt), slopes(pictures)))
    divergence = 0.5 * (mean ** 2 + logvar.exp() - 1 - logvar).mean()
    return error + 0.25 * edges + 1e-5 * divergence, error.detach()


@torch.no_grad()
def psnr(vae, pictures):
    """Mean over the pictures, decibel; the posterior's mean is decoded, as image-to-image and training use it."""
    values = []
    for part in np.array_split(pictures, max(1, len(pictures) // 16)):
        x = torch.from_numpy(part.copy()).permute(0, 3, 1, 2).float() / 127.5 - 1
        rebuilt = vae.decode(vae.encode(x).latent_dist.mean).sample.float().clamp(-1, 1)
        rebuilt = ((rebuilt + 1) * 127.5).round() / 255
        error = ((rebuilt - (x + 1) / 2) ** 2).mean((1, 2, 3)).clamp(min=1e-7)
        values.append(-10 * torch.log10(error))
    return torch.cat(values).mean().item()


def split(vae):
    matrices, others = [], []
    for name, parameter in vae.named_parameters():
        edge = name.startswith(("encoder.conv_in", "encoder.conv_out", "decoder.conv_in", "decoder.conv_out",
                                "quant", "post_quant"))
        (matrices if parameter.ndim > 1 and not edge else others).append(parameter)
    return matrices, others


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--crops", type=float, default=0.75, help="share of the time on 64 px crops")
    args = parser.parse_args()
    state_file = args.work / "vae-state.pt"
    state = torch.load(state_file, weights_only=False) if state_file.exists() else None
    if state and state["used"] >= 60 * args.minutes:
        return print("vae: done before")

    torch.manual_seed(0)
    vae = AutoencoderKL(**CONFIG).to(memory_format=torch.channels_last)
    print(f"vae: {sum(p.numel() for p in vae.parameters()) / 1e6:.2f} M parameters", flush=True)
    solvers = training.optimisers(*split(vae), args.lr)
    average = training.Average([vae], 0.998)
    step = 0
    if state:
        vae.load_state_dict(state["vae"])
        average.values = state["average"]
        for solver, kept in zip(solvers, state["solvers"]):
            solver.load_state_dict(kept)
        step = state["step"]
    clock = training.Clock(60 * args.minutes, state["used"] if state else 0.0)
    data = Pictures(args.work, step)
    random = torch.Generator().manual_seed(step)
    held_out = dict(np.load(args.work / "vae-held-out.npz"))
    shown = saved = time.monotonic()
    errors = []
    while clock.share() < 1:
        side, count = (64, 16) if clock.share() < args.crops else (128, 4)
        pictures = data.batch(count, side, 0.45)
        with torch.autocast("cpu", torch.bfloat16):
            loss, error = loss_of(vae, pictures, random)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        for solver in solvers:
            for group in solver.param_groups:
                group["lr"] = args.lr * clock.factor(flat=0.3)
            solver.step()
            solver.zero_grad()
        step += 1
        average.update(step)
        errors.append(error.item())
        if time.monotonic() - shown > 60:
            average.swap()
            with torch.autocast("cpu", torch.bfloat16):
                figures = " ".join(f"{name} {psnr(vae, x[:24]):.2f}" for name, x in held_out.items())
            average.swap()
            print(f"vae: {clock.used() / 60:.1f} min step {step} error {np.mean(errors):.4f} dB {figures}", flush=True)
            errors, shown = [], time.monotonic()
        if time.monotonic() - saved > 120 or clock.share() >= 1:
            training.save(state_file, {"vae": vae.state_dict(), "average": average.values, "step": step,
                                       "solvers": [s.state_dict() for s in solvers], "used": clock.used()})
            saved = time.monotonic()


if __name__ == "__main__":
    main()
