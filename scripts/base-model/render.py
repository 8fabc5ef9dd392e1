"""SVG to 128 x 128 RGB, cropped to what is drawn: longest side 116 px, centred on white."""

import io
import re

import numpy as np
import resvg_py
from PIL import Image

SIDE, LONGEST, RASTER = 128, 116, 384
# Twice OpenMoji's own weight is included: once cropped, its strokes are 2/72 of more than the picture's width.
STROKES = (0.030, 0.042)


def outlined(body, side, weight, colour=True):
    """Every shape with a black outline; without colour, line art on white."""
    if not colour:
        body = re.sub(r'fill="(?!none)[^"]*"', 'fill="#fff"', body)
        body = re.sub(r'stroke="(?!none)[^"]*"', 'stroke="#000"', body)
    fill = '' if colour else ' fill="#fff"'
    return (f'<g stroke="#000" stroke-width="{weight * side:.2f}" stroke-linejoin="round" '
            f'stroke-linecap="round"{fill}>{body}</g>')


def raster(svg):
    png = resvg_py.svg_to_bytes(svg_string=svg, width=RASTER, height=RASTER, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def fitted(picture):
    """None where nothing is drawn."""
    box = picture.getchannel("A").point(lambda a: 255 if a > 8 else 0).getbbox()
    if box is None:
        return None
    picture = picture.crop(box)
    # Premultiplied while resizing: else the colour of transparent pixels bleeds into the edges.
    picture = picture.convert("RGBa")
    scale = LONGEST / max(picture.size)
    size = tuple(max(1, round(n * scale)) for n in picture.size)
    picture = picture.resize(size, Image.LANCZOS).convert("RGBA")
    canvas = Image.new("RGBA", (SIDE, SIDE), "white")
    canvas.alpha_composite(picture, tuple((SIDE - n) // 2 for n in size))
    return np.asarray(canvas.convert("RGB"))


def body_to_pixels(body, side, weight=None, colour=True):
    margin = 0.0
    if weight is not None:
        body, margin = outlined(body, side, weight, colour), weight * side
    view = f"{-margin:.2f} {-margin:.2f} {side + 2 * margin:.2f} {side + 2 * margin:.2f}"
    return fitted(raster(f'<svg xmlns="http://www.w3.org/2000/svg" '
                         f'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}">{body}</svg>'))


def file_to_pixels(path):
    return fitted(raster(path.read_text("utf-8")))
