"""Latents of pictures by a loop over diffusers' VAE, one picture at a time, as cached training scripts make them."""

import measuring  # noqa: I001

import argparse
from pathlib import Path

import numpy
import torch
from diffusers import AutoencoderKL
from PIL import Image


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--model", required=True)
    p.add_argument("--images", required=True, help="a folder of PNG files")
    p.add_argument("--px", type=int, default=512)
    p.add_argument("--dtype", default="bf16", choices=["fp32", "bf16"])
    p.add_argument("--channels-last", action="store_true")
    p.add_argument("--count", type=int, default=1000)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[a.dtype]
    vae = AutoencoderKL.from_pretrained(a.model, subfolder="vae").to(dtype).eval()
    if a.channels_last:
        vae.to(memory_format=torch.channels_last)
    files = sorted(Path(a.images).glob("*.png"))
    seconds, latents = [], []
    with torch.inference_mode():
        for i in range(a.count):
            def one():
                picture = Image.open(files[i % len(files)]).convert("RGB").resize((a.px, a.px), Image.LANCZOS)
                pixels = torch.from_numpy(numpy.asarray(picture, dtype=numpy.float32) / 127.5 - 1).permute(2, 0, 1)[None]
                latents.append(vae.encode(pixels.to(dtype)).latent_dist.mean)
            seconds += measuring.repeat(1, one)
    torch.save(torch.cat(latents), a.out)
    measuring.report(seconds, count=a.count)


main()
