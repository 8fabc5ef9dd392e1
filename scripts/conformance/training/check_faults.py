"""A full disk, a folder that cannot be written, a damaged cache, a loss that is no number, a signal: a named error, the last good state as it was, resumable.

Needs the right to mount (a small tmpfs, and one that is read-only); says so where it has none.
"""

import re
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from runs import Run, pictures, row, workspace

KEYS = ["train.steps=20", "train.save_every=5", "train.keep_states=9"]


@contextmanager
def mounted(folder, options):
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def can_mount(space):
    try:
        with mounted(space / "probe", "size=1m"):
            return True
    except (subprocess.CalledProcessError, FileNotFoundError):
        return False


def told(said):
    lines = [line.removeprefix("error: ") for line in said.splitlines() if line.startswith(("error:", "the run broke off", "stopped after"))]
    # Results speak of no machine's folders.
    return re.sub(r"/\S*?atelier-faults-[^/\s]+", "FOLDER", " / ".join(lines))


def states(run):
    """Each saved state's bytes."""
    return {name: {f.name: f.read_bytes() for f in (run.folder / "state" / name).iterdir()} for name in run.saved()}


def disk_full(space, whole):
    with mounted(space / "small", "size=3m") as disk:
        run = Run(space, "full", KEYS, runs=disk)
        # Room for two states and no more.
        size = sum(f.stat().st_size for f in (whole.folder / "state/step-000005").iterdir())
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(3 * 2**20 - int(2.5 * size) - 200_000))
        status, said = run.run(expect=None)
        partial = [p.name for p in run.folder.rglob("*partial*")]
        saved = states(run)
        intact = bool(saved) and all(saved[name] == states(whole)[name] for name in saved)
        row("disk full while a state is saved", "exit 1, the disk is named, last state intact", f"exit {status}: {told(said)}; states {', '.join(saved)}",
            status == 1 and "disk is full" in said and intact and not partial)
        ballast.unlink()
        run.resume()
        row("the same, resumed when there is room", "the uninterrupted run's adapter", "the same" if run.digest() == whole.digest() else "another",
            run.digest() == whole.digest())


def read_only(space, whole):
    with mounted(space / "fixed", "size=8m") as disk:
        run = Run(space, "fixed", KEYS, runs=disk)
        run.run(expect=0)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        status, said = run.run(expect=None)
        row("a new run in a read-only folder", "exit 1, the folder is named", f"exit {status}: {told(said)}", status == 1 and str(disk) in said)
        status, said = run.run(["train", f"resume={run.folder}"], expect=None)
        row("resume in a read-only folder", "exit 1, the folder is named, states intact", f"exit {status}: {told(said)}",
            status == 1 and str(disk) in said and states(run) == states(whole))
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def cache(space, whole):
    files = [f for f in Path(space / "cache").rglob("*.tensor")]
    for i, f in enumerate(files):
        data = bytearray(f.read_bytes())
        if i % 3 == 0:
            f.write_bytes(data[: len(data) // 2])
        elif i % 3 == 1:
            data[len(data) // 2] ^= 0x40
            f.write_bytes(data)
        else:
            f.write_bytes(b"")
    run = Run(space, "cache", KEYS)
    run.run()
    row(f"{len(files)} cache files cut, flipped or emptied", "made anew, the same adapter", "the same" if run.digest() == whole.digest() else "another",
        run.digest() == whole.digest())


def not_finite(space, whole):
    run = Run(space, "nan", [*KEYS, "optimizer.lr=1e30", "train.max_grad_norm=0", "schedule=constant", "schedule.warmup=0", "train.save_every=1"])
    status, said = run.run(expect=None)
    saved = run.saved()
    row("a loss that is no number", "exit 1, step and remedy named, last state kept, no adapter written", f"exit {status}: {told(said)}; states {', '.join(saved)}",
        status == 1 and "is kept in" in said and bool(saved) and not (run.folder / "adapter.safetensors").exists())


def interrupted(space, whole):
    for number in (signal.SIGINT, signal.SIGTERM):
        run = Run(space, number.name, [*KEYS, "train.steps=400"])
        process = run.start()
        while run.last_step() < 8 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)
        said = process.communicate()[1]
        saved = run.saved()
        at = int(saved[-1].removeprefix("step-"))
        row(f"{number.name} at step {at} of 400", "exit 130, saved at the step at hand", f"exit {process.returncode}: {told(said)}; on record {run.last_step()} steps",
            process.returncode == 130 and at == run.last_step() and at < 400)


def main():
    with workspace("faults") as space:
        pictures(space / "data")
        whole = Run(space, "whole", KEYS)
        whole.run()
        if can_mount(space):
            disk_full(space, whole)
            read_only(space, whole)
        else:
            row("disk full, read-only folder", "named error, last state intact", "not measured: no right to mount a tmpfs", None)
        cache(space, whole)
        not_finite(space, whole)
        interrupted(space, whole)


if __name__ == "__main__":
    main()
