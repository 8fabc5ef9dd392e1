"""kill -9 at thirty random moments, then resume: the adapter must be the uninterrupted run's, byte for byte.

    check_kill.py [MOMENTS]     thirty by default, dealt out over the settings below
"""

import random
import shutil
import sys
import time

from runs import Run, pictures, row, workspace

STEPS = ["train.steps=60", "train.save_every=5"]
SETTINGS = {
    "adamw fp32": ["optimizer=adamw"],
    "adamw bf16 accumulation": ["optimizer=adamw", "model.dtype=bf16", "train.gradient_accumulation=2"],
    "8-bit adamw EMA": ["optimizer=adamw_8bit", "optimizer.ema_decay=0.9", "adapter.rank=16"],
    "adafactor augmented": ["optimizer=adafactor", "data.flip=0.5", "data.crop=random", "data.caption_dropout=0.3"],
    "prodigy DoRA": ["optimizer=prodigy", "adapter=dora"],
    "lion bf16 EMA accumulation": ["optimizer=lion", "model.dtype=bf16", "optimizer.ema_decay=0.9", "train.gradient_accumulation=2"],
    "sgd LoKr": ["optimizer=sgd", "adapter=lokr", "adapter.factor=2"],
    "muon masked": ["optimizer=muon", "data.mask=alpha", "objective.masked_loss=true"],
    "schedule-free validated": ["optimizer=schedule_free_adamw", "validation.fraction=0.25", "validation.every=7"],
    "adamw dropout tags": ["optimizer=adamw", "adapter.dropout=0.1", "adapter.module_dropout=0.1", "data.shuffle_tags=true", "data.tag_dropout=0.2"],
}


def timed(run):
    """Seconds from the start to the first step on record, and to the end."""
    started = time.time()
    process = run.start()
    first = None
    while process.poll() is None:
        if first is None and run.last_step():
            first = time.time() - started
        time.sleep(0.02)
    said = process.communicate()[1]
    if process.returncode:
        raise SystemExit(f"{run.name} ended with {process.returncode}:\n{said[-3000:]}")
    return first or 0.0, time.time() - started


def main(moments):
    draw = random.Random(2026)
    same, at, early = 0, [], 0
    with workspace("kill") as space:
        pictures(space / "data")
        for turn, (name, keys) in enumerate(SETTINGS.items()):
            share = moments // len(SETTINGS) + (turn < moments % len(SETTINGS))
            if not share:
                continue
            whole = Run(space, f"whole-{turn}", [*STEPS, *keys])
            timed(whole)
            # Once more, the cache being warm: moments are drawn over this one's time.
            again = Run(space, f"again-{turn}", [*STEPS, *keys])
            first, end = timed(again)
            assert again.digest() == whole.digest(), f"{name}: the same command twice gave two adapters"
            for i in range(share):
                killed, broken = None, Run(space, f"broken-{turn}-{i}", [*STEPS, *keys])
                while killed is None:
                    shutil.rmtree(broken.folder, ignore_errors=True)
                    # One in six before the first step: settings, caches and the ledger are being written then.
                    killed = broken.killed(draw.uniform(0.3 * first, first) if draw.random() < 1 / 6 else draw.uniform(first, end))
                broken.resume()
                steps = [int(line["step"]) for line in broken.rows()]
                equal = broken.digest() == whole.digest() and steps == list(range(1, 61))
                same += equal
                early += killed == 0
                at.append(killed)
                print(f"{name}: killed after step {killed}, {'the same adapter' if equal else 'ANOTHER ADAPTER'}", flush=True)
            for folder in (space / "runs").iterdir():
                shutil.rmtree(folder)
    row(f"kill -9 at {moments} random moments (after steps {min(at)} to {max(at)} of 60, {early} before the first), then resume; {len(SETTINGS)} settings",
        f"{moments} of {moments} adapters identical by sha256", f"{same} of {moments}", same == moments)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
