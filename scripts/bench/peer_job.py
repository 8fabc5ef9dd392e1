"""The whole job as diffusers' text-to-image LoRA example does it: pictures through the VAE and captions through the text encoder in every step.

Reads image and caption from a CSV, trains for the given steps, writes the LoRA file. One line of JSON: the seconds are the whole process's.
"""

import measuring  # noqa: I001

import argparse
import csv
import time
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDPMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.optimization import get_scheduler
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

from sizes import TARGETS


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--model", required=True)
    p.add_argument("--pairs", required=True)
    p.add_argument("--images", required=True)
    p.add_argument("--px", type=int, default=128)
    p.add_argument("--steps", type=int, default=300)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--rank", type=int, default=16)
    p.add_argument("--targets", default="attention,feed_forward,projections")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--dtype", default="fp32", choices=["fp32", "bf16"])
    p.add_argument("--out", required=True)
    return p.parse_args()


class Pairs(torch.utils.data.Dataset):
    def __init__(self, a, tokenizer):
        with open(a.pairs, newline="") as f:
            self.rows = list(csv.DictReader(f))
        self.folder, self.px, self.tokenizer = Path(a.images), a.px, tokenizer

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        row = self.rows[i]
        picture = Image.open(self.folder / row["image"]).convert("RGB").resize((self.px, self.px), Image.BILINEAR)
        pixels = torch.from_numpy(numpy.asarray(picture, dtype=numpy.float32) / 127.5 - 1).permute(2, 0, 1)
        ids = self.tokenizer(row["caption"], padding="max_length", truncation=True, max_length=self.tokenizer.model_max_length, return_tensors="pt").input_ids[0]
        return pixels, ids


def main():
    a = arguments()
    torch.manual_seed(0)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[a.dtype]
    load = lambda kind, part: kind.from_pretrained(a.model, subfolder=part).requires_grad_(False).to(dtype)
    unet, vae, text = load(UNet2DConditionModel, "unet"), load(AutoencoderKL, "vae"), load(CLIPTextModel, "text_encoder")
    schedule = DDPMScheduler.from_pretrained(a.model, subfolder="scheduler")
    unet.add_adapter(LoraConfig(r=a.rank, lora_alpha=a.rank, init_lora_weights="gaussian", target_modules=[t for g in a.targets.split(",") for t in TARGETS[g]]))
    trained = [p for p in unet.parameters() if p.requires_grad]
    for p in trained:
        p.data = p.data.float()
    optimiser = torch.optim.AdamW(trained, lr=a.lr, weight_decay=1e-2)
    rate = get_scheduler("cosine", optimiser, num_warmup_steps=0, num_training_steps=a.steps)
    loader = torch.utils.data.DataLoader(Pairs(a, CLIPTokenizer.from_pretrained(a.model, subfolder="tokenizer")), batch_size=a.batch, shuffle=True)
    unet.train()
    first, done, losses = None, 0, []
    while done < a.steps:
        for pixels, ids in loader:
            latents = vae.encode(pixels.to(dtype)).latent_dist.sample() * vae.config.scaling_factor
            noise = torch.randn_like(latents)
            timesteps = torch.randint(0, 1000, (len(latents),))
            noisy, states = schedule.add_noise(latents, noise, timesteps), text(ids, return_dict=False)[0]
            target = schedule.get_velocity(latents, noise, timesteps) if schedule.config.prediction_type == "v_prediction" else noise
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype is torch.bfloat16):
                prediction = unet(noisy, timesteps, states, return_dict=False)[0]
            loss = F.mse_loss(prediction.float(), target.float())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimiser.step()
            rate.step()
            optimiser.zero_grad()
            losses.append(loss.item())
            first = first or time.time() - measuring.BEGAN
            done += 1
            if done == a.steps:
                break
    state = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet))
    StableDiffusionPipeline.save_lora_weights(a.out, unet_lora_layers=state)
    whole = time.time() - measuring.BEGAN
    measuring.report([whole], first_step_at=round(first, 2), loss=round(sum(losses[-20:]) / len(losses[-20:]), 4))


main()
