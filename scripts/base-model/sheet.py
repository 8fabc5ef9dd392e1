"""Draws a contact sheet, a row a motif and a column a style, each drawn picture above the real one."""

import argparse
import json
import os
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

import captions
import render
import styles

MOTIFS = ("red apple", "dog face", "elephant", "grinning face", "guitar", "rocket", "house with garden", "hamburger")


@torch.no_grad()
def draw(pipe, prompts, steps, guidance, seed, batch=32):
    """bf16 where the processor has it fast costs no quality that these measurements see."""
    pipe.set_progress_bar_config(disable=True)
    pictures = []
    for start in range(0, len(prompts), batch):
        part = prompts[start:start + batch]
        seeds = [torch.Generator().manual_seed(seed + start + i) for i in range(len(part))]
        with torch.autocast("cpu", torch.bfloat16):
            found = pipe(part, num_inference_steps=steps, guidance_scale=guidance, generator=seeds, height=128,
                         width=128, output_type="pt").images
        pictures.append((found.float() * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(pictures)


def grid(pictures, columns):
    rows = [np.concatenate(list(pictures[i:i + columns]), 1) for i in range(0, len(pictures), columns)]
    width = max(row.shape[1] for row in rows)
    return Image.fromarray(np.concatenate(
        [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]))


def real(work, table, caption, style):
    codes = table["codes"][style.key]
    code = table["motifs"][caption]
    if code not in codes:
        return np.full((128, 128, 3), 235, np.uint8)
    stored = np.load(work / "pictures" / f"{style.key}.npy", mmap_mode="r")
    return render.on_colour(stored[codes.index(code), 0])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--motifs", default=",".join(MOTIFS), help="captions, with commas between")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    pipe = StableDiffusionPipeline.from_pretrained(args.model, torch_dtype=torch.float32, safety_checker=None)
    motifs, table = args.motifs.split(","), json.loads((args.work / "motifs.json").read_text("utf-8"))
    prompts = [captions.asked(motif, style.name) for motif in motifs for style in styles.TAUGHT]
    drawn = draw(pipe, prompts, args.steps, args.guidance, args.seed).reshape(len(motifs), -1, 128, 128, 3)
    rows = []
    for i, motif in enumerate(motifs):
        rows += list(drawn[i]) + [real(args.work, table, motif, style) for style in styles.TAUGHT]
    partial = args.out.with_name(".partial.png")
    grid(np.stack(rows), len(styles.TAUGHT)).save(partial)
    os.replace(partial, args.out)
    print(f"sheet: {args.out.name}: {', '.join(motifs)}; {', '.join(style.name for style in styles.TAUGHT)}")


if __name__ == "__main__":
    main()
