"""Starts one process of a side and reads what it measured: the product through its own command, the peers through their scripts."""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "conformance/live"))
import support  # noqa: E402

SCRATCH = Path(os.environ.get("ATELIER_SCRATCH", tempfile.gettempdir())) / "atelier-bench"
MODEL = SCRATCH / "sd15"
DEMO = ROOT / "datasets/demo"
PICTURES = SCRATCH / "pictures-512"


def prepare(full_size=True):
    """Writes the model of SD 1.5's size once, and sees to it that the product is built before anything is timed."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    pairs = (DEMO / "captions.csv").read_text().splitlines(keepends=True)
    (SCRATCH / "few.csv").write_text("".join(pairs[:17]))
    if full_size:
        subprocess.run([sys.executable, str(HERE / "model.py"), str(MODEL)], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([support.LAUNCHER, "doctor"], check=True, stdout=subprocess.DEVNULL)


def pictures(count):
    """Writes that many different pictures of 512 pixels once: the demonstration's, enlarged and turned."""
    if PICTURES.exists():
        return
    from PIL import Image  # Whoever measures no pictures does without.

    fresh = Path(tempfile.mkdtemp(prefix="pictures-", dir=SCRATCH))
    sources = sorted((DEMO / "images").glob("*.png"))
    for i in range(count):
        turns, source = divmod(i, len(sources))
        picture = Image.open(sources[source]).convert("RGB").resize((512, 512), Image.Resampling.BICUBIC)
        picture.rotate(90 * turns).save(fresh / f"{i:04}.png", compress_level=1)
    fresh.rename(PICTURES)


def once(side):
    kind, options = side
    if kind.endswith("latents"):
        pictures(1000)
    if kind == "train":
        return train(options)
    if kind == "picture":
        return picture(options)
    if kind == "forward":
        return support.java("atelier.diffusion.bench.ForwardTime", "diffusion", model=MODEL, **options)
    if kind == "latents":
        with tempfile.TemporaryDirectory(dir=SCRATCH) as cache:
            return support.java("atelier.trainer.run.LatentTime", "trainer", cache=cache, **options)
    return peer(kind, options)


def train(keys):
    """A run of the product's train command. Pictures are encoded as steps come to them: where steps are measured, rows name a cache, and a run that still had to
    encode some is made again. Else nothing is cached when a run begins."""
    cache = keys.get("train.cache_dir")
    if cache is None:
        with tempfile.TemporaryDirectory(dir=SCRATCH) as fresh:
            return trained(keys | {"train.cache_dir": fresh})
    known = None
    while known != (known := sorted(p for p in Path(cache).rglob("*") if p.is_file())):
        result = trained(keys)
    return result


def trained(keys):
    """One run: seconds of each step from metrics.csv, the whole process's seconds and peak, and the first step's time."""
    runs = Path(tempfile.mkdtemp(prefix="run-", dir=SCRATCH))
    given = [f"{k}={json.dumps(v) if isinstance(v, bool) else v}" for k, v in keys.items()]
    command = [support.LAUNCHER, "train", *given, f"run.dir={runs}", "run.name=bench"]
    with (runs / "log").open("w") as log:
        began, first = time.time(), None
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        metrics = runs / "bench/metrics.csv"
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if first is None and metrics.exists() and metrics.read_bytes().count(b"\n") > 1:
                first = time.time() - began
            if pid:
                break
            time.sleep(0.02)
        whole = time.time() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}\n{(runs / 'log').read_text()[-3000:]}")
    with metrics.open(newline="") as f:
        rows = list(csv.DictReader(f))
    shutil.rmtree(runs)
    return {"seconds": [float(r["seconds"]) for r in rows], "loss": [float(r["loss"]) for r in rows], "peak_mib": usage.ru_maxrss // 1024,
            "resident_mib": max(float(r["resident_mib"]) for r in rows), "whole": whole, "first_step_at": first}


def picture(keys):
    """The product's generate command: seconds from one written picture to the next, the first with all that a start takes."""
    out = Path(tempfile.mkdtemp(prefix="pictures-", dir=SCRATCH))
    command = [support.LAUNCHER, "generate", *[f"{k}={v}" for k, v in keys.items()], f"out={out}"]
    at, last = [], time.time()
    with (out / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        for _ in process.stdout:
            at.append(time.time() - last)
            last = time.time()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}\n{(out / 'log').read_text()[-3000:]}")
    shutil.rmtree(out)
    return {"seconds": at, "peak_mib": usage.ru_maxrss // 1024}


def peer(kind, options):
    command = [sys.executable, str(HERE / f"{kind}.py")]
    for key, value in options.items():
        flag = "--" + key.replace("_", "-")
        if value is True:
            command.append(flag)
        elif value is not False:
            command += [flag, str(value)]
    environment = {**os.environ, **(support.ALLOCATOR if options.get("dtype") == "bf16" else {})}
    if kind == "peer_openvino" or options.get("engine") == "openvino":
        environment["PYTHONPATH"] = str(Path(sys.prefix) / "openvino")
    done = subprocess.run(command, cwd=HERE, env=environment, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
