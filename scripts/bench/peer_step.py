"""A training step of diffusers + PEFT, in the order of diffusers' own text-to-image LoRA example: noise, UNet, loss, backward, clip, AdamW."""

import measuring  # noqa: I001 - first, for the clock

import argparse
import time

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, UNet2DConditionModel
from peft import LoraConfig

from sizes import TARGETS, UNET


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--model", default="sd15", choices=UNET)
    p.add_argument("--px", type=int, default=256)
    p.add_argument("--dtype", default="fp32", choices=["fp32", "bf16"])
    p.add_argument("--batch", type=int, default=1)
    p.add_argument("--rank", type=int, default=16)
    p.add_argument("--targets", default="attention", help="groups joined by commas")
    p.add_argument("--steps", type=int, default=6)
    p.add_argument("--dora", action="store_true")
    p.add_argument("--checkpointing", action="store_true")
    p.add_argument("--channels-last", action="store_true")
    return p.parse_args()


def main():
    a = arguments()
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[a.dtype]
    torch.manual_seed(0)
    unet = UNet2DConditionModel(**UNET[a.model]).requires_grad_(False).to(dtype)
    targets = [t for group in a.targets.split(",") for t in TARGETS[group]]
    unet.add_adapter(LoraConfig(r=a.rank, lora_alpha=a.rank, init_lora_weights="gaussian", target_modules=targets, use_dora=a.dora))
    trained = [p for p in unet.parameters() if p.requires_grad]
    for p in trained:
        p.data = p.data.float()
    if a.checkpointing:
        unet.enable_gradient_checkpointing()
    if a.channels_last:
        unet.to(memory_format=torch.channels_last)
    unet.train()
    optimiser = torch.optim.AdamW(trained, lr=1e-4)
    schedule = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000)
    side = a.px // 8
    text = torch.randn(a.batch, 77, unet.config.cross_attention_dim, dtype=dtype)
    ended = []

    def step():
        latents = torch.randn(a.batch, 4, side, side, dtype=dtype)
        noise = torch.randn_like(latents)
        timesteps = torch.randint(0, 1000, (a.batch,))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype is torch.bfloat16):
            prediction = unet(schedule.add_noise(latents, noise, timesteps), timesteps, text, return_dict=False)[0]
        loss = F.mse_loss(prediction.float(), noise.float())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        ended.append(time.time())

    seconds = measuring.repeat(a.steps, step)
    measuring.report(seconds, first_step_at=round(ended[0] - measuring.BEGAN, 2), trained=sum(p.numel() for p in trained), **vars(a))


main()
