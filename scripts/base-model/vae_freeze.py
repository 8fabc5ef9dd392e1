"""The trained autoencoder as a diffusers folder in fp16, its latents brought to mean 0 and deviation 1 per channel.

The statistics are folded into quant_conv and post_quant_conv, so that scaling_factor is 1. From here on the encoder
does not change: the UNet learns its latents. --decoder and --frozen write the frozen autoencoder with the decoder that
vae_train.py --part decoder has polished.
"""

import argparse
import os
import shutil
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

import export
import render
import styles
import training
import vae_train


@torch.no_grad()
def latents_of(vae, pictures):
    with torch.autocast("cpu", torch.bfloat16):
        return torch.cat([vae.encode(vae_train.to_tensor(part.copy())).latent_dist.mean.float()
                          for part in np.array_split(pictures, max(1, len(pictures) // 16))])


@torch.no_grad()
def fold(vae, latents):
    """Encoder: z' = (z - m) / s, log variance less 2 log s. Decoder: z = s z' + m."""
    m, s = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    quant, post = vae.quant_conv, vae.post_quant_conv
    quant.bias[:4] = (quant.bias[:4] - m) / s
    quant.weight[:4] /= s.view(-1, 1, 1, 1)
    quant.bias[4:] -= 2 * s.log()
    post.bias += post.weight[:, :, 0, 0] @ m
    post.weight *= s.view(1, -1, 1, 1)


def averaged(state_file, start=None):
    state = torch.load(state_file, weights_only=False)
    vae = (AutoencoderKL.from_pretrained(start, torch_dtype=torch.float32) if start else
           AutoencoderKL(**vae_train.CONFIG)).eval()
    average = training.Average([vae], 1.0)
    average.values = state["average"]
    average.swap()
    return vae


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--decoder", type=Path, help="the state of a decoder's training")
    parser.add_argument("--frozen", type=Path, help="the folder that it started from")
    args = parser.parse_args()
    if args.decoder:
        vae = averaged(args.decoder, args.frozen)
    elif args.out.exists():
        return print("freeze: done before")
    else:
        vae = averaged(args.work / "vae-state.pt")
        canonical = [np.load(args.work / "pictures" / f"{style.key}.npy", mmap_mode="r")[::12, 0]
                     for style in styles.STYLES]
        fold(vae, latents_of(vae, render.on_colour(np.concatenate(canonical))))
    partial = args.out.with_name(args.out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    vae.half().save_pretrained(partial)
    export.replace_folder(partial, args.out)
    print(f"freeze: {args.out.name}")


if __name__ == "__main__":
    main()
