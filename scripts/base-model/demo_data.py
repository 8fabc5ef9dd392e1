"""Writes the demo data set: OpenMoji in colour at 128 px, pairs, credits, a demonstration opt-out manifest.

Two drawings of each OpenMoji rule, and shapes of our own for the rules that would otherwise name a person or a site,
are pairs that the consent filter must leave out.
"""

import argparse
import csv
import hashlib
import json
import random
from collections import Counter
from pathlib import Path

from PIL import Image, ImageDraw

import emoji
import render

HELD_OUT = 56
HEADER = ["image", "caption", "creator", "licence", "source"]
BY_DIGEST, BY_URL = ("locked", "magnet"), ("bucket", "soap")
ARTIST, DEMONSTRATION = "Example Artist (demonstration)", "Atelier demonstration, not a real objection"
# name, caption, creator, licence, source, fill
SHAPES = [
    ("shape-1", "blue circle", ARTIST, "CC-BY-4.0", "https://example.org/shapes/1", "#3d7dca"),
    ("shape-2", "yellow square", ARTIST, "CC-BY-4.0", "https://example.org/shapes/2", "#fcea2b"),
    ("shape-3", "green triangle", "Atelier", "CC-BY-4.0", "https://pictures.example.net/shapes/3", "#5c9e31"),
    ("shape-4", "red diamond", "Atelier", "CC-BY-4.0", "https://example.net/shapes/4", "#ea5a47"),
    ("shape-5", "orange circle", "Atelier", "CC-BY-NC-4.0", "https://example.org/shapes/5", "#f1b31c"),
    ("shape-6", "purple square", "Atelier", "CC-BY-NC-4.0", "https://example.org/shapes/6", "#8967aa"),
]
POINTS = {"triangle": [(64, 12), (116, 108), (12, 108)], "diamond": [(64, 10), (118, 64), (64, 118), (10, 64)]}


def shape(caption, fill):
    """Drawn at four times the size, so that the edges are smooth."""
    picture = Image.new("RGB", (512, 512), "white")
    pen, kind = ImageDraw.Draw(picture), caption.split()[1]
    if kind == "circle":
        pen.ellipse((40, 40, 472, 472), fill, "black", 18)
    elif kind == "square":
        pen.rectangle((48, 48, 464, 464), fill, "black", 18)
    else:
        corners = [(4 * x, 4 * y) for x, y in POINTS[kind]]
        pen.polygon(corners, fill)
        pen.line(corners + corners[:2], "black", 18, "curve")
    return picture.resize((128, 128), Image.LANCZOS)


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER] + rows)


def pair(sets, caption, out, folder):
    record = sets.by_code[sets.common()[caption]]
    name = f"{folder}/{record['hexcode']}.png"
    pixels = render.file_to_pixels(sets.openmoji_folder / (record["hexcode"] + ".svg"))
    Image.fromarray(pixels).save(out / name, optimize=True)
    return [name, caption, " ".join(record["openmoji_author"].split()), "CC-BY-SA-4.0",
            f"https://openmoji.org/library/emoji-{record['hexcode']}/"]


def manifest(rows, out):
    """Records by works and by placeholder names only."""
    by_caption = {row[1]: row for row in rows}
    found = []
    for caption in BY_DIGEST:
        digest = hashlib.sha256((out / by_caption[caption][0]).read_bytes()).hexdigest()
        found.append({"kind": "sha256", "value": digest})
    for caption in BY_URL:
        found.append({"kind": "url", "value": by_caption[caption][4]})
    found.append({"kind": "domain", "value": "example.net", "subdomains": True})
    found.append({"kind": "creator", "value": "Example Artist (demonstration)", "aliases": ["Example Artist"]})
    return [{"id": f"demo-{i + 1}", **record, "source": DEMONSTRATION, "asOf": "2026-01-01"}
            for i, record in enumerate(found)]


def credits(rows, sets):
    counts = Counter(row[2] for row in rows)
    lines = ["# Credits", "",
             "Pictures: OpenMoji, the open-source emoji and icon project, version 17.0.0, https://openmoji.org,",
             "licence CC BY-SA 4.0 (LICENCES/CC-BY-SA-4.0.txt). Changed: cropped to what is drawn, rendered at",
             "128 x 128 pixels on white. The pictures remain under CC BY-SA 4.0.",
             "Captions: OpenMoji's annotations (the emoji's names in Unicode CLDR).",
             f"shape-1.png to shape-{len(SHAPES)}.png: drawn for this project to demonstrate the consent filter;",
             "their creators, licences and sources in captions.csv are placeholders; use them as you like (CC0-1.0).",
             "", "| designer | pictures |", "|---|---|"]
    lines += [f"| {name} | {count} |" for name, count in sorted(counts.items())]
    lines += ["", "Every picture:", "", "| picture | caption | designer |", "|---|---|---|"]
    lines += [f"| [{row[0]}]({row[4]}) | {row[1]} | {row[2]} |" for row in sorted(rows)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    out, sets = args.out, emoji.Sets(args.npm)
    for folder in ("images", "held-out", "LICENCES"):
        (out / folder).mkdir(parents=True, exist_ok=True)
        for old in (out / folder).iterdir():
            old.unlink()
    known = emoji.captions()
    choosable = [caption for caption in known if caption not in BY_DIGEST + BY_URL]
    held_out = set(random.Random(7).sample(choosable, HELD_OUT))
    train = [pair(sets, caption, out, "images")
             for caption in known + emoji.captions("captions-demo.txt") if caption not in held_out]
    unseen = [pair(sets, caption, out, "held-out") for caption in known if caption in held_out]
    placeholders = []
    for name, caption, creator, licence, source, fill in SHAPES:
        shape(caption, fill).save(out / "images" / f"{name}.png", optimize=True)
        placeholders.append([f"images/{name}.png", caption, creator, licence, source])
    write_csv(out / "captions.csv", train + placeholders)
    write_csv(out / "captions-held-out.csv", unseen)
    records = manifest(train, out)
    (out / "optout.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), "utf-8")
    (out / "licences.txt").write_text("CC0-1.0\nCC-BY-4.0\nCC-BY-SA-4.0\nApache-2.0\n", "utf-8")
    (out / "CREDITS.md").write_text(credits(train + unseen, sets), "utf-8")
    licence = sets.openmoji_folder.parents[1] / "LICENSE.txt"
    (out / "LICENCES" / "CC-BY-SA-4.0.txt").write_bytes(licence.read_bytes())
    print(f"demo: {len(train)} + {len(placeholders)} pairs, {len(unseen)} held out")


if __name__ == "__main__":
    main()
