"""Whether the Python package invisible-watermark 0.2.0 reads the watermark that Atelier embeds, beside its own encoder's.

    python scripts/conformance/pictures/watermark.py CLASS_PATH
Needs opencv-python-headless 4.12.0.88 and invisible-watermark 0.2.0. CLASS_PATH is that of the module inference's tests.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from imwatermark import WatermarkDecoder, WatermarkEncoder

TEXT = b"StableDiffusionV1"


def pictures():
    random = np.random.default_rng(0)
    y, x = np.mgrid[0:512, 0:512]
    smooth = cv2.GaussianBlur(random.integers(0, 256, (512, 512, 3)).astype(np.float32), (0, 0), 9)
    smooth = np.clip((smooth - 127) * 12 + 127, 20, 235).astype(np.uint8)
    gradient = np.stack([60 + (7 * x + 3 * y) % 120, 60 + y // 2 % 120, 60 + x // 3 % 120], -1).astype(np.uint8)
    noise = random.integers(30, 226, (512, 512, 3)).astype(np.uint8)
    white = np.full((512, 512, 3), 255, np.uint8)
    white[128:384, 128:384] = smooth[128:384, 128:384]
    return dict(smooth=smooth, gradient=gradient, noise=noise, mostly_white=white, small=smooth[:256, :256])


def read(picture):
    bits = WatermarkDecoder("bytes", 8 * len(TEXT)).decode(picture, "dwtDct")
    got = np.unpackbits(np.frombuffer(bits, np.uint8))
    return int((got == np.unpackbits(np.frombuffer(TEXT, np.uint8))).sum())


def main():
    encoder = WatermarkEncoder()
    encoder.set_watermark("bytes", TEXT)
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, picture in pictures().items():
            files[name] = str(Path(folder, name + ".png"))
            cv2.imwrite(files[name], picture)
        subprocess.run(["java", "-cp", sys.argv[1], "atelier.inference.conformance.Watermark", *files.values()], check=True)
        for name, picture in pictures().items():
            ours, theirs = cv2.imread(files[name]), encoder.encode(picture.copy(), "dwtDct")
            loss = lambda a: round(float(cv2.PSNR(picture, a)), 1)
            print(f"{name}: of 136 bits ours {read(ours)} ({loss(ours)} dB), the package's own encoder {read(theirs)} ({loss(theirs)} dB)")


main()
