"""100 training steps of diffusers + PEFT on the tiny SD 1.x UNet: the loss at each step and the adapter at the end.

Every curve starts from the same adapter and sees the same latents, noise, timesteps and text states, all stored in inputs.safetensors.
"""

import math

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from peft import LoraConfig
from prodigyopt import Prodigy
from transformers.optimization import Adafactor, get_cosine_schedule_with_warmup

from common import TRAINER, normal, save
from lora import adapter, load, targets

OUT = TRAINER / "curves"
STEPS, BATCH, TEXTS, RANK, ALPHA = 100, 2, 8, 4, 8

OPTIMISERS = {
    "adamw": (torch.optim.AdamW, dict(lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)),
    "sgd": (torch.optim.SGD, dict(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.0)),
    "adafactor": (Adafactor, dict(lr=2e-3, scale_parameter=False, relative_step=False, warmup_init=False, clip_threshold=1.0, decay_rate=-0.8,
                                  eps=(1e-30, 1e-3), beta1=None, weight_decay=0.0)),
    "prodigy": (Prodigy, dict(lr=1.0, betas=(0.9, 0.99), beta3=None, eps=1e-8, weight_decay=0.01, decouple=True, use_bias_correction=True,
                              safeguard_warmup=True, d0=1e-4, d_coef=1.0)),
}


def inputs():
    g = torch.Generator().manual_seed(11)
    return {
        "latents": torch.randn(STEPS, BATCH, 4, 4, 4, generator=g),
        "noise": torch.randn(STEPS, BATCH, 4, 4, 4, generator=g),
        "timesteps": torch.randint(0, 1000, (STEPS, BATCH), generator=g),
        "text": torch.randn(TEXTS, BATCH, 7, 32, generator=g),
    }


def unet(dtype, **more):
    model = load("sd1")
    model.add_adapter(LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets(["attention"]), **more))
    with torch.no_grad():
        for key, p in adapter(model).items():
            if key.endswith("lora_A"):
                p.copy_(normal(*p.shape, of=("curve", key)) / p[0].numel() ** 0.5)
    return model.to(dtype).train()


def train(data, optimiser, dtype=torch.float32, cosine=False, clip=None, **more):
    model = unet(dtype, **more)
    trained = adapter(model)
    kind, settings = OPTIMISERS[optimiser]
    opt = kind(list(trained.values()), **settings)
    rate = get_cosine_schedule_with_warmup(opt, 10, STEPS) if cosine else None
    schedule = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000)
    losses, norms = [], []
    for i in range(STEPS):
        x, n, t = data["latents"][i].to(dtype), data["noise"][i].to(dtype), data["timesteps"][i]
        prediction = model(schedule.add_noise(x, n, t), t, data["text"][i % TEXTS].to(dtype), return_dict=False)[0]
        loss = F.mse_loss(prediction, n)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(trained.values(), clip if clip else math.inf).item())
        opt.step()
        opt.zero_grad()
        if rate:
            rate.step()
        losses.append(loss.item())
    return torch.tensor(losses, dtype=torch.float64), torch.tensor(norms, dtype=torch.float64), trained, settings


def case(name, data, optimiser, final=False, **how):
    losses, norms, trained, settings = train(data, optimiser, **how)
    exact = train(data, optimiser, dtype=torch.float64, **how)[0]
    drift = ((losses - exact).abs() / exact).max().item()
    print(f"  {name}: {losses[0]:.4f} -> {losses[-10:].mean():.4f}; fp32 strays from fp64 by {drift:.1e}")
    tensors = {"out.loss": losses, "out.grad_norm": norms}
    if final:
        tensors |= {f"out.adapter.{k}": p for k, p in trained.items()}
    save(OUT / f"{name}.safetensors", tensors, optimiser=optimiser, settings={k: v for k, v in settings.items()}, steps=STEPS, rank=RANK, alpha=ALPHA,
         groups=["attention"], model="sd1", warmup_then_cosine=10 if how.get("cosine") else None, clip=how.get("clip"),
         use_dora=bool(how.get("use_dora")), use_rslora=bool(how.get("use_rslora")), fp32_against_fp64=drift)


def main():
    data = inputs()
    start = {k: p for k, p in adapter(unet(torch.float32)).items() if k.endswith("lora_A")}
    save(OUT / "inputs.safetensors", {f"in.{k}": v for k, v in data.items()} | {f"in.adapter.{k}": p for k, p in start.items()},
         text="step i (from 0) takes in.text[i % 8]", start="lora_B starts at zero, DoRA's magnitude at the norm of each row of the base weight",
         schedule="scaled_linear 0.00085 to 0.012, epsilon", gradient_norm="before clipping")
    case("lora-adamw", data, "adamw", final=True)
    case("lora-adamw-cosine-clip", data, "adamw", cosine=True, clip=0.05)
    case("rslora-adamw", data, "adamw", use_rslora=True)
    case("dora-adamw", data, "adamw", final=True, use_dora=True)
    for optimiser in ("sgd", "adafactor", "prodigy"):
        case(f"lora-{optimiser}", data, optimiser)
        case(f"dora-{optimiser}", data, optimiser, use_dora=True)


if __name__ == "__main__":
    main()
