"""Renders everything that is trained on or measured with.

WORK/pictures/STYLE.npy        uint8 (n, 3, 128, 128, 4), premultiplied RGBA: as measured (longest side 116, centred),
                               and two with other sizes and places
WORK/pictures/outlined.npy     the same, Noto's and others' drawings with outlines of our own, for the autoencoder
WORK/motifs.json               {"motifs": {caption: code}, "codes": {style: codes in the file's order}, ...}
WORK/held-out.npz              uint8 RGB on white by style: drawings that no part of the base is trained on
WORK/openmoji.npz              OpenMoji's drawings of captions.txt, for measuring only; no training script opens it
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
import styles

PLACES = 3
SAME_DB = 19.0


def save(path, writer):
    """All or nothing: a killed run leaves no half-written file behind."""
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        writer(file)
    os.replace(partial, path)


def placements(picture, seed):
    chance = random.Random(seed)
    found = [render.placed(picture)]
    for _ in range(PLACES - 1):
        longest = round(chance.triangular(88, 124, 116))
        room = (render.SIDE - longest) // 2
        found.append(render.placed(picture, longest, (chance.randint(-room, room), chance.randint(-room, room))))
    return np.stack(found)


def init(npm):
    global drawings
    drawings = styles.Drawings(npm)


def job(task):
    source, outline, colour, seed = task
    picture = drawings.picture(source, outline, colour)
    return None if picture is None else placements(picture, seed)


def wanted(drawings, motifs, chance):
    """Codes for the autoencoder: every motif; of all else what is not held out, a third of the sexes."""
    held_out = emoji.held_out_codes(drawings)
    taught = set(motifs.values())
    found = []
    for key, record in sorted(drawings.records.items()):
        sexed = "200d" in key
        if key in taught or (not record["skintone"] and record["group"] in emoji.GROUPS
                             and emoji.base_of(key) not in held_out and key not in held_out
                             and (not sexed or chance.random() < 0.33)):
            found.append(key)
    return found


def db(a, b):
    return -10 * np.log10(max(1e-9, ((a.astype(np.float32) - b) ** 2).mean() / 255 ** 2))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    if (args.work / "motifs.json").exists():
        return print("prepare: done before")
    folder = args.work / "pictures"
    folder.mkdir(exist_ok=True)
    init(args.npm)
    motifs = emoji.teachable(drawings)
    listed = emoji.captions("motifs.txt")
    assert list(motifs) == listed, f"motifs.txt is not what emoji.teachable finds: {set(motifs) ^ set(listed)}"
    codes = wanted(drawings, motifs, random.Random(1))
    held_out = sorted(emoji.held_out_codes(drawings))
    taught, held, order = set(motifs.values()), {}, {}
    noto = {}
    with Pool(initializer=init, initargs=(args.npm,)) as pool:
        def render_all(tasks):
            return list(pool.imap(job, tasks, chunksize=16))

        for style in styles.STYLES:
            sources = drawings.sources[style.key]
            keys = [key for key in codes if key in sources and (key in taught or not style.outlined)]
            pictures = render_all([(sources[key], None, True, f"{style.key} {key}") for key in keys])
            kept = [(key, picture) for key, picture in zip(keys, pictures) if picture is not None]
            if style.key == "noto":
                noto = {key: render.on_colour(picture[0]) for key, picture in kept}
            if style.key == "noto-v1":
                # Both versions draw some motifs alike: these are Noto's.
                kept = [(key, picture) for key, picture in kept
                        if key not in noto or db(render.on_colour(picture[0]), noto[key]) < SAME_DB]
            order[style.key] = [key for key, _ in kept]
            save(folder / f"{style.key}.npy", lambda f: np.save(f, np.stack([picture for _, picture in kept])))
            shown = render_all([(sources[key], None, True, 0) for key in held_out if key in sources])
            held[style.key] = np.stack([render.on_colour(picture[0]) for picture in shown if picture is not None])
            print(f"prepare: {style.key}: {len(kept)} drawings, {len(held[style.key])} held out", flush=True)

        chance, outlines = random.Random(2), []
        for key, share, plain in (("noto", 0.7, 0.25), ("noto-v1", 0.4, 0.1), ("emojione", 0.4, 0.1),
                                  ("fluent-flat", 0.4, 0.2), ("twemoji", 0.3, 0.4)):
            for code in order[key]:
                if code in taught and chance.random() < share:
                    outlines.append((drawings.sources[key][code], chance.uniform(*render.STROKES), True, code))
                if code in taught and chance.random() < plain:
                    outlines.append((drawings.sources[key][code], chance.uniform(*render.STROKES), False, code))
        lined = [picture for picture in render_all(outlines) if picture is not None]
        save(folder / "outlined.npy", lambda f: np.save(f, np.stack(lined)))
    save(args.work / "held-out.npz", lambda f: np.savez(f, **held))
    openmoji = emoji.openmoji_folder(args.npm)
    known = emoji.common(drawings)
    files = [openmoji / (drawings.records[known[caption]]["hexcode"] + ".svg") for caption in emoji.captions()]
    measured = np.stack([render.file_to_pixels(file) for file in files])
    save(args.work / "openmoji.npz", lambda f: np.savez(f, openmoji=measured))
    groups = {key: drawings.records[key]["group"] for key in taught}
    table = {"motifs": motifs, "codes": order, "groups": groups, "outlined": len(lined)}
    save(args.work / "motifs.json", lambda f: f.write(json.dumps(table, ensure_ascii=False).encode()))
    print(f"prepare: {len(motifs)} motifs, {sum(map(len, order.values()))} drawings, {len(lined)} with outlines")


if __name__ == "__main__":
    main()
