"""Starts a studio on the bundled model with a folder of its own, and draws with generate for comparison."""

import io
import os
import re
import shlex
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, parse_qs

from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
COMMAND = shlex.split(os.environ.get("ATELIER_COMMAND", str(ROOT / "scripts" / "atelier")))


class Studio:
    """A running studio; `url` without a slash at the end, `key` for programs."""

    def __init__(self, *changes):
        self.folder = Path(tempfile.mkdtemp(prefix="atelier-studio-"))
        self.runs = self.folder / "runs"
        words = ["studio", "studio.port=0", "studio.open=false", f"studio.data={self.folder}/data",
                 f"run.dir={self.runs}", "device=cpu", *changes]
        self.process = subprocess.Popen(COMMAND + words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        line = ""
        while not (found := re.search(r"http://\S+", line)):
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the studio ended before it printed its link")
        link = urlsplit(found.group())
        self.url = f"http://{link.hostname}:{link.port}"
        self.port = link.port
        self.key = parse_qs(link.query)["key"][0]

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


def generate(folder, *changes):
    """Pixels of the pictures that generate draws, in order."""
    out = Path(folder) / f"generated-{abs(hash(changes))}"
    done = subprocess.run(COMMAND + ["generate", "device=cpu", f"out={out}", *changes], check=True, text=True,
                          capture_output=True, cwd=ROOT)
    return [pixels(Image.open(line)) for line in done.stdout.split()]


def pixels(image):
    """Size and bytes of a picture, whatever its metadata."""
    if isinstance(image, bytes):
        image = Image.open(io.BytesIO(image))
    return image.size, image.convert("RGB").tobytes()
