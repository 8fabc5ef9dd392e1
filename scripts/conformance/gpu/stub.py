"""Runs the product, or a peer's script, on the stub of CUDA's libraries (cuda-stub/) and reads the account that it keeps.

    ATELIER_SCRATCH   where the stub is built and models are written; else the system's temporary folder
    ATELIER_COMMAND   another launcher than this repository's
    ATELIER_JAVA_OPTS options of Java's; a product that counts GPUs by DJL needs -Djna.library.path=ATELIER_SCRATCH/atelier-stub/lib
"""

import csv
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SOURCES = HERE.parent / "cuda-stub"
SCRATCH = Path(os.environ.get("ATELIER_SCRATCH", tempfile.gettempdir())) / "atelier-stub"
LIBRARIES = SCRATCH / "lib"
LAUNCHER = os.environ.get("ATELIER_COMMAND", str(ROOT / "scripts/atelier"))
TORCH = Path(sysconfig.get_paths()["purelib"]) / "torch"
MIB = 1 << 20


@dataclass
class Done:
    """How a process ended, what it said, and its account: one entry a mark, each counting from the mark before."""

    code: int
    said: str
    marks: list

    def steps(self):
        """The entries of a training run's steps."""
        return [m for m in self.marks if m["mark"] != "end"]

    @property
    def reserved(self):
        """MiB of device memory at the peak, from the start, all devices together."""
        return max((m["device_peak_ever"] for m in self.marks), default=0) // MIB


def build():
    """Builds the stub once and gives what LD_PRELOAD must be."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    return subprocess.run([SOURCES / "build.sh", LIBRARIES, sys.executable], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def torch_names():
    """What the launcher needs to take this environment's PyTorch."""
    return {"ATELIER_PROFILE": "cuda", "PYTORCH_LIBRARY_PATH": str(TORCH / "lib"), "PYTORCH_VERSION": "2.7.1", "PYTORCH_FLAVOR": "cu128", "RUST_FLAVOR": "cpu"}


def prepare():
    """Builds the product for CUDA, without the stub around the build."""
    subprocess.run([LAUNCHER, "doctor"], env={**os.environ, **torch_names()}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run(command, devices=1, memory=24, mark=None, operators=False, line=None, **more):
    """Runs a command on the stub; memory in GB a device. Each line of output is given to line as it comes."""
    preload = build()
    report = Path(tempfile.mkstemp(prefix="account-", dir=SCRATCH)[1])
    environment = {**os.environ, **torch_names(), "LD_LIBRARY_PATH": str(LIBRARIES), "LD_PRELOAD": preload, "FAKE_REPORT": str(report), "FAKE_DEVICES": str(devices),
                   "FAKE_MEM_GB": str(memory),
                   **({"FAKE_MARK": mark} if mark else {}), **({"FAKE_OPERATORS": str(LIBRARIES / "libatelier_operators.so")} if operators else {}), **more}
    environment.pop("CUDA_VISIBLE_DEVICES", None)
    process = subprocess.Popen([str(c) for c in command], cwd=ROOT, env=environment, text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = []
    for text in process.stdout:
        said.append(text)
        if line:
            line(text.rstrip("\n"))
    code = process.wait()
    marks = [json.loads(text) for text in report.read_text().splitlines()]
    report.unlink()
    return Done(code, "".join(said), marks)


def product(words, **more):
    """A command of the product."""
    return run([LAUNCHER, *words], **more)


def cells(commands, ended, options=(), **card):
    """Runs command lines of the product one after another in one process, and tells exit status and output of each to ended as it comes. Where one takes
    the process with it, its status is negative and another process goes on behind it."""
    product_root = Path(LAUNCHER).resolve().parents[1]
    path = ":".join((product_root / "cli/target/built-cuda").read_text().split())
    count = 0

    def heard(text):
        nonlocal count
        if text.startswith("CELL\t"):
            _, _, code, said = text.split("\t", 3)
            count += 1
            ended(Done(int(code), said.replace("\\n", "\n"), []))

    while count < len(commands):
        began = count
        with tempfile.NamedTemporaryFile("w", suffix=".cells", dir=SCRATCH) as file:
            file.write("".join("\t".join(map(str, words)) + "\n" for words in commands[began:]))
            file.flush()
            done = run(["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Datelier.root={product_root}", *os.environ.get("ATELIER_JAVA_OPTS", "").split(), *options, "-cp", path,
                        ROOT / "cli/src/test/java/atelier/cli/conformance/Cells.java", file.name], line=heard, **card)
        if count < len(commands):
            if done.code == 0:
                raise SystemExit(f"the process of {len(commands)} commands says nothing of the {count + 1}th\n{done.said[-2000:]}")
            count += 1
            ended(Done(-abs(done.code), done.said[-6000:], []))


def pictures(folder, side, count=4, **columns):
    """Plain pictures and their table, of other colours each: a step that has seen them all encodes nothing any more."""
    from PIL import Image

    if (folder / "pairs.csv").exists():
        return folder
    folder.mkdir(parents=True)
    rows = []
    for i in range(count):
        Image.new("RGB", (side, side), (20 * i % 256, 255 - 11 * i % 256, 7 * i % 256)).save(folder / f"{i}.png")
        rows.append({"image": f"{i}.png", "caption": f"picture {i}, small, bright", "creator": "Example Artist", "licence": "CC0-1.0",
                     "source": f"https://example.org/{i}", **columns})
    with (folder / "pairs.csv").open("w", newline="") as f:
        table = csv.DictWriter(f, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder


def training(model, data, side, runs, cache, *keys):
    """The words of a training run on pictures of that side that draws nothing and writes no merged model."""
    return ["train", "recipe=demo", "model=tiny", "device=cuda", f"model.path={model}", "data=folder", f"data.pairs={data}/pairs.csv", f"data.images={data}", f"data.resolution={side}",
            "train.save_every=0", "train.sample_every=0", "sample.prompts=[]", "export.merged=false", f"train.cache_dir={cache}", f"run.dir={runs}", "run.name=run", *keys]
