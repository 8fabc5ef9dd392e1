"""Trains text encoder and UNet from nothing on cached latents of the captioned drawings; v-prediction, as SD 2.

v = sqrt(abar) eps - sqrt(1 - abar) x0 (Salimans and Ho, 2022).
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextConfig, CLIPTextModel

import captions
import emoji
import tokenizer
import training

UNET = dict(
    sample_size=16, in_channels=4, out_channels=4, block_out_channels=(64, 128, 192), layers_per_block=1,
    norm_num_groups=16, cross_attention_dim=128, attention_head_dim=(2, 4, 6),
    down_block_types=("CrossAttnDownBlock2D",) * 3, up_block_types=("CrossAttnUpBlock2D",) * 3)
SCHEDULER = dict(
    num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
    set_alpha_to_one=False, steps_offset=1, prediction_type="v_prediction", timestep_spacing="trailing")


def models(vocabulary_size):
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=vocabulary_size, hidden_size=128, intermediate_size=384, projection_dim=128, num_hidden_layers=3,
        num_attention_heads=4, max_position_embeddings=tokenizer.LENGTH, hidden_act="quick_gelu",
        bos_token_id=vocabulary_size - 2, eos_token_id=vocabulary_size - 1, pad_token_id=vocabulary_size - 1))
    return UNet2DConditionModel(**UNET).to(memory_format=torch.channels_last), text


@torch.no_grad()
def cached_latents(vae_folder, work):
    vae = AutoencoderKL.from_pretrained(vae_folder, torch_dtype=torch.float32)
    sets = np.load(work / "unet.npz")
    places = emoji.taught()[1]
    pictures = np.concatenate([sets["noto"][places], sets["twemoji"][places]])
    parts = []
    for part in np.array_split(pictures, len(pictures) // 16):
        x = torch.from_numpy(part).permute(0, 3, 1, 2).float() / 127.5 - 1
        parts.append(vae.encode(x).latent_dist.mean * vae.config.scaling_factor)
    return torch.cat(parts)


def timesteps(count, random):
    """One per slice of the range, pushed upward: shape and colour are decided at high noise."""
    u = (torch.arange(count) + torch.rand(count, generator=random)) / count
    return (1000 * u ** 0.55).long().clamp(max=999)[torch.randperm(count, generator=random)]


def next_round(captions_taught, random):
    """Every Twemoji drawing and a quarter of Noto's: one drawing to a caption, well known, beats two that blur."""
    noto = torch.randperm(captions_taught, generator=random)[:captions_taught // 4]
    rows = torch.cat([noto, torch.arange(captions_taught, 2 * captions_taught)])
    return rows[torch.randperm(len(rows), generator=random)].tolist()


def split(unet, text):
    matrices, others = [], []
    for module in (unet, text):
        for name, parameter in module.named_parameters():
            edge = name.startswith(("conv_in", "conv_out")) or "embedding" in name
            (matrices if parameter.ndim > 1 and not edge else others).append(parameter)
    return matrices, others


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=80)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--batch", type=int, default=32)
    args = parser.parse_args()
    state_file = args.work / "unet-state.pt"
    state = torch.load(state_file, weights_only=False) if state_file.exists() else None
    if state and state["used"] >= 60 * args.minutes:
        return print("unet: done before")

    torch.manual_seed(0)
    texts, rows = captions.table(args.npm)
    words = tokenizer.CLIPTokenizer.from_pretrained(args.tokenizer)
    tokens = words(texts, padding="max_length", max_length=tokenizer.LENGTH, truncation=True,
                   return_tensors="pt").input_ids
    choices = [torch.tensor(row) for row, _ in rows]
    weights = [torch.tensor(weight) for _, weight in rows]
    latents = cached_latents(args.vae, args.work)
    print(f"unet: {len(latents)} drawings, {len(texts)} texts, latents' deviation {latents.std():.3f}", flush=True)
    unet, text = models(len(words))
    print(f"unet: {sum(p.numel() for p in unet.parameters()) / 1e6:.2f} M parameters, text "
          f"{sum(p.numel() for p in text.parameters()) / 1e6:.2f} M", flush=True)
    # Plain products and a softmax are faster on CPU than the fused attention, backwards above all.
    unet.set_attn_processor(AttnProcessor())
    both = list(unet.parameters()) + list(text.parameters())
    solvers = training.optimisers(*split(unet, text), args.lr, weight_decay=0.02)
    average = training.Average([unet, text], 0.996)
    step = 0
    if state:
        unet.load_state_dict(state["unet"])
        text.load_state_dict(state["text"])
        average.values = state["average"]
        for solver, kept in zip(solvers, state["solvers"]):
            solver.load_state_dict(kept)
        step = state["step"]
    clock = training.Clock(60 * args.minutes, state["used"] if state else 0.0)
    random = torch.Generator().manual_seed(step)
    abar = DDIMScheduler(**SCHEDULER).alphas_cumprod
    order, losses, shown, saved = [], [], time.monotonic(), time.monotonic()
    while clock.share() < 1:
        while len(order) < args.batch:
            order += next_round(len(latents) // 2, random)
        rows_now, order = order[:args.batch], order[args.batch:]
        clean = latents[rows_now]
        called = [choices[i][torch.multinomial(weights[i], 1, generator=random)].item() for i in rows_now]
        noise = torch.randn(clean.shape, generator=random)
        t = timesteps(args.batch, random)
        a = abar[t].view(-1, 1, 1, 1)
        noisy, target = a.sqrt() * clean + (1 - a).sqrt() * noise, a.sqrt() * noise - (1 - a).sqrt() * clean
        with torch.autocast("cpu", torch.bfloat16):
            context = text(tokens[called]).last_hidden_state
            guess = unet(noisy.contiguous(memory_format=torch.channels_last), t, context).sample
        loss = ((guess.float() - target) ** 2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both, 1.0)
        for solver in solvers:
            for group in solver.param_groups:
                group["lr"] = args.lr * clock.factor(flat=0.3)
            solver.step()
            solver.zero_grad()
        step += 1
        average.update(step)
        losses.append(loss.item())
        if time.monotonic() - shown > 60:
            print(f"unet: {clock.used() / 60:.1f} min step {step} loss {np.mean(losses):.4f} "
                  f"rounds {step * args.batch / (1.25 * len(latents) / 2):.0f}", flush=True)
            recent, losses, shown = float(np.mean(losses)), [], time.monotonic()
        if time.monotonic() - saved > 150 or clock.share() >= 1:
            training.save(state_file, {
                "unet": unet.state_dict(), "text": text.state_dict(), "average": average.values, "step": step,
                "solvers": [s.state_dict() for s in solvers], "used": clock.used(),
                "loss": float(np.mean(losses)) if len(losses) > 50 else recent})
            saved = time.monotonic()


if __name__ == "__main__":
    main()
