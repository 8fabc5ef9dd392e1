"""Records the kernels' calls of a training step and a drawing, for replay.py on a machine without Java.

    recording.py FOLDER [exact] [accuracy] [time]

exact: tiny models on the CPU, as the CPU runs them. accuracy: tiny models in bf16 in the form in which a GPU runs them, computed on the CPU. time: a step of SD 1.5 (512 px, fp16) and SDXL (1024 px, bf16) at full size, shapes only.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import figures
import stub
import whole

TINY = stub.ROOT / "diffusion/src/test/resources/golden/models"
STEP = ["train.steps=1", "adapter.rank=2", "adapter.alpha=2", "train.batch_size=2", "adapter.text_encoders=true"]


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def record(folder, words, options=(), **how):
    ended = []
    stub.cells([words], ended.append, [f"-Datelier.recorder={stub.LIBRARIES}/libatelier_recorder.so", *options], RECORD=str(fresh(folder)), **how)
    told(folder, words, ended[0])


def told(folder, words, done):
    if done.code or not (folder / "calls.pt").exists():
        raise SystemExit(f"{' '.join(map(str, words))} ended with {done.code}\n{done.said[-3000:]}")
    print(f"{folder.name}: {sum(f.stat().st_size for f in folder.iterdir()) / 1e6:.1f} MB")


def exact(out, space):
    """On the CPU of the same PyTorch, no card in sight."""
    data = stub.pictures(space / "data", 16, 2)
    for model in ("sd1", "sdxl"):
        for name, words in (("train", stub.training(TINY / model, data, 16, space / f"runs-{model}", space / "cache", *STEP, "model.dtype=fp32", "device=cpu")),
                            ("draw", ["generate", f"model.path={TINY / model}", "prompt=red apple", "steps=2", "device=cpu", "model.dtype=fp32", f"out={space}/drawn-{model}"])):
            record(out / f"exact-{model}-{name}", words, FAKE_NOGPU="1")


def accuracy(out, space):
    """As a GPU is asked, but computed on the CPU, so that every value is what it is in earnest."""
    data = stub.pictures(space / "data", 16, 2)
    for model in ("sd1", "sd2", "sdxl"):
        for adapter in ("lora", "dora"):
            words = stub.training(TINY / model, data, 16, space / f"runs-{model}-{adapter}", space / "cache", *STEP, "model.dtype=bf16", f"adapter={adapter}", "device=cpu")
            record(out / f"accuracy-{model}-{adapter}", words, ["-Datelier.fused=true"], FAKE_NOGPU="1")
        words = ["generate", f"model.path={TINY / model}", "prompt=red apple", "steps=2", "device=cpu", "model.dtype=bf16", f"out={space}/drawn-{model}"]
        record(out / f"accuracy-{model}-draw", words, ["-Datelier.fused=true"], FAKE_NOGPU="1")


def time(out, space):
    for name in ("sd15", "sdxl"):
        row = figures.ROWS[name]
        model = whole.write(row.model, stub.SCRATCH / "models" / row.model)
        data = stub.pictures(stub.SCRATCH / f"pictures-{row.px}", row.px, 4)
        cache = space / f"cache-{name}"
        words = stub.training(model, data, row.px, space / f"runs-{name}", cache, f"model.dtype={row.dtype}", "train.batch_size=1")
        # What is encoded once is no part of a step.
        if stub.product([*words, "train.steps=6"], memory=80).code:
            raise SystemExit(f"{row.title} does not run on the stub")
        record(out / f"time-{name}", [*words, "train.steps=1"], memory=80, RECORD_SHAPES="1")


def main():
    out = Path(sys.argv[1])
    stub.prepare()
    stub.build()
    kinds = {"exact": exact, "accuracy": accuracy, "time": time}
    with tempfile.TemporaryDirectory(dir=stub.SCRATCH) as space:
        for kind in sys.argv[2:] or kinds:
            kinds[kind](out, Path(space))


if __name__ == "__main__":
    main()
