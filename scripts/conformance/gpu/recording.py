"""Records the kernels' calls of a training step and a drawing, for replay.py on a machine without Java.

    recording.py FOLDER [exact] [accuracy] [time]

exact: a tiny model on the CPU, as the CPU runs it. accuracy: tiny models in fp16 as a GPU runs them, recorded on the stub (weights and inputs are as
they were copied to the card). time: a step of SD 1.5 (512 px, fp16) and SDXL (1024 px, bf16) at full size, shapes only.
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


def record(folder, words, **how):
    ended = []
    stub.cells([words], ended.append, [f"-Datelier.recorder={stub.LIBRARIES}/libatelier_recorder.so"], RECORD=str(fresh(folder)), **how)
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
    data = stub.pictures(space / "data", 16, 2)
    for model in ("sd1", "sd2", "sdxl"):
        # Both matrices of PiSSA begin away from zero, so that both have gradients.
        record(out / f"accuracy-{model}-train", stub.training(TINY / model, data, 16, space / f"runs-{model}", space / "cache", *STEP, "model.dtype=fp16", "adapter=dora"), FAKE_COPY="1")
        record(out / f"accuracy-{model}-draw", ["generate", "device=cuda", f"model.path={TINY / model}", "prompt=red apple", "steps=2", "model.dtype=fp16", f"out={space}/drawn-{model}"], FAKE_COPY="1")


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
