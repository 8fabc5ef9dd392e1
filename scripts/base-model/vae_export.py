"""The polished autoencoder as a diffusers folder in fp16, its latents brought to mean 0 and deviation 1 per channel.

The statistics are folded into quant_conv and post_quant_conv, so that scaling_factor is 1.
"""

import argparse
import os
import shutil
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

import emoji
import vae_train


@torch.no_grad()
def latents_of(vae, pictures):
    return torch.cat([vae.encode(torch.from_numpy(part.copy()).permute(0, 3, 1, 2).float() / 127.5 - 1)
                      .latent_dist.mean for part in np.array_split(pictures, max(1, len(pictures) // 16))])


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.out.exists():
        return print("vae export: done before")
    state = torch.load(args.work / "vae-polished.pt", weights_only=False)
    vae = AutoencoderKL(**vae_train.CONFIG)
    vae.load_state_dict(state["vae"])
    pictures = np.load(args.work / "unet.npz")
    places = emoji.taught()[1]
    fold(vae, latents_of(vae, np.concatenate([pictures["noto"][places], pictures["twemoji"][places]])))
    partial = args.out.with_name(args.out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    vae.half().save_pretrained(partial)
    os.replace(partial, args.out)
    print(f"vae export: {args.out.name}")


if __name__ == "__main__":
    main()
