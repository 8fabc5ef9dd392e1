"""Decode and resize to 512 pixels against Pillow, one thread each, the same files, turn and turn about.

    python scripts/bench/decode.py [FOLDER]

Without a folder it makes one of six of a photograph's size in each form from the golden bridge picture, and takes the demo's
pictures besides. Medians over rounds, in milliseconds an image; the ratio is Atelier's time over Pillow's.
"""

import io
import statistics
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/conformance/live"))
import support  # noqa: E402

SIZE, ROUNDS, TURNS = 512, 5, 3
FORMS = {
    "jpeg": dict(format="JPEG", quality=90),
    "jpeg-progressive": dict(format="JPEG", quality=90, progressive=True),
    "png": dict(format="PNG"),
    "webp": dict(format="WEBP", quality=80),
}


def pillow(folder):
    files = [f.read_bytes() for f in sorted(folder.iterdir()) if f.is_file()]
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for data in files:
            image = Image.open(io.BytesIO(data)).convert("RGB")
            scale = SIZE / max(image.size)
            image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.LANCZOS)
        times.append((time.perf_counter() - start) * 1e3 / len(files))
    return times


def made(scratch):
    picture = Image.open(ROOT / "datasets/src/test/resources/golden/bridge-1-original.jpg").convert("RGB")
    for name, options in FORMS.items():
        folder = Path(scratch) / name
        folder.mkdir()
        for i in range(6):
            part = picture.crop((i * 20, i * 10, i * 20 + 1400, i * 10 + 900))
            part.save(folder / f"{i}.{name}", **options)
        yield name, folder
    yield "demo (png, 128 px)", ROOT / "datasets/demo/images"


def main():
    with tempfile.TemporaryDirectory() as scratch:
        given = [(a, Path(a)) for a in sys.argv[1:]] or list(made(scratch))
        print(f"{'files':22} {'Atelier ms':>11} {'Pillow ms':>10} {'ratio':>6}")
        for name, folder in given:
            ours, theirs = [], []
            for _ in range(TURNS):
                ours += support.java("atelier.datasets.bench.DecodeRate", "datasets", folder=folder, size=SIZE, rounds=ROUNDS)["ms"]
                theirs += pillow(folder)
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"{name:22} {a:11.2f} {b:10.2f} {a / b:6.2f}", flush=True)


if __name__ == "__main__":
    main()
