"""Starts one process of a side and reads its line of JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "conformance/live"))
import support  # noqa: E402

SCRATCH = Path(os.environ.get("ATELIER_SCRATCH", "/tmp")) / "atelier-bench"
MODEL = SCRATCH / "sd15"
MAINS = {"step": ("trainer", "atelier.trainer.bench.StepTime"), "forward": ("diffusion", "atelier.diffusion.bench.ForwardTime")}


def prepare():
    SCRATCH.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, str(HERE / "model.py"), str(MODEL)], check=True, stdout=subprocess.DEVNULL)


def once(side):
    kind, options = side
    return product(kind, options) if kind in MAINS else peer(kind, options)


def product(kind, options):
    module, main = MAINS[kind]
    return support.java(main, module, model=MODEL, **{k: str(v).lower() if isinstance(v, bool) else v for k, v in options.items()})


def peer(kind, options):
    command = [sys.executable, str(HERE / f"{kind}.py")]
    for key, value in options.items():
        flag = "--" + key.replace("_", "-")
        if value is True:
            command.append(flag)
        elif value is not False:
            command += [flag, str(value)]
    tuned = options.get("dtype") == "bf16"
    environment = {**os.environ, **(support.ALLOCATOR if tuned else {})}
    if kind == "peer_openvino":
        environment["PYTHONPATH"] = str(Path(sys.prefix) / "openvino")
    done = subprocess.run(command, cwd=HERE, env=environment, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
