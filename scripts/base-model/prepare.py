"""Renders what the VAE and the UNet are trained on: WORK/vae-train.npy, WORK/vae-held-out.npz, WORK/unet.npz.

OpenMoji's own pictures are rendered into WORK/openmoji.npz for measuring only; no training script opens it.
"""

import argparse
import json
import os
import random
from multiprocessing import Pool
from pathlib import Path

import numpy as np

import emoji
import render

HELD_OUT = 96


def save(path, writer):
    """All or nothing: a killed run leaves no half-written file behind."""
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        writer(file)
    os.replace(partial, path)


def job(task):
    body, side, weight, colour = task
    return render.body_to_pixels(body, side, weight, colour)


def held_out_codes(sets, known):
    """Code points whose drawings, skin tones included, the VAE never sees; none that the UNet is to learn."""
    rest = sorted(key for annotation, key in sets.common().items() if annotation not in known)
    return set(random.Random(20260801).sample(rest, HELD_OUT))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    if (args.work / "prepared.json").exists():
        return print("prepare: done before")
    sets, known = emoji.Sets(args.npm), emoji.captions()
    common = sets.common()
    missing = [caption for caption in known if caption not in common]
    assert not missing, f"not drawn by all three sets: {missing}"
    held_out = held_out_codes(sets, known)
    untoned = {key: "-".join(p for p in key.split("-") if p not in emoji.COMPONENTS)
               for name in ("noto", "twemoji") for key in sets.codes(name)}
    chance = random.Random(1)
    plain, outlines = [], []
    for name in ("noto", "twemoji"):
        for key in sets.codes(name):
            if untoned[key] in held_out:
                continue
            body, side = sets.svg(name, key)
            # A quarter of the skin tones is enough: their drawings differ in colour alone.
            if not emoji.skin_toned(key) or chance.random() < 0.25:
                plain.append((body, side, None, True))
            if not emoji.skin_toned(key):
                weight = chance.uniform(*render.STROKES)
                outlines.append((body, side, weight, True))
                if chance.random() < 0.3:
                    outlines.append((body, side, weight, False))
    with Pool() as pool:
        def pictures(tasks):
            return np.stack([p for p in pool.imap(job, tasks, chunksize=16) if p is not None])

        def group(name, keys):
            return pictures([(*sets.svg(name, key), None, True) for key in keys])

        trained = pictures(plain)
        lined = pictures(outlines)
        held = sorted(held_out)
        save(args.work / "vae-train.npy", lambda f: np.save(f, trained))
        save(args.work / "vae-outlined.npy", lambda f: np.save(f, lined))
        save(args.work / "vae-held-out.npz",
             lambda f: np.savez(f, noto=group("noto", held), twemoji=group("twemoji", held)))
        keys = [common[caption] for caption in known]
        save(args.work / "unet.npz",
             lambda f: np.savez(f, noto=group("noto", keys), twemoji=group("twemoji", keys)))
    files = [sets.openmoji_folder / (sets.by_code[key]["hexcode"] + ".svg") for key in keys]
    measured = np.stack([render.file_to_pixels(file) for file in files])
    save(args.work / "openmoji.npz", lambda f: np.savez(f, openmoji=measured))
    counts = {"plain": len(trained), "outlined": len(lined), "held_out": len(held), "captions": len(known)}
    save(args.work / "prepared.json", lambda f: f.write(json.dumps(counts).encode()))
    print("prepare:", counts)


if __name__ == "__main__":
    main()
