"""Pictures for the perceptual part of `consent`: three emoji sets at the size that they are used at, over white.

    python scripts/bench/pictures.py NPM OUT [--side 512] [--each 700]

NPM holds the packages unpacked: openmoji 17.0.0 as openmoji/package, @iconify-json/noto 1.2.9 as noto/package, twemoji-svg
15.0.0 as twemoji/package (`npm pack`, `tar xf`). Pictures are taken evenly from each set, skin tones left out.
"""

import argparse
import io
import pathlib
import sys

import resvg_py
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "base-model"))
import emoji  # noqa: E402


def drawings(sets):
    """(set, code points, SVG) of every drawing without a skin tone."""
    for record in sets.records:
        file = sets.openmoji_folder / (record["hexcode"] + ".svg")
        if not record["skintone"] and file.exists():
            yield "openmoji", emoji.code(record["hexcode"]), file.read_text("utf-8")
    for name in ("noto", "twemoji"):
        for code in sets.codes(name):
            if not emoji.skin_toned(code):
                body, side = sets.svg(name, code)
                yield name, code, (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                                   f'viewBox="0 0 {side} {side}">{body}</svg>')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("npm", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--each", type=int, default=700)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    by_set = {}
    for name, code, svg in drawings(emoji.Sets(arguments.npm)):
        by_set.setdefault(name, []).append((code, svg))
    for name, all_of_it in by_set.items():
        step = max(1, len(all_of_it) // arguments.each)
        chosen = all_of_it[::step][:arguments.each]
        for code, svg in chosen:
            png = resvg_py.svg_to_bytes(svg_string=svg, width=arguments.side, height=arguments.side, skip_system_fonts=True)
            drawn = Image.open(io.BytesIO(bytes(png))).convert("RGBA")
            white = Image.new("RGBA", drawn.size, "white")
            white.alpha_composite(drawn)
            white.convert("RGB").save(arguments.out / f"{name}-{code}.png", compress_level=1)
        print(f"{name}: {len(chosen)} of {len(all_of_it)}")


if __name__ == "__main__":
    main()
