"""Drawings to pixels: SVG, fonts' glyphs and ready pictures, cropped to what is drawn, on 128 x 128."""

import io
import re

import numpy as np
import resvg_py
from PIL import Image, ImageDraw, ImageFont

SIDE, LONGEST, RASTER = 128, 116, 384
# Twice OpenMoji's own weight is included: once cropped, its strokes are 2/72 of more than the picture's width.
STROKES = (0.030, 0.042)
OUTLINE = 0.034


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


def cropped(picture):
    """None where nothing is drawn."""
    box = picture.getchannel("A").point(lambda a: 255 if a > 8 else 0).getbbox()
    return picture.crop(box) if box else None


def svg_picture(body, side, weight=None, colour=True):
    margin = 0.0
    if weight is not None:
        body, margin = outlined(body, side, weight, colour), weight * side
    view = f"{-margin:.2f} {-margin:.2f} {side + 2 * margin:.2f} {side + 2 * margin:.2f}"
    return cropped(raster(f'<svg xmlns="http://www.w3.org/2000/svg" '
                          f'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}">{body}</svg>'))


def pixels(path):
    return cropped(Image.open(path).convert("RGBA"))


def font_covers(path):
    """The code points that the font's character map holds (format 12 of table cmap)."""
    data = open(path, "rb").read()
    u16 = lambda at: int.from_bytes(data[at:at + 2], "big")
    u32 = lambda at: int.from_bytes(data[at:at + 4], "big")
    cmap = next(u32(12 + 16 * i + 8) for i in range(u16(4)) if data[12 + 16 * i:16 + 16 * i] == b"cmap")
    for i in range(u16(cmap + 2)):
        table = cmap + u32(cmap + 4 + 8 * i + 4)
        if u16(table) == 12:
            return {code for g in range(u32(table + 12))
                    for code in range(u32(table + 16 + 12 * g), u32(table + 16 + 12 * g + 4) + 1)}
    raise ValueError(f"{path}: no character map of format 12")


_fonts = {}


def glyph(path, code):
    if path not in _fonts:
        _fonts[path] = ImageFont.truetype(path, 300)
    canvas = Image.new("RGBA", (560, 560), (0, 0, 0, 0))
    ImageDraw.Draw(canvas).text((90, 60), chr(code), font=_fonts[path], fill="black")
    return cropped(canvas)


def placed(picture, longest=LONGEST, shift=(0, 0)):
    """RGBA uint8 (128, 128, 4), colours premultiplied by alpha, centred but for the shift."""
    # Premultiplied while resizing: else the colour of transparent pixels bleeds into the edges.
    picture = picture.convert("RGBa")
    scale = longest / max(picture.size)
    size = tuple(max(1, round(n * scale)) for n in picture.size)
    values = np.asarray(picture.resize(size, Image.LANCZOS))
    canvas = np.zeros((SIDE, SIDE, 4), np.uint8)
    x, y = ((SIDE - n) // 2 + s for n, s in zip(size, shift))
    x, y = min(max(x, 0), SIDE - size[0]), min(max(y, 0), SIDE - size[1])
    canvas[y:y + size[1], x:x + size[0]] = values
    return canvas


def on_colour(rgba, colour=(255, 255, 255)):
    """RGB uint8 of premultiplied RGBA uint8 (..., 4)."""
    alpha = rgba[..., 3:].astype(np.float32) / 255
    return np.clip(rgba[..., :3] + (1 - alpha) * np.asarray(colour, np.float32) + 0.5, 0, 255).astype(np.uint8)


def fitted(picture):
    """RGB on white, cropped and centred; None where nothing is drawn. The demo data is made so, to the byte."""
    picture = cropped(picture)
    if picture is None:
        return None
    # Premultiplied while resizing: else the colour of transparent pixels bleeds into the edges.
    picture = picture.convert("RGBa")
    scale = LONGEST / max(picture.size)
    size = tuple(max(1, round(n * scale)) for n in picture.size)
    picture = picture.resize(size, Image.LANCZOS).convert("RGBA")
    canvas = Image.new("RGBA", (SIDE, SIDE), "white")
    canvas.alpha_composite(picture, tuple((SIDE - n) // 2 for n in size))
    return np.asarray(canvas.convert("RGB"))


def body_to_pixels(body, side):
    return fitted(raster(f'<svg xmlns="http://www.w3.org/2000/svg" '
                         f'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {side} {side}">{body}</svg>'))


def file_to_pixels(path):
    return fitted(raster(path.read_text("utf-8")))
