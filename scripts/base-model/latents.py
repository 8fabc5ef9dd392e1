"""Encodes every taught drawing in three versions with the frozen autoencoder: WORK/latents/STYLE-VERSION.npz.

0: as measured, on white. 1: the same on a colour. 2: another size and place, mirrored where the motif allows, on white
or a colour. float16 latents (n, 4, 16, 16), the papers' names (n), "" for white, and the captions (n).
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

import captions
import emoji
import fused
import prepare
import render
import styles
import vae_freeze

VERSIONS = 3


def paper(style, chance):
    names = [name for name in captions.COLOURS if name != "black" or not style.monochrome]
    return chance.choice(names)


def shown(places, version, style, caption, group, chance):
    """(RGB (128, 128, 3), name of the paper) of a drawing's RGBA in its places (prepare.py)."""
    rgba, name = places[0], ""
    if version == 1:
        name = paper(style, chance)
    if version == 2:
        rgba = places[1 + chance.randrange(len(places) - 1)]
        if captions.mirrorable(caption, group) and chance.random() < 0.5:
            rgba = rgba[:, ::-1]
        name = paper(style, chance) if chance.random() < 0.3 else ""
    return render.on_colour(rgba, captions.COLOURS.get(name, (255, 255, 255))), name


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--versions", type=int, default=VERSIONS, help="only the first so many, to begin with")
    args = parser.parse_args()
    table = json.loads((args.work / "motifs.json").read_text("utf-8"))
    caption_of = {code: caption for caption, code in emoji.taught(table).items()}
    vae = AutoencoderKL.from_pretrained(args.vae, torch_dtype=torch.float32)
    vae.to(memory_format=torch.channels_last).eval()
    fused.install(vae)
    folder = args.work / "latents"
    folder.mkdir(exist_ok=True)
    for version, style in ((v, s) for v in range(args.versions) for s in styles.TAUGHT):
        target = folder / f"{style.key}-{version}.npz"
        if target.exists():
            continue
        chance = random.Random(f"{style.key} {version}")
        stored = np.load(args.work / "pictures" / f"{style.key}.npy", mmap_mode="r")
        codes = table["codes"][style.key]
        rows = [i for i, code in enumerate(codes) if code in caption_of]
        names = [caption_of[codes[i]] for i in rows]
        found = [shown(stored[i], version, style, name, table["groups"][codes[i]], chance)
                 for i, name in zip(rows, names)]
        latents = vae_freeze.latents_of(vae, np.stack([picture for picture, _ in found]))
        values = {"latents": latents.numpy().astype(np.float16), "papers": np.array([name for _, name in found]),
                  "captions": np.array(names)}
        prepare.save(target, lambda f: np.savez(f, **values))
        print(f"latents: {style.key} {version}: {len(rows)} drawings, deviation {latents.std():.3f}", flush=True)


if __name__ == "__main__":
    main()
