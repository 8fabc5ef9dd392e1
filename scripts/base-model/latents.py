"""Encodes every taught drawing once, in three versions, with the frozen autoencoder: WORK/latents/STYLE.npz.

As measured, on white; the same on a colour; another size and place, mirrored where the motif allows, on white or a
colour. float16 latents (n, 3, 4, 16, 16), the papers' names (n, 3), "" for white, and the captions (n).
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

import captions
import fused
import prepare
import render
import styles
import vae_freeze

VERSIONS = 3


def paper(style, chance):
    names = [name for name in captions.COLOURS if name != "black" or not style.monochrome]
    return chance.choice(names)


def versions(picture, style, caption, group, chance):
    """(RGB (3, 128, 128, 3), names of the papers)."""
    coloured = paper(style, chance)
    moved = picture[1 + chance.randrange(len(picture) - 1)]
    if captions.mirrorable(caption, group) and chance.random() < 0.5:
        moved = moved[:, ::-1]
    other = paper(style, chance) if chance.random() < 0.3 else ""
    papers = ["", coloured, other]
    shown = [render.on_colour(rgba, captions.COLOURS.get(name, (255, 255, 255)))
             for rgba, name in zip((picture[0], picture[0], moved), papers)]
    return np.stack(shown), papers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    args = parser.parse_args()
    table = json.loads((args.work / "motifs.json").read_text("utf-8"))
    caption_of = {code: caption for caption, code in table["motifs"].items()}
    vae = AutoencoderKL.from_pretrained(args.vae, torch_dtype=torch.float32)
    vae.to(memory_format=torch.channels_last).eval()
    fused.install(vae)
    folder = args.work / "latents"
    folder.mkdir(exist_ok=True)
    for style in styles.STYLES:
        target = folder / f"{style.key}.npz"
        if target.exists():
            continue
        chance = random.Random(style.key)
        pictures = np.load(args.work / "pictures" / f"{style.key}.npy", mmap_mode="r")
        found, papers, names = [], [], []
        for i, code in enumerate(table["codes"][style.key]):
            if code in caption_of:
                shown, paper_names = versions(pictures[i], style, caption_of[code], table["groups"][code], chance)
                found.append(shown)
                papers.append(paper_names)
                names.append(caption_of[code])
        latents = vae_freeze.latents_of(vae, np.concatenate(found)).reshape(len(found), VERSIONS, 4, 16, 16)
        values = {"latents": latents.numpy().astype(np.float16), "papers": np.array(papers), "captions": np.array(names)}
        prepare.save(target, lambda f: np.savez(f, **values))
        print(f"latents: {style.key}: {len(found)} drawings, deviation {latents.std():.3f}", flush=True)


if __name__ == "__main__":
    main()
