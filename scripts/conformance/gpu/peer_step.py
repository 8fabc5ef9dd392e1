"""A training step of diffusers + PEFT on CUDA, as diffusers' own text-to-image LoRA example makes it: noise, UNet under autocast, loss, backward,
unscaling, clipping, AdamW. On the stub it marks each step in the account; on a GPU it times them. Prints one line of JSON."""

import argparse
import ctypes
import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "bench")]

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, UNet2DConditionModel
from peft import LoraConfig

from sizes import TARGETS
from whole import UNETS

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--model", default="sd15", choices=UNETS)
    p.add_argument("--px", type=int, default=512)
    p.add_argument("--dtype", default="fp16", choices=DTYPES)
    p.add_argument("--batch", type=int, default=1)
    p.add_argument("--rank", type=int, default=16)
    p.add_argument("--targets", default="attention,feed_forward,projections", help="groups joined by commas")
    p.add_argument("--steps", type=int, default=4)
    p.add_argument("--checkpointing", action="store_true")
    return p.parse_args()


def marker():
    """What marks a step on the stub; None on a real GPU."""
    loaded = [p for p in os.environ.get("LD_PRELOAD", "").split(":") if "libcudart" in p]
    return ctypes.CDLL(loaded[0]).fake_mark if loaded else None


def network(a, dtype):
    """Weights of nothing, or random ones where they are computed with."""
    with torch.device("meta"):
        unet = UNet2DConditionModel(**UNETS[a.model])
    unet = unet.to(dtype).to_empty(device="cuda").requires_grad_(False)
    if not marker():
        for p in unet.parameters():
            p.normal_(std=0.8 / max(1, p[0].numel()) ** 0.5) if p.dim() > 1 else p.fill_(0)
    return unet


def main():
    a = arguments()
    mark = marker()
    dtype = DTYPES[a.dtype]
    unet = network(a, dtype)
    targets = [t for group in a.targets.split(",") for t in TARGETS[group]]
    unet.add_adapter(LoraConfig(r=a.rank, lora_alpha=a.rank, init_lora_weights="gaussian", target_modules=targets))
    trained = [p for p in unet.parameters() if p.requires_grad]
    for p in trained:
        p.data = p.data.float()
    if a.checkpointing:
        unet.enable_gradient_checkpointing()
    unet.train()
    optimiser = torch.optim.AdamW(trained, lr=1e-4)
    schedule = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000)
    scaler = torch.amp.GradScaler("cuda", enabled=a.dtype == "fp16")
    side = a.px // 8
    text = torch.randn(a.batch, 77, unet.config.cross_attention_dim, dtype=dtype, device="cuda")
    latents = torch.randn(a.batch, 4, side, side, dtype=dtype, device="cuda")
    added = None
    if a.model == "sdxl":
        added = {"text_embeds": torch.zeros(a.batch, 1280, dtype=dtype, device="cuda"), "time_ids": torch.zeros(a.batch, 6, dtype=dtype, device="cuda")}

    def step():
        noise = torch.randn_like(latents)
        timesteps = torch.randint(0, 1000, (a.batch,), device="cuda")
        with torch.autocast("cuda", dtype=dtype, enabled=dtype != torch.float32):
            prediction = unet(schedule.add_noise(latents, noise, timesteps), timesteps, text, added_cond_kwargs=added, return_dict=False)[0]
        loss = F.mse_loss(prediction.float(), noise.float())
        scaler.scale(loss).backward()
        scaler.unscale_(optimiser)
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        scaler.step(optimiser)
        scaler.update()
        optimiser.zero_grad()
        return loss.detach().item()

    seconds = []
    for _ in range(a.steps):
        began = time.perf_counter()
        loss = step()
        seconds.append(round(time.perf_counter() - began, 5))
        if mark:
            mark(b"step")
    print(json.dumps({**vars(a), "trained": sum(p.numel() for p in trained), "seconds": seconds, "loss": loss,
                      "reserved_mib": torch.cuda.max_memory_reserved() >> 20, "allocated_mib": torch.cuda.max_memory_allocated() >> 20}))


if __name__ == "__main__":
    main()
