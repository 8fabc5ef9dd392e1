"""Forward passes of diffusers and transformers at SD 1.5's size: UNet with guidance (batch 2), VAE encode and decode, text encoder."""

import measuring  # noqa: I001

import argparse

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from sizes import TEXT, UNET, VAE


def action(part, px, dtype, channels_last):
    side = px // 8
    place = (lambda m: m.to(memory_format=torch.channels_last)) if channels_last else (lambda m: m)
    if part == "unet":
        model = place(UNet2DConditionModel(**UNET["sd15"]).to(dtype).eval())
        x, text = torch.randn(2, 4, side, side, dtype=dtype), torch.randn(2, 77, 768, dtype=dtype)
        return lambda: model(x, 500, text, return_dict=False)[0]
    if part == "text":
        model = CLIPTextModel(CLIPTextConfig(**TEXT)).to(dtype).eval()
        ids = torch.randint(0, 49000, (2, 77))
        return lambda: model(ids).last_hidden_state
    model = place(AutoencoderKL(**VAE).to(dtype).eval())
    if part == "vae_encode":
        image = torch.randn(1, 3, px, px, dtype=dtype)
        return lambda: model.encode(image).latent_dist.mean
    latents = torch.randn(1, 4, side, side, dtype=dtype)
    return lambda: model.decode(latents, return_dict=False)[0]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--part", default="unet", choices=["unet", "vae_encode", "vae_decode", "text"])
    p.add_argument("--px", type=int, default=256)
    p.add_argument("--dtype", default="bf16", choices=["fp32", "bf16"])
    p.add_argument("--channels-last", action="store_true")
    p.add_argument("--steps", type=int, default=5)
    a = p.parse_args()
    torch.manual_seed(0)
    with torch.inference_mode():
        run = action(a.part, a.px, {"fp32": torch.float32, "bf16": torch.bfloat16}[a.dtype], a.channels_last)
        measuring.report(measuring.repeat(a.steps, run), **vars(a))


main()
