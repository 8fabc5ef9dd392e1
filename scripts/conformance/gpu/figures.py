"""The rows that are measured on the stub, ours and the peer's: launches, synchronisations and device memory of a training step."""

import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import stub
import whole

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Row:
    """A kind of step; keys are further settings of the product's."""

    title: str
    model: str
    px: int
    dtype: str
    batch: int = 1
    checkpointing: bool = False
    keys: tuple = ()


ROWS = {
    "sd15": Row("SD 1.5, 512 px, batch 1, fp16", "sd15", 512, "fp16"),
    "sd15-batch4": Row("SD 1.5, 512 px, batch 4, fp16", "sd15", 512, "fp16", 4),
    "sd15-checkpointing": Row("SD 1.5, 512 px, batch 1, fp16, checkpointing", "sd15", 512, "fp16", checkpointing=True),
    "sd15-batch4-checkpointing": Row("SD 1.5, 512 px, batch 4, fp16, checkpointing", "sd15", 512, "fp16", 4, checkpointing=True),
    "sdxl": Row("SDXL, 1024 px, batch 1, bf16", "sdxl", 1024, "bf16"),
    "sdxl-checkpointing": Row("SDXL, 1024 px, batch 1, bf16, checkpointing", "sdxl", 1024, "bf16", checkpointing=True),
}


def account(mark):
    """The figures of one entry of the stub's account."""
    copies = {k: v for k, v in mark["copies"].items()}
    return {"launches": mark["launches"], "waits": sum(mark["waits"].values()), "copies": copies, "kernels": mark["kernels"]}


def steady(done, what):
    """The account of a step like all after it; the last but one, since what follows the last may be the end's."""
    steps = done.steps()
    if done.code or len(steps) < 3:
        raise SystemExit(f"{what} ended with {done.code}\n{done.said[-3000:]}")
    return account(steps[-1])


def ours(row, steps=4, operators=False, warm=True, words=(), **more):
    """The product's own train command: the account of a step, and device memory with latents and texts encoded before (warm) or in the run itself."""
    model = whole.write(row.model, stub.SCRATCH / "models" / row.model)
    data = stub.pictures(stub.SCRATCH / f"pictures-{row.px}", row.px, 4)
    with tempfile.TemporaryDirectory(dir=stub.SCRATCH) as space:
        # A warm cache outlives the run; whoever wants it cold gets a new one.
        cache = stub.SCRATCH / f"cache-{row.model}-{row.px}-{row.dtype}" if warm else Path(space) / "cache"
        keys = [f"model.dtype={row.dtype}", f"train.batch_size={row.batch}", f"train.gradient_checkpointing={str(row.checkpointing).lower()}", *row.keys, *words]
        again = warm and not (cache / "filled").exists()
        # Every picture must have come once.
        filling = max(steps, 6) if again else steps
        for _ in range(1 + again):
            shutil.rmtree(Path(space) / "runs", ignore_errors=True)
            done = stub.product(stub.training(model, data, row.px, Path(space) / "runs", cache, *keys, f"train.steps={filling}"), mark="metrics.csv", operators=operators,
                                **{"memory": 80, **more})
            if done.code:
                break
            if warm:
                (cache / "filled").touch()
            filling = steps
    result = steady(done, row.title)
    return {**result, "reserved_mib": done.reserved, "resident_mib": done.marks[-1]["resident_bytes"] // stub.MIB}


def peer(row, steps=4, operators=False, **more):
    command = [sys.executable, HERE / "peer_step.py", "--model", row.model, "--px", row.px, "--dtype", row.dtype, "--batch", row.batch, "--steps", steps,
               *(["--checkpointing"] if row.checkpointing else [])]
    done = stub.run(command, operators=operators, **{"memory": 80, **more})
    result = steady(done, f"the peer's {row.title}")
    return {**result, "reserved_mib": done.reserved, "resident_mib": done.marks[-1]["resident_bytes"] // stub.MIB}


def by(kernels, *fields):
    """Launches summed over the other fields: 0 segment, 1 operator, 2 kernel."""
    count = Counter()
    for entry in kernels:
        count[tuple(entry[f] for f in fields)] += entry[3]
    return count.most_common()
