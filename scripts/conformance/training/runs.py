"""What the checks of training runs share: a tiny data set, the command line of a run on the tiny model, and its metrics."""

import csv
import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))
from support import LAUNCHER, ROOT, row, workspace  # noqa: E402

MODEL = ROOT / "diffusion/src/test/resources/golden/models/sd1"
__all__ = ["MODEL", "ROOT", "Run", "command", "pictures", "row", "workspace"]


def pictures(folder, count=12, side=24):
    """Random pictures with transparent corners, their table and an opt-out list that names none of them."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(5)
    rows = [["image", "caption", "creator", "licence", "source"]]
    for i in range(count):
        picture = Image.new("RGBA", (side + i % 3 * 4, side))
        picture.putdata([(draw.randrange(256), draw.randrange(256), draw.randrange(256), 255 if p % side > 4 else 0) for p in range(picture.width * side)])
        picture.save(folder / f"{i}.png")
        rows.append([f"{i}.png", f"picture {i}, small, bright", "Example Artist", "CC0-1.0", f"https://example.org/{i}"])
    with (folder / "pairs.csv").open("w", newline="") as f:
        csv.writer(f).writerows(rows)
    (folder / "optout.jsonl").write_text('{"id": "1", "kind": "domain", "value": "example.net", "subdomains": true}\n')
    return folder


def command(words):
    """Starts any command of the product's."""
    environment = {**os.environ, "ATELIER_PROFILE": "cpu"}
    return subprocess.Popen([LAUNCHER, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True)


class Run:
    """A training run of the given name: to be started, killed, resumed and compared."""

    def __init__(self, space, name, keys=(), data=None, model=MODEL, runs=None, cache=None):
        self.space, self.name = space, name
        data = data or space / "data"
        # One name for all, since an adapter's metadata holds it; a folder each.
        runs = (runs or space / "runs") / name
        self.folder = runs / "run"
        self.words = ["train", "data=demo", "model=tiny", "recipe=demo", f"model.path={model}", "device=cpu", f"data.pairs={data}/pairs.csv", f"data.images={data}", "data.resolution=16",
                      f"optout.manifests=[{data}/optout.jsonl]", "adapter.rank=2", "adapter.alpha=2", "train.batch_size=2", "train.sample_every=0",
                      f"train.cache_dir={cache or space / 'cache'}", "sample.prompts=[]", "export.merged=false", f"run.dir={runs}", "run.name=run", *keys]

    def start(self, words=None):
        return command(words or self.words)

    def run(self, words=None, expect=0):
        process = self.start(words)
        said = process.communicate()[1]
        if expect is not None and process.returncode != expect:
            raise SystemExit(f"{self.name} ended with {process.returncode}, not {expect}:\n{said[-3000:]}")
        return process.returncode, said

    def resume(self, *keys, expect=0):
        """Goes on; a run that was killed before it had written its settings begins anew."""
        known = (self.folder / "resolved.conf").exists()
        return self.run(["train", f"resume={self.folder}", *keys] if known else [*self.words, *keys], expect)

    def killed(self, seconds):
        """Starts the run and kills it after so many seconds; None when it had ended by then, else the steps that were on record."""
        process = self.start()
        time.sleep(seconds)
        ended = process.poll() is not None
        process.kill()
        process.communicate()
        return None if ended else self.last_step()

    def rows(self):
        file = self.folder / "metrics.csv"
        if not file.exists():
            return []
        with file.open(newline="") as f:
            return [line for line in csv.DictReader(f) if line["step"].isdigit()]

    def last_step(self):
        rows = self.rows()
        return int(rows[-1]["step"]) if rows else 0

    def digest(self, name="adapter.safetensors"):
        return hashlib.sha256((self.folder / name).read_bytes()).hexdigest()

    def saved(self):
        return sorted(p.name for p in (self.folder / "state").glob("step-*"))
