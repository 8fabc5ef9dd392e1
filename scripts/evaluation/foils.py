"""Draws the foil styles of the demonstration's evaluation: the held-out captions as three other hands draw them.

    python scripts/evaluation/foils.py --npm FOLDER
FOLDER holds the npm packages as scripts/base-model/make lays them: noto (@iconify-json/noto 1.2.9, Apache-2.0), twemoji
(@twemoji/svg 15.0.0, CC BY 4.0), openmoji (17.0.0, CC BY-SA 4.0, its black line drawings). Writes datasets/demo/foils: a
folder a style with its table of pairs.
"""
import argparse
import csv
import shutil
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts/base-model"))
import emoji
import render

HEADER = ["image", "caption", "creator", "licence", "source"]
STYLES = {
    "noto": ("Google", "Apache-2.0", "https://github.com/googlefonts/noto-emoji"),
    "twemoji": ("Twitter and contributors", "CC-BY-4.0", "https://github.com/jdecked/twemoji"),
    "openmoji-black": (None, "CC-BY-SA-4.0", "https://openmoji.org"),
}


def picture(sets, style, record, npm):
    key = emoji.code(record["hexcode"])
    if style == "openmoji-black":
        return render.file_to_pixels(npm / "openmoji/package/black/svg" / (record["hexcode"] + ".svg"))
    body, side = sets.svg(style, key)
    return render.body_to_pixels(body, side)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--npm", type=Path, required=True)
    args = parser.parse_args()
    sets = emoji.Sets(args.npm)
    common = sets.common()
    with open(ROOT / "datasets/demo/captions-held-out.csv", encoding="utf-8", newline="") as file:
        captions = [row["caption"] for row in csv.DictReader(file)]
    for style, (creator, licence, source) in STYLES.items():
        out = ROOT / "datasets/demo/foils" / style
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        rows = []
        for caption in captions:
            record = sets.by_code[common[caption]]
            name = record["hexcode"] + ".png"
            Image.fromarray(picture(sets, style, record, args.npm)).save(out / name, optimize=True)
            rows.append([name, caption, creator or " ".join(record["openmoji_author"].split()), licence, source])
        with open(out / "captions.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER] + rows)
        print(style, len(rows))


if __name__ == "__main__":
    main()
