"""Makes golden/forms.zip: the same small picture in the many forms that image files have, and what each decodes to.

    python forms.py [FOLDER]      (default: datasets/src/test/resources/golden of this checkout)

For each picture NAME there is NAME.ppm, the expected sRGB pixels over white, or NAME.refused where the file's meaning is not
agreed upon: a part of the sentence with which it is refused. What is expected of a TIFF is worked out from its samples by
the specification, and compared with Pillow wherever Pillow reads the file; where the two differ by more than 2 of 255, that
is said with the reason that KNOWN gives, and any other difference ends the run.
"""

import io
import itertools
import pathlib
import struct
import sys
import zipfile
import zlib

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, ImageOps

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                   pathlib.Path(__file__).resolve().parents[3] / "datasets/src/test/resources/golden")
W, H = 19, 13
FILES = {}
# Where Pillow is known to differ from the specification, by a part of the file's name.
KNOWN = {
    "white0-16": "Pillow does not turn 16-bit grey whose zero is white",
    "black0-16": "Pillow cuts 16-bit grey to 255",
    "8-unassociated-planes": "Pillow takes the planes of grey or an index with opacity for pixels",
    "-12-": "Pillow reads 12-bit grey as 16 bits",
}


def smooth(width=W, height=H):
    """Values from 0 to 1, [height, width, 4]: three colours and an opacity."""
    y, x = np.mgrid[0:height, 0:width]
    a = np.stack([x / (width - 1), y / (height - 1), .5 + .5 * np.sin(x / 3.0 + y / 2.0),
                  ((x + 2 * y) % 8) / 7.0], axis=2)
    a[2:6, 4:9, :3] = [.9, .1, .3]
    return a


def over_white(rgb, alpha=None):
    rgb = rgb.astype(float)
    if alpha is None:
        return np.rint(rgb).astype(np.uint8)
    return np.rint(rgb * alpha + 255 * (1 - alpha)).astype(np.uint8)


def add(name, data, expected):
    FILES[name] = data
    if isinstance(expected, str):
        FILES[name + ".refused"] = expected.encode()
    else:
        FILES[name + ".ppm"] = b"P6 %d %d 255\n" % expected.shape[1::-1] + expected.tobytes()


def by_pillow(data):
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        image = ImageOps.exif_transpose(image)
        if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
            white = Image.new("RGBA", image.size, (255, 255, 255, 255))
            white.alpha_composite(image.convert("RGBA"))
            image = white
        return np.asarray(image.convert("RGB"))


# TIFF, written by hand: no writer makes all of these.

class Tiff:
    def __init__(self, order="<", big=False):
        self.order, self.big, self.tags = order, big, {}

    def tag(self, number, kind, *values):
        self.tags[number] = (kind, values)

    def bytes(self, segments, offsets_tag=273, counts_tag=279):
        o = self.order
        head = (b"II" if o == "<" else b"MM")
        head += struct.pack(o + "HHHQ", 43, 8, 0, 16) if self.big else struct.pack(o + "HI", 42, 8)
        wide = 16 if self.big else 4
        self.tag(offsets_tag, wide, *([0] * len(segments)))
        self.tag(counts_tag, wide, *map(len, segments))
        for _ in range(2):
            directory, extra = b"", b""
            size = 8 + 20 * len(self.tags) + 8 if self.big else 2 + 12 * len(self.tags) + 4
            start = len(head) + size
            for number in sorted(self.tags):
                kind, values = self.tags[number]
                letter = {1: "B", 3: "H", 4: "I", 5: "II", 7: "B", 16: "Q", 11: "f", 8: "h"}[kind]
                flat = list(itertools.chain(*values)) if kind == 5 else values
                body = struct.pack(o + letter[0] * len(flat), *flat)
                count = struct.pack(o + ("Q" if self.big else "I"), len(values))
                room = 8 if self.big else 4
                if len(body) <= room:
                    value = body.ljust(room, b"\0")
                else:
                    value = struct.pack(o + ("Q" if self.big else "I"), start + len(extra))
                    extra += body + b"\0" * (len(body) % 2)
                directory += struct.pack(o + "HH", number, kind) + count + value
            places, at = [], start + len(extra)
            for segment in segments:
                places.append(at)
                at += len(segment)
            self.tag(offsets_tag, wide, *places)
        count = struct.pack(o + ("Q" if self.big else "H"), len(self.tags))
        return head + count + directory + b"\0" * (8 if self.big else 4) + extra + b"".join(segments)


def packed(samples, bits, order):
    """[rows, samples in a row] to bytes, each row from a whole byte on."""
    if bits == 16:
        return samples.astype(order + "u2").tobytes()
    if bits == 8:
        return samples.astype(np.uint8).tobytes()
    rows = ((samples[:, :, None].astype(int) >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8)
    return np.packbits(rows.reshape(len(samples), -1), axis=1).tobytes()


def compress(data, how):
    if how == 1:
        return data
    if how == 5:
        return imagecodecs.lzw_encode(data)
    if how in (8, 32946):
        return zlib.compress(data, 9)
    if how == 32773:
        return imagecodecs.packbits_encode(data)
    raise ValueError(how)


def differences(part, bits):
    """Predictor 2 along rows of [rows, columns, samples]."""
    if bits not in (8, 16):
        return part
    out = part.astype(np.int64)
    out[:, 1:] -= part[:, :-1].astype(np.int64)
    return out & ((1 << bits) - 1)


def tiff(samples, bits, photometric, extra=None, planar=1, tiles=None, rows=None, how=1, predictor=1, order="<",
         big=False, fill=1, more=()):
    """[height, width, samples] of whole numbers."""
    height, width, count = samples.shape
    t = Tiff(order, big)
    t.tag(256, 4, width)
    t.tag(257, 4, height)
    t.tag(258, 3, *([bits] * count))
    t.tag(259, 3, how)
    t.tag(262, 3, photometric)
    t.tag(277, 3, count)
    t.tag(284, 3, planar)
    if extra is not None:
        t.tag(338, 3, *extra)
    if predictor != 1:
        t.tag(317, 3, predictor)
    if fill != 1:
        t.tag(266, 3, fill)
    for number, kind, *values in more:
        t.tag(number, kind, *values)
    planes = [samples[:, :, i:i + 1] for i in range(count)] if planar == 2 else [samples]
    parts = []
    for plane in planes:
        if tiles:
            for top in range(0, height, tiles):
                for left in range(0, width, tiles):
                    part = plane[top:top + tiles, left:left + tiles]
                    pad = ((0, tiles - part.shape[0]), (0, tiles - part.shape[1]), (0, 0))
                    parts.append(np.pad(part, pad, mode="edge"))
        else:
            step = rows or height
            parts += [plane[top:top + step] for top in range(0, height, step)]
    segments = []
    for part in parts:
        if predictor == 2:
            part = differences(part, bits)
        data = packed(part.reshape(part.shape[0], -1), bits, order)
        data = compress(data, how)
        if fill == 2:
            data = bytes(int(f"{b:08b}"[::-1], 2) for b in data)
        segments.append(data)
    if tiles:
        t.tag(322, 3, tiles)
        t.tag(323, 3, tiles)
        return t.bytes(segments, 324, 325)
    t.tag(278, 4, rows or height)
    return t.bytes(segments)


def checked(name, data, truth, stored):
    """Adds a TIFF after a look at it with Pillow, or at its samples with tifffile."""
    try:
        seen = by_pillow(data)
    except Exception as e:  # Pillow has no form for it, or libtiff refuses it
        seen = None
    if seen is not None and np.abs(seen.astype(int) - truth).max() > 2:
        why = next((reason for part, reason in KNOWN.items() if part in name), None)
        if why is None:
            sys.exit(f"{name}: Pillow differs by {np.abs(seen.astype(int) - truth).max()}")
        counts["known"] += 1
        seen = None
    if seen is None:
        raw = tifffile.imread(io.BytesIO(data)).astype(int)
        if raw.ndim == 3 and raw.shape[0] == stored.shape[2] and raw.shape[1:] == stored.shape[:2]:
            raw = raw.transpose(1, 2, 0)
        if not np.array_equal(raw.reshape(stored.shape), stored):
            sys.exit(f"{name}: tifffile reads other samples")
    counts["pillow" if seen is not None else "tifffile"] += 1
    add(name, data, truth)


counts = {"pillow": 0, "tifffile": 0, "known": 0}


def make_tiff():
    a = smooth()
    layouts = itertools.cycle([dict(), dict(rows=4), dict(tiles=16), dict(rows=1)])
    hows = itertools.cycle([dict(how=1), dict(how=5), dict(how=8, predictor=2), dict(how=32773),
                            dict(how=5, predictor=2), dict(how=32946)])
    orders = itertools.cycle([dict(order="<"), dict(order=">"), dict(order="<", big=True), dict(order=">"),
                              dict(order="<")])
    forms = [("white0", 0, 1, (1, 2, 4, 8, 12, 16)), ("black0", 1, 1, (1, 2, 4, 8, 12, 16)),
             ("rgb", 2, 3, (2, 4, 8, 12, 16)), ("palette", 3, 1, (1, 2, 4, 8)), ("cmyk", 5, 4, (8, 16))]
    for (name, photometric, colours, depths) in forms:
        for bits, kind, planar in itertools.product(depths, ("plain", "unsaid", "associated", "unassociated"), (1, 2)):
            if planar == 2 and colours == 1 and kind == "plain":
                continue
            top = (1 << bits) - 1
            alpha = a[:, :, 3:4] if kind in ("associated", "unassociated") else None
            stored_alpha = None if alpha is None else np.rint(alpha * top) / top
            more = []
            if name == "palette":
                index = np.rint(a[:, :, 0:1] * top).astype(int)
                rng = np.random.default_rng(bits)
                table = rng.integers(0, 256, (top + 1, 3))
                more = [(320, 3, *[int(v) * 257 for v in table.T.reshape(-1)])]
                stored, rgb = index, table[index[:, :, 0]]
                if kind == "associated":
                    continue  # an index that is multiplied is none
            else:
                values = np.concatenate([a[:, :, :3], a[:, :, 1:2] * .6], axis=2)[:, :, :colours]
                if kind == "associated":
                    values = values * stored_alpha
                stored = np.rint(values * top).astype(int)
                shown = stored / top
                if kind == "associated":
                    with np.errstate(divide="ignore", invalid="ignore"):
                        shown = np.where(stored_alpha > 0, np.minimum(1, shown / stored_alpha), 0)
                if name == "white0":
                    shown = 1 - shown
                    if kind == "associated":
                        continue  # what is multiplied, light or ink, is not said anywhere
                if name == "cmyk":
                    ink = np.rint(255 * shown)
                    left = 255 - ink[:, :, 3:4]
                    rgb = left - ink[:, :, :3] * left / 255
                else:
                    rgb = 255 * (np.repeat(shown, 3, axis=2) if colours == 1 else shown)
            extra = None
            if kind != "plain":
                last = np.rint((a[:, :, 3:4] if alpha is None else stored_alpha) * top).astype(int)
                stored = np.concatenate([stored, last], axis=2)
                extra = [{"unsaid": 0, "associated": 1, "unassociated": 2}[kind]]
            options = dict(next(layouts), **next(hows), **next(orders))
            if options.get("predictor") == 2 and bits not in (8, 16):
                del options["predictor"]
            data = tiff(stored, bits, photometric, extra=extra, planar=planar, more=more, **options)
            label = f"{name}-{bits}-{kind}-{'planes' if planar == 2 else 'chunky'}.tif"
            checked(label, data, over_white(rgb, stored_alpha), stored)
    rgb = np.rint(255 * a[:, :, :3]).astype(int)
    for how, predictor, tiles, planar, order in itertools.product((1, 5, 8, 32773), (1, 2), (None, 16), (1, 2), "<>"):
        if predictor == 2 and how in (1, 32773):
            continue
        data = tiff(rgb, 8, 2, how=how, predictor=predictor, tiles=tiles, rows=None if tiles else 5, planar=planar,
                    order=order)
        checked(f"rgb-{how}-{predictor}-{'tiles' if tiles else 'strips'}-{planar}-{'le' if order == '<' else 'be'}.tif",
                data, over_white(rgb), rgb)
    checked("fill-order.tif", tiff(rgb, 8, 2, fill=2), over_white(rgb), rgb)
    four = np.concatenate([rgb, np.rint(255 * a[:, :, 3:4]).astype(int)], axis=2)
    checked("rgba-without-a-word.tif", tiff(four, 8, 2), over_white(rgb, four[:, :, 3:4] / 255), four)
    five = np.concatenate([rgb, np.full((H, W, 1), 9), four[:, :, 3:4]], axis=2)
    checked("two-extras.tif", tiff(five, 8, 2, extra=[0, 2]), over_white(rgb, four[:, :, 3:4] / 255), five)
    make_ycbcr(rgb)
    make_packed_by_others(rgb)
    make_refused(rgb)


def make_ycbcr(rgb):
    ycc = np.asarray(Image.fromarray(rgb.astype(np.uint8)).convert("YCbCr")).astype(int)
    for (h, v), rows, how in itertools.product([(1, 1), (2, 1), (2, 2), (4, 2), (4, 4)], (None, 4), (5, 1)):
        t = Tiff("<")
        for number, kind, *values in [(256, 4, W), (257, 4, H), (258, 3, 8, 8, 8), (259, 3, how), (262, 3, 6),
                                      (277, 3, 3), (284, 3, 1), (278, 4, rows or H), (530, 3, h, v), (531, 3, 2),
                                      (532, 5, (0, 1), (255, 1), (128, 1), (255, 1), (128, 1), (255, 1))]:
            t.tag(number, kind, *values)
        segments = []
        for top in range(0, H, rows or H):
            part = ycc[top:top + (rows or H)]
            part = np.pad(part, ((0, -len(part) % v), (0, -W % h), (0, 0)), mode="edge")
            units = part.reshape(len(part) // v, v, part.shape[1] // h, h, 3).transpose(0, 2, 1, 3, 4)
            flat = np.concatenate([units[..., 0].reshape(*units.shape[:2], -1),
                                   units[:, :, 0, 0, 1:]], axis=2)
            segments.append(compress(flat.astype(np.uint8).tobytes(), how))
        data = t.bytes(segments)
        shared = ycc.copy()
        for y, x in itertools.product(range(H), range(W)):
            shared[y, x, 1:] = ycc[y // v * v, x // h * h, 1:]
        expected = np.asarray(Image.frombytes("YCbCr", (W, H), shared.astype(np.uint8).tobytes()).convert("RGB"))
        # Pillow asks libtiff only where something is packed; and of units of 4 x 4, libtiff forgets the cut ones.
        seen = by_pillow(data) if how == 5 and (h, v) != (4, 4) else expected
        if np.abs(seen.astype(int) - expected).max() > 2:
            sys.exit(f"ycbcr {h} {v}: Pillow differs")
        add(f"ycbcr-{h}{v}-{how}-{rows or 'whole'}.tif", data, expected)
        counts["pillow"] += 1


def make_packed_by_others(rgb):
    image = Image.fromarray(rgb.astype(np.uint8))
    large = Image.fromarray((255 * smooth(33, 27)[:, :, :3]).astype(np.uint8))
    for mode in ("RGB", "L", "CMYK", "YCbCr"):
        for quality in (75, 95):
            buffer = io.BytesIO()
            large.convert(mode).save(buffer, "TIFF", compression="jpeg", quality=quality)
            add(f"jpeg-{mode.lower()}-{quality}.tif", buffer.getvalue(), by_pillow(buffer.getvalue()))
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.asarray(large), photometric="ycbcr", compression="jpeg", tile=(16, 16),
                     subsampling=(1, 1))
    add("jpeg-tiles.tif", buffer.getvalue(), by_pillow(buffer.getvalue()))
    for how in ("group3", "group4", "tiff_ccitt"):
        for photometric in (0, 1):
            buffer = io.BytesIO()
            large.convert("1").save(buffer, "TIFF", compression=how, tiffinfo={262: photometric})
            add(f"{how}-{photometric}.tif", buffer.getvalue(), by_pillow(buffer.getvalue()))
    buffer = io.BytesIO()
    frames = [image, ImageOps.invert(image)]
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    add("two-pages.tif", buffer.getvalue(), np.asarray(image))
    for orientation in range(2, 9):
        data = tiff(rgb, 8, 2, more=[(274, 3, orientation)])
        add(f"turned-{orientation}.tif", data, by_pillow(data))


def make_refused(rgb):
    def refused(name, sentence, *args, **options):
        add(name + ".tif", tiff(*args, **options), sentence)

    grey = rgb[:, :, :1]
    for bits in (32, 64):
        for kind, word in ((1, f"of {bits} bits a sample"), (2, "of signed numbers"), (3, "of floating-point numbers")):
            t = {(1, 32): "<u4", (1, 64): "<u8", (2, 32): "<i4", (2, 64): "<i8", (3, 32): "<f4", (3, 64): "<f8"}
            for planar in (1, 2):
                d = Tiff("<")
                for number, k, *values in [(256, 4, W), (257, 4, H), (258, 3, bits, bits, bits), (259, 3, 1), (262, 3, 2),
                                           (277, 3, 3), (284, 3, planar), (278, 4, H), (339, 3, kind, kind, kind)]:
                    d.tag(number, k, *values)
                plane = (rgb / (255 if kind == 3 else 1)).astype(t[kind, bits])
                parts = [plane[:, :, i].tobytes() for i in range(3)] if planar == 2 else [plane.tobytes()]
                add(f"refused-{bits}-{kind}-{planar}.tif", d.bytes(parts), word)
    half = tiff(rgb, 16, 2, more=[(339, 3, 3, 3, 3)])
    add("refused-half.tif", half, "of floating-point numbers")
    for bits in (8, 16):
        add(f"refused-signed-{bits}.tif", tiff(grey, bits, 1, more=[(339, 3, 2)]), "of signed numbers")
    add("refused-complex.tif", tiff(grey, 16, 1, more=[(339, 3, 6)]), "of complex numbers")
    for photometric, word in ((4, "a transparency mask"), (8, "in CIELab colours"), (9, "in ICCLab colours"),
                              (10, "in ITULab colours"), (32803, "colour filter"), (32844, "logarithmic colours"),
                              (32845, "logarithmic colours"), (34892, "linear colours"), (99, "an unknown kind")):
        add(f"refused-colours-{photometric}.tif", tiff(rgb, 8, photometric), word)
    for how, word in ((6, "JPEG in its old form"), (34712, "JPEG 2000"), (34925, "LZMA"), (50000, "Zstandard"),
                      (50001, "WebP"), (34887, "LERC"), (12345, "not known (12345)")):
        data = tiff(rgb, 8, 2)
        t = struct.pack("<HHIHH", 259, 3, 1, 1, 0)
        assert data.count(t) == 1
        add(f"refused-packed-{how}.tif", data.replace(t, struct.pack("<HHIHH", 259, 3, 1, how, 0)), word)
    mixed = tiff(rgb, 8, 2).replace(struct.pack("<HHH", 8, 8, 8), struct.pack("<HHH", 5, 6, 5))
    add("refused-mixed.tif", mixed, "different numbers of bits")
    add("refused-no-photometric.tif",
        tiff(rgb, 8, 2).replace(struct.pack("<HHI", 262, 3, 1), struct.pack("<HHI", 263, 3, 1)), "does not say what")
    add("refused-grey-extra.tif", tiff(rgb[:, :, :2], 8, 1), "does not say what the last one is")
    add("refused-inks.tif", tiff(np.concatenate([rgb, grey], axis=2), 8, 5, more=[(332, 3, 2)]), "of inks other than")
    add("refused-predictor.tif", tiff(rgb, 8, 2, how=8, more=[(317, 3, 3)]), "predictor for floating-point")
    add("refused-predictor-4.tif", tiff(rgb // 16, 4, 2, how=8, more=[(317, 3, 2)]), "predictor that does not fit")


def saved(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


def make_jpeg(image, large):
    plain = saved(image, format="JPEG", quality=92, exif=Image.Exif().tobytes() or b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    expected = by_pillow(plain)
    add("plain.jpg", plain, expected)
    ends, at = [], 2
    while plain[at + 1] != 0xDA:
        at += 2 + struct.unpack(">H", plain[at + 2:at + 4])[0]
        ends.append(at)
    for i, end in enumerate(ends):
        add(f"stray-{i}.jpg", plain[:end] + b"\0\0" + plain[end:], expected)
    add("stray-more.jpg", plain[:ends[0]] + b"\0\x12\xff\0\x34" + plain[ends[0]:], expected)
    add("fill-bytes.jpg", plain[:ends[0]] + b"\xff\xff\xff" + plain[ends[0]:], expected)
    add("trailing.jpg", plain + b"after the end" * 3, expected)
    for name, options in {
        "restart": dict(restart_marker_blocks=1), "restart-rows": dict(restart_marker_rows=1),
        "420": dict(subsampling=2), "422": dict(subsampling=1),
        "optimised": dict(optimize=True), "progressive-restart": dict(progressive=True, restart_marker_rows=1),
        "rgb": dict(keep_rgb=True, subsampling=0), "low": dict(quality=5),
    }.items():
        data = saved(large, format="JPEG", **dict(dict(quality=90), **options))
        add(f"{name}.jpg", data, by_pillow(data))
    for mode in ("L", "CMYK"):
        for progressive in (False, True):
            data = saved(large.convert(mode), format="JPEG", quality=92, progressive=progressive)
            add(f"{mode.lower()}-{'progressive' if progressive else 'sequential'}.jpg", data, by_pillow(data))
    cmyk = bytearray(saved(large.convert("CMYK"), format="JPEG", quality=92, subsampling=0))
    at = cmyk.index(b"Adobe") - 4
    add("cmyk-without-adobe.jpg", bytes(cmyk[:at] + cmyk[at + 16:]), by_pillow(bytes(cmyk[:at] + cmyk[at + 16:])))
    pixels = np.asarray(large)
    for subsampling in ("411", "440"):
        data = imagecodecs.jpeg8_encode(pixels, level=90, subsampling=subsampling)
        add(f"{subsampling}.jpg", data, by_pillow(data))
    add("12-bits.jpg", imagecodecs.jpeg8_encode(pixels.astype(np.uint16) * 16, bitspersample=12),
        "12 bits a sample")
    add("lossless.jpg", imagecodecs.ljpeg_encode(pixels[:, :, 0]), "lossless")
    return plain


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(samples, bits, kind, interlace=False, extra=b""):
    height, width = samples.shape[:2]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    lines = b""
    for x, y, dx, dy in passes if interlace else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            for i, row in enumerate(part):
                lines += b"\0" + packed(row.reshape(1, -1), bits, ">")
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlace))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(lines, 9))
            + chunk(b"IEND", b""))


def make_png():
    a = smooth()
    for kind, colours, depths in ((0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (3, 1, (1, 2, 4, 8)), (4, 2, (8, 16)),
                                  (6, 4, (8, 16))):
        for bits, interlace, keyed in itertools.product(depths, (False, True), (False, True)):
            top = (1 << bits) - 1
            values = {1: a[:, :, :1], 2: a[:, :, [0, 3]], 3: a[:, :, :3], 4: a}[colours]
            stored = np.rint(values * top).astype(int)
            extra, alpha = b"", None
            if kind == 3:
                table = np.random.default_rng(bits).integers(0, 256, (top + 1, 3))
                extra = chunk(b"PLTE", table.astype(np.uint8).tobytes())
                rgb = table[stored[:, :, 0]]
                if keyed:
                    some = np.arange((top + 1) // 2 + 1) * 255 // (top + 1)
                    extra += chunk(b"tRNS", some.astype(np.uint8).tobytes())
                    full = np.full(top + 1, 255)
                    full[:len(some)] = some
                    alpha = full[stored] / 255
            else:
                shown = stored * 255 / top
                rgb = np.repeat(shown[:, :, :1], 3, axis=2) if colours < 3 else shown[:, :, :3]
                if colours in (2, 4):
                    alpha = stored[:, :, -1:] / top
                    if keyed:
                        continue
                elif keyed:
                    key = stored[3, 5]
                    extra = chunk(b"tRNS", b"".join(struct.pack(">H", v) for v in key))
                    alpha = 1.0 - (stored == key).all(axis=2, keepdims=True)
            extra = chunk(b"gAMA", struct.pack(">I", 45455)) + extra
            add(f"png-{kind}-{bits}{'-interlaced' if interlace else ''}{'-keyed' if keyed else ''}.png",
                png(stored, bits, kind, interlace, extra), over_white(rgb, alpha))


def bmp(width, height, bits, rows, compression=0, palette=b"", masks=b"", head=40, colours=0):
    info = struct.pack("<IiiHHIIiiII", head, width, height, 1, bits, compression, len(rows), 0, 0, colours, 0)
    info += (masks.ljust(16, b"\0") + struct.pack("<I", 0x73524742) + b"\0" * 48)[:head - 40] if head > 40 else masks
    offset = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + palette + rows


def make_bmp(image):
    rgb = np.asarray(image)
    up = rgb[::-1]
    def rows(a):
        a = a.reshape(len(a), -1)
        return np.pad(a, ((0, 0), (0, -a.shape[1] % 4))).tobytes()
    add("bmp-24.bmp", bmp(W, H, 24, rows(up[:, :, ::-1])), rgb)
    add("bmp-24-down.bmp", bmp(W, -H, 24, rows(rgb[:, :, ::-1])), rgb)
    four = np.concatenate([up[:, :, ::-1], np.full((H, W, 1), 77, np.uint8)], axis=2)
    add("bmp-32.bmp", bmp(W, H, 32, rows(four)), rgb)
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    data = bmp(W, H, 32, rows(four), 3, masks=masks, head=108)
    add("bmp-32-alpha.bmp", data, by_pillow(data))
    for name, compression, masks, shifts in (("555", 0, b"", (5, 5, 5)),
                                             ("565", 3, struct.pack("<III", 0xF800, 0x7E0, 0x1F), (5, 6, 5))):
        r, g, b = (up[:, :, i].astype(int) >> 8 - n for i, n in enumerate(shifts))
        word = (r << shifts[1] + shifts[2] | g << shifts[2] | b).astype("<u2")
        data = bmp(W, H, 16, rows(word.view(np.uint8).reshape(H, -1)), compression, masks=masks)
        add(f"bmp-{name}.bmp", data, by_pillow(data))
    for bits in (1, 4, 8):
        p = image.quantize(1 << bits)
        index = np.asarray(p)[::-1]
        table = np.asarray(p.getpalette()[:3 << bits]).reshape(-1, 3)
        table = np.pad(table, ((0, (1 << bits) - len(table)), (0, 0)))
        palette = np.pad(table[:, ::-1], ((0, 0), (0, 1))).astype(np.uint8).tobytes()
        body = np.frombuffer(packed(index.astype(int), bits, "<"), np.uint8).reshape(H, -1)
        add(f"bmp-{bits}.bmp", bmp(W, H, bits, rows(body), palette=palette), np.asarray(p.convert("RGB")))
        if bits == 8:
            runs = b""
            for row in index:
                for value, group in itertools.groupby(row.tolist()):
                    runs += bytes([len(list(group)), value])
                runs += b"\0\0"
            add("bmp-rle8.bmp", bmp(W, H, 8, runs + b"\0\x01", 1, palette=palette), np.asarray(p.convert("RGB")))
        if bits == 4:
            runs = b""
            for row in index:
                for value, group in itertools.groupby(row.tolist()):
                    runs += bytes([len(list(group)), value * 17])
                runs += b"\0\0"
            add("bmp-rle4.bmp", bmp(W, H, 4, runs + b"\0\x01", 2, palette=palette), np.asarray(p.convert("RGB")))
    core = struct.pack("<IHHHH", 12, W, H, 1, 24)
    body = rows(up[:, :, ::-1])
    add("bmp-core.bmp", b"BM" + struct.pack("<IHHI", 26 + len(body), 0, 0, 26) + core + body, rgb)


def make_gif(image):
    p = image.quantize(16)
    for name, options in (("plain", {}), ("interlaced", dict(interlace=1)), ("straight", dict(interlace=0)),
                          ("clear", dict(transparency=3))):
        data = saved(p, format="GIF", **options)
        add(f"gif-{name}.gif", data, by_pillow(data))
    frames = [p, ImageOps.mirror(image).quantize(8)]
    data = saved(frames[0], format="GIF", save_all=True, append_images=frames[1:], duration=100, disposal=2)
    add("gif-moving.gif", data, by_pillow(data))


def make_webp(large):
    a = smooth(33, 27)
    rgba = large.copy()
    rgba.putalpha(Image.fromarray(np.rint(255 * a[:, :, 3]).astype(np.uint8)))
    other = ImageOps.invert(large)
    for name, image, options in (
            ("lossy", large, dict(quality=80)), ("lossless", large, dict(lossless=True)),
            ("lossy-alpha", rgba, dict(quality=80)), ("lossless-alpha", rgba, dict(lossless=True, exact=True))):
        data = saved(image, format="WEBP", **options)
        add(f"webp-{name}.webp", data, by_pillow(data))
        second = other if image is large else ImageOps.mirror(rgba)
        data = saved(image, format="WEBP", save_all=True, append_images=[second], duration=80, **options)
        add(f"webp-moving-{name}.webp", data, by_pillow(data))
    # A first frame that covers a part of the canvas: VP8X, ANIM, and one ANMF around the chunks of a still picture.
    small = large.crop((0, 0, 20, 16))
    for name, options in (("lossy", dict(quality=90)), ("lossless", dict(lossless=True))):
        still = saved(small, format="WEBP", **options)[12:]
        anmf = b"".join(struct.pack("<I", v)[:3] for v in (6 // 2, 4 // 2, 19, 15, 100)) + b"\0" + still
        body = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + struct.pack("<I", 32)[:3] + struct.pack("<I", 26)[:3]
        body += b"ANIM" + struct.pack("<IIH", 6, 0, 0) + b"ANMF" + struct.pack("<I", len(anmf)) + anmf
        data = b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
        add(f"webp-part-{name}.webp", data, by_pillow(data))


if __name__ == "__main__":
    make_tiff()
    make_png()
    small_image = Image.fromarray(np.rint(255 * smooth()[:, :, :3]).astype(np.uint8))
    large_image = Image.fromarray(np.rint(255 * smooth(33, 27)[:, :, :3]).astype(np.uint8))
    make_jpeg(small_image, large_image)
    make_bmp(small_image)
    make_gif(small_image)
    make_webp(large_image)
    OUT.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(OUT / "forms.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(FILES):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), FILES[name], zipfile.ZIP_DEFLATED)
    print(len(FILES) // 2, "files;", counts)
