"""Trains text encoder and UNet from nothing on cached latents of the captioned drawings; v-prediction, as SD 2.

v = sqrt(abar) eps - sqrt(1 - abar) x0 (Salimans and Ho, 2022). The rate is constant, so a training can be continued at
any time; --decay brings it to an end.
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextConfig, CLIPTextModel

import captions
import emoji
import fused
import styles
import tokenizer
import training

WIDTH = 192
UNET = dict(
    sample_size=16, in_channels=4, out_channels=4, block_out_channels=(64, 128, 256), layers_per_block=1,
    norm_num_groups=16, cross_attention_dim=WIDTH, attention_head_dim=(1, 2, 4),
    down_block_types=("CrossAttnDownBlock2D",) * 3, up_block_types=("CrossAttnUpBlock2D",) * 3)
SCHEDULER = dict(
    num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
    set_alpha_to_one=False, steps_offset=1, prediction_type="v_prediction", timestep_spacing="trailing")
# How often each of a drawing's versions (latents.py) is shown, of those that are there.
SHARES = (0.6, 0.15, 0.25)


def models(vocabulary_size):
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=vocabulary_size, hidden_size=WIDTH, intermediate_size=512, projection_dim=WIDTH, num_hidden_layers=3,
        num_attention_heads=3, max_position_embeddings=tokenizer.LENGTH, hidden_act="quick_gelu",
        bos_token_id=vocabulary_size - 2, eos_token_id=vocabulary_size - 1, pad_token_id=vocabulary_size - 1))
    return UNet2DConditionModel(**UNET).to(memory_format=torch.channels_last), text


class Drawings:
    """Rounds over all drawings in random order; each time one of its versions and one of its names."""

    def __init__(self, work, words, seed):
        versions = [v for v in range(len(SHARES))
                    if all((work / "latents" / f"{style.key}-{v}.npz").exists() for style in styles.TAUGHT)]
        self.shares = [SHARES[v] for v in versions]
        latents, papers, self.rows = [], [], []
        known = set(emoji.captions("taught.txt"))
        for v in versions:
            files = [np.load(work / "latents" / f"{style.key}-{v}.npz") for style in styles.TAUGHT]
            kept = [[i for i, name in enumerate(file["captions"].tolist()) if name in known] for file in files]
            latents.append(torch.cat([torch.from_numpy(file["latents"][rows]) for file, rows in zip(files, kept)]))
            papers.append(sum((file["papers"][rows].tolist() for file, rows in zip(files, kept)), []))
            self.rows = [(name, style.name) for file, rows, style in zip(files, kept, styles.TAUGHT)
                         for name in file["captions"][rows].tolist()]
        self.latents, self.papers, self.words = torch.stack(latents, 1), list(zip(*papers)), words
        self.random, self.order = random.Random(seed), []

    def batch(self, count):
        """(latents (count, 4, 16, 16), tokens (count, 77))."""
        while len(self.order) < count:
            self.order += self.random.sample(range(len(self.rows)), len(self.rows))
        rows, self.order = self.order[:count], self.order[count:]
        versions = self.random.choices(range(len(self.shares)), self.shares, k=count)
        texts = [captions.called(*self.rows[i], self.papers[i][v] or None, self.random) for i, v in zip(rows, versions)]
        tokens = self.words(texts, padding="max_length", max_length=tokenizer.LENGTH, truncation=True,
                            return_tensors="pt").input_ids
        return self.latents[rows, versions].float(), tokens


def timesteps(count, generator):
    """One per slice of the range, pushed upward: shape and colour are decided at high noise."""
    u = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    return (1000 * u ** 0.65).long().clamp(max=999)[torch.randperm(count, generator=generator)]


def split(unet, text):
    matrices, others = [], []
    for module in (unet, text):
        for name, parameter in module.named_parameters():
            edge = name.startswith(("conv_in", "conv_out")) or "embedding" in name
            (matrices if parameter.ndim > 1 and not edge else others).append(parameter)
    return matrices, others


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6000, help="at the constant rate")
    parser.add_argument("--decay", type=int, default=0, help="steps after that, to rate nothing")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--start", type=Path, help="an exported model whose text encoder and UNet to go on from")
    parser.add_argument("--state", type=Path, help="default WORK/unet-state.pt")
    args = parser.parse_args()
    state_file = args.state or args.work / "unet-state.pt"
    state = torch.load(state_file, weights_only=False) if state_file.exists() else None
    end = args.steps + args.decay
    if state and state["step"] >= end:
        return print(f"unet: done before, {state['step']} steps")

    torch.manual_seed(0)
    words = tokenizer.CLIPTokenizer.from_pretrained(args.tokenizer)
    unet, text = models(len(words))
    if args.start and not state:
        unet.load_state_dict(UNet2DConditionModel.from_pretrained(args.start / "unet", torch_dtype=torch.float32).state_dict())
        text.load_state_dict(CLIPTextModel.from_pretrained(args.start / "text_encoder", torch_dtype=torch.float32).state_dict())
    # Plain products and a softmax are faster on CPU than the fused attention, backwards above all.
    unet.set_attn_processor(AttnProcessor())
    fused.install(unet)
    both = list(unet.parameters()) + list(text.parameters())
    solvers = training.optimisers(*split(unet, text), args.lr, weight_decay=0.02)
    average = training.Average([unet, text], 0.999)
    step, used = 0, 0.0
    if state:
        unet.load_state_dict(state["unet"])
        text.load_state_dict(state["text"])
        average.values = state["average"]
        step, used = state["step"], state["used"]
        if state.get("solvers"):
            for solver, kept in zip(solvers, state["solvers"]):
                solver.load_state_dict(kept)
    drawings = Drawings(args.work, words, step)
    sizes = [sum(p.numel() for p in module.parameters()) / 1e6 for module in (unet, text)]
    print(f"unet: {len(drawings.rows)} drawings, {sizes[0]:.2f} M parameters, text {sizes[1]:.2f} M, from step {step}",
          flush=True)
    schedule = training.Schedule(args.lr, warm=100)
    if args.decay:
        schedule.begin_decay(args.steps, args.decay)
    generator = torch.Generator().manual_seed(step)
    abar = DDIMScheduler(**SCHEDULER).alphas_cumprod
    stop = training.Stop()
    saved = shown = time.process_time()
    before, losses, recent = saved - used, [], state["loss"] if state else 1.0
    while step < end:
        clean, tokens = drawings.batch(args.batch)
        noise = torch.randn(clean.shape, generator=generator)
        t = timesteps(args.batch, generator)
        a = abar[t].view(-1, 1, 1, 1)
        noisy, target = a.sqrt() * clean + (1 - a).sqrt() * noise, a.sqrt() * noise - (1 - a).sqrt() * clean
        with torch.autocast("cpu", torch.bfloat16):
            context = text(tokens).last_hidden_state
            guess = unet(noisy.contiguous(memory_format=torch.channels_last), t, context).sample
        loss = ((guess.float() - target) ** 2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both, 1.0)
        for solver in solvers:
            for group in solver.param_groups:
                group["lr"] = schedule.rate(step)
            solver.step()
            solver.zero_grad()
        step += 1
        average.update(step)
        losses.append(loss.item())
        now = time.process_time()
        if now - shown > 60 or step >= end:
            recent = float(np.mean(losses))
            print(f"unet: {(now - before) / 60:.1f} CPU min step {step} loss {recent:.4f} "
                  f"rounds {step * args.batch / len(drawings.rows):.1f}", flush=True)
            losses, shown = [], now
        if now - saved > 150 or step >= end or stop.asked:
            training.save(state_file, {
                "unet": unet.state_dict(), "text": text.state_dict(), "average": average.values, "step": step,
                "solvers": [s.state_dict() for s in solvers], "used": now - before, "loss": recent})
            saved = now
        if stop.asked:
            raise SystemExit(143)


if __name__ == "__main__":
    main()
