"""Makes the golden pictures of the module datasets: small files in every form, and what Pillow decodes them to.

    python goldens.py [FOLDER]      (default: datasets/src/test/resources/golden of this checkout)

For each picture NAME.EXT there is NAME.EXT.ppm, the expected sRGB pixels over white. resize.txt and pdq.txt say what
the files of their kind are.
"""

import io
import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageOps

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                   pathlib.Path(__file__).resolve().parents[3] / "datasets/src/test/resources/golden")


def picture(width, height, seed=1):
    """Gradients, edges, fine lines and noise, so that every filter and predictor has work."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    a = np.stack([255 * x / width, 255 * y / height, 127 + 120 * np.sin(x / 5.0 + y / 9.0)], axis=2)
    image = Image.fromarray(a.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.ellipse([width * .15, height * .2, width * .5, height * .8], fill=(230, 40, 60))
    draw.rectangle([width * .55, height * .1, width * .9, height * .45], fill=(20, 30, 200))
    draw.line([0, height - 1, width - 1, 0], fill=(255, 255, 255), width=2)
    draw.line([0, height // 2, width - 1, height // 2], fill=(0, 0, 0))
    noisy = np.asarray(image).astype(int) + rng.integers(-8, 9, (height, width, 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def ppm(name, image):
    with open(OUT / (name + ".ppm"), "wb") as f:
        f.write(b"P6 %d %d 255\n" % image.size + image.convert("RGB").tobytes())


def over_white(image):
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    white.alpha_composite(image)
    return white.convert("RGB")


def golden(name, data=None, expected=None):
    """Writes the bytes, and what Pillow makes of them."""
    if data is not None:
        (OUT / name).write_bytes(data)
    with Image.open(OUT / name) as image:
        image.load()
        ppm(name, over_white(ImageOps.exif_transpose(image)) if expected is None else expected)


def save(image, name, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    golden(name, buffer.getvalue())


# PNG by hand, for the forms that Pillow does not write.

def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, depth, kind, scanlines, interlace=0, extra=b""):
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra
            + chunk(b"IDAT", zlib.compress(scanlines, 9)) + chunk(b"IEND", b""))


def lines(a):
    """Unfiltered scanlines of an array of bytes, height x bytes."""
    return b"".join(b"\0" + row.tobytes() for row in a)


def adam7(a):
    out = b""
    for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = a[y::dy, x::dx]
        if part.size:
            out += lines(np.ascontiguousarray(part).reshape(part.shape[0], -1))
    return out


def make_png():
    p = picture(48, 36)
    rgb = np.asarray(p)
    grey = p.convert("L")
    alpha = Image.fromarray(np.tile(np.linspace(0, 255, 48).astype(np.uint8), (36, 1)))
    rgba = p.copy()
    rgba.putalpha(alpha)
    save(p, "rgb8.png", format="PNG")
    save(rgba, "rgba8.png", format="PNG")
    save(grey, "grey8.png", format="PNG")
    la = grey.copy()
    la.putalpha(alpha)
    save(la, "grey-alpha8.png", format="PNG")
    save(p.convert("1"), "grey1.png", format="PNG")
    palette = p.quantize(200)
    save(palette, "palette8.png", format="PNG")
    save(p.quantize(13), "palette4.png", format="PNG", bits=4)
    save(p.quantize(4), "palette2.png", format="PNG", bits=2)
    save(palette, "palette-alpha.png", format="PNG", transparency=bytes(range(0, 200)))
    save(p, "key.png", format="PNG", transparency=tuple(int(v) for v in rgb[3, 5]))
    wide = rgb.astype(np.uint16) * 257
    golden("rgb16.png", png(48, 36, 16, 2, lines(wide.astype(">u2").reshape(36, -1).view(np.uint8))), p)
    g16 = np.asarray(grey).astype(np.uint16) * 257
    golden("grey16.png", png(48, 36, 16, 0, lines(g16.astype(">u2").view(np.uint8))), grey.convert("RGB"))
    nibbles = np.asarray(grey) >> 4
    packed = (nibbles[:, 0::2] << 4 | nibbles[:, 1::2]).astype(np.uint8)
    golden("grey4.png", png(48, 36, 4, 0, lines(packed)), Image.fromarray(nibbles * 17).convert("RGB"))
    golden("interlaced.png", png(48, 36, 8, 2, adam7(rgb), 1))
    odd = np.asarray(rgba)[:5, :3]
    golden("interlaced-small.png", png(3, 5, 8, 6, adam7(odd), 1))


def make_jpeg():
    p = picture(48, 36)
    save(p, "444.jpg", format="JPEG", quality=90, subsampling=0)
    save(p, "420.jpg", format="JPEG", quality=85, subsampling=2)
    save(p, "progressive.jpg", format="JPEG", quality=85, progressive=True)
    save(p.convert("L"), "grey.jpg", format="JPEG", quality=90)
    save(p.convert("CMYK"), "cmyk.jpg", format="JPEG", quality=95, subsampling=0)
    # The same four channels declared as YCCK by the Adobe marker's last byte.
    ycc = np.asarray(p.convert("YCbCr"))
    black = np.asarray(p.convert("L"))[:, :, None] // 2
    # Pillow writes CMYK inverted, so the channels are turned beforehand.
    four = Image.fromarray(255 - np.concatenate([ycc, 255 - black], axis=2).astype(np.uint8), mode="CMYK")
    buffer = io.BytesIO()
    four.save(buffer, format="JPEG", quality=95, subsampling=0)
    data = bytearray(buffer.getvalue())
    at = data.index(b"Adobe")
    data[at + 11] = 2
    golden("ycck.jpg", bytes(data))
    buffer = io.BytesIO()
    p.save(buffer, format="JPEG", quality=90, subsampling=0)
    jfif = buffer.getvalue()
    size = struct.unpack(">H", jfif[4:6])[0]
    golden("bare.jpg", jfif[:2] + jfif[4 + size:])
    save(p, "rgb.jpg", format="JPEG", quality=90, subsampling=0, keep_rgb=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(p.crop((0, 0, 24, 16)), f"exif{orientation}.jpg", format="JPEG", quality=90, exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    save(p.crop((0, 0, 24, 16)), "exif6.png", format="PNG", exif=exif)


def make_others():
    p = picture(48, 36)
    rgba = p.copy()
    rgba.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, 48).astype(np.uint8), (36, 1))))
    save(p, "lossy.webp", format="WEBP", quality=85)
    save(p, "lossless.webp", format="WEBP", lossless=True)
    save(rgba, "alpha.webp", format="WEBP", lossless=True)
    save(p, "lzw.tif", format="TIFF", compression="tiff_lzw")
    save(p, "deflate.tif", format="TIFF", compression="tiff_adobe_deflate")
    save(p.convert("L"), "grey.tif", format="TIFF")
    save(p.convert("CMYK"), "cmyk.tif", format="TIFF")
    save(rgba, "alpha.tif", format="TIFF")
    save(p, "rgb.bmp", format="BMP")
    save(p.quantize(64), "palette.bmp", format="BMP")
    save(p.quantize(64), "still.gif", format="GIF")
    frames = [p.quantize(32), ImageOps.mirror(p).quantize(32)]
    buffer = io.BytesIO()
    frames[0].save(buffer, format="GIF", save_all=True, append_images=frames[1:])
    golden("moving.gif", buffer.getvalue())


# Profiles. A matrix profile is a header, nine tags, and numbers of 16.16 bits.

def profile(primaries, gamma):
    def fixed(v):
        return struct.pack(">i", round(v * 65536))
    def xyz(v):
        return b"XYZ \0\0\0\0" + b"".join(fixed(c) for c in v)
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"Wide\0" + b"\0" * 78
    copy = b"text\0\0\0\0none\0\0\0\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = [(b"desc", text), (b"cprt", copy), (b"wtpt", xyz((0.9642, 1, 0.8249)))]
    tags += [(n, xyz(v)) for n, v in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries)]
    tags += [(n, curve) for n in (b"rTRC", b"gTRC", b"bTRC")]
    table = struct.pack(">I", len(tags))
    body = b""
    offset = 128 + 4 + 12 * len(tags)
    for name, data in tags:
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    size = offset + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2024, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 24
    head += struct.pack(">I", 0) + b"".join(fixed(c) for c in (0.9642, 1, 0.8249))
    return head.ljust(128, b"\0") + table + body


def make_profiles():
    # Adobe RGB (1998)'s primaries, adapted to D50, and its gamma.
    wide = profile([(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)], 2.19921875)
    p = picture(48, 36)
    srgb = ImageCms.createProfile("sRGB")
    expected = ImageCms.profileToProfile(p, ImageCms.ImageCmsProfile(io.BytesIO(wide)), srgb)
    buffer = io.BytesIO()
    p.save(buffer, format="PNG", icc_profile=wide)
    golden("wide.png", buffer.getvalue(), expected)
    buffer = io.BytesIO()
    p.save(buffer, format="JPEG", quality=95, subsampling=0, icc_profile=wide)
    stored = Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")
    golden("wide.jpg", buffer.getvalue(),
           ImageCms.profileToProfile(stored, ImageCms.ImageCmsProfile(io.BytesIO(wide)), srgb))
    save(p, "srgb.jpg", format="JPEG", quality=90, icc_profile=ImageCms.ImageCmsProfile(srgb).tobytes())


def make_resizes():
    listed = []
    source = picture(97, 61, 3)
    source.save(OUT / "resize-source.png")
    for i, size in enumerate([(40, 25), (97, 30), (200, 126), (13, 61), (1, 1), (64, 64)]):
        ppm(f"resize-{i}", source.resize(size, Image.Resampling.LANCZOS))
        listed.append(f"resize-{i} {size[0]} {size[1]}\n")
    (OUT / "resize.txt").write_text("".join(listed))


def make_pdq():
    try:
        import pdqhash
    except ImportError:
        sys.exit("pdqhash is missing: pip install -r requirements.txt")
    text = ""
    flat = Image.new("RGB", (80, 80), (200, 210, 220))
    for name, image in [("pdq-wide", picture(160, 120, 5)), ("pdq-tall", picture(50, 70, 6)),
                        ("pdq-large", picture(301, 203, 7)), ("pdq-flat", flat)]:
        image.save(OUT / f"{name}.png", optimize=True)
        vectors, quality = pdqhash.compute_dihedral(np.asarray(image))
        digests = ["%064x" % int("".join(str(int(b)) for b in v), 2) for v in vectors]
        text += f"{name} {quality} " + " ".join(digests) + "\n"
    (OUT / "pdq.txt").write_text(text)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    make_png()
    make_jpeg()
    make_others()
    make_profiles()
    make_resizes()
    make_pdq()
