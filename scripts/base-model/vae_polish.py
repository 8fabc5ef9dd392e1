"""Trains the decoder a little longer on whole pictures while the encoder stays as it is, so latents do not change.

It may therefore run before, after or beside the UNet's training.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

import training
import vae_train


def decoder_loss(vae, pictures):
    with torch.no_grad():
        latents = vae.encode(pictures).latent_dist.mean.float()
    rebuilt = vae.decode(latents.contiguous(memory_format=torch.channels_last)).sample.float()
    error = ((rebuilt - pictures) ** 2).mean((1, 2, 3)).add(1e-5).sqrt().mean()
    edges = sum((a - b).abs().mean() for a, b in zip(vae_train.slopes(rebuilt), vae_train.slopes(pictures)))
    return error + 0.1 * edges, error.detach()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=14)
    parser.add_argument("--lr", type=float, default=3e-4)
    args = parser.parse_args()
    polished = args.work / "vae-polished.pt"
    if polished.exists():
        return print("polish: done before")
    state = torch.load(args.work / "vae-state.pt", weights_only=False)
    vae = AutoencoderKL(**vae_train.CONFIG).to(memory_format=torch.channels_last)
    whole = training.Average([vae], 1.0)
    whole.values = state["average"]
    whole.swap()
    for part in (vae.encoder, vae.quant_conv):
        part.requires_grad_(False)
    matrices, others = ([p for p in group if p.requires_grad] for group in vae_train.split(vae))
    solvers = training.optimisers(matrices, others, args.lr)
    average = training.Average([vae.decoder, vae.post_quant_conv], 0.99)
    clock, step, errors, shown = training.Clock(60 * args.minutes), 0, [], time.monotonic()
    data = vae_train.Pictures(args.work, 77)
    held_out = dict(np.load(args.work / "vae-held-out.npz"))
    torch.manual_seed(77)
    while clock.share() < 1:
        with torch.autocast("cpu", torch.bfloat16):
            loss, error = decoder_loss(vae, data.batch(4, 128, 0.15))
        loss.backward()
        for solver in solvers:
            for group in solver.param_groups:
                group["lr"] = args.lr * clock.factor(warm=0.05)
            solver.step()
            solver.zero_grad()
        step += 1
        average.update(step)
        errors.append(error.item())
        if time.monotonic() - shown > 120:
            print(f"polish: {clock.used() / 60:.1f} min step {step} error {np.mean(errors):.4f}", flush=True)
            errors, shown = [], time.monotonic()
    average.swap()
    figures = " ".join(f"{name} {vae_train.psnr(vae, x):.2f}" for name, x in held_out.items())
    print(f"polish: {step} steps, dB {figures}", flush=True)
    training.save(polished, {"vae": vae.state_dict(), "step": step, "used": clock.used()})


if __name__ == "__main__":
    main()
