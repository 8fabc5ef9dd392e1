"""A 2 GB checkpoint at the disk's speed and in little memory, beside Python's safetensors: scripts/bench/checkpoint.py."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "live"), str(Path(__file__).resolve().parents[2] / "bench")]
from checkpoint import measure, prepared  # noqa: E402
from support import row  # noqa: E402


def show(figures):
    return "{seconds} s, {resident_mib} MiB resident, {anonymous_mib} MiB of it anonymous".format(**figures)


if __name__ == "__main__":
    file = prepared(sys.argv[1:])
    results = measure(file)
    size = f"{file.stat().st_size / 1e9:.1f} GB"
    disk = results.pop("disk")["ours"]["seconds"]
    row(f"{size} copied and synced by dd", "the disk's own speed", f"{disk} s", None)
    for task in results.values():
        ours, peer = task["ours"], task["python"]
        holds = ours["seconds"] <= max(peer["seconds"], 1.25 * disk) and ours["anonymous_mib"] <= max(peer["anonymous_mib"], 512)
        row(f"{size} {task['title']}", "at most Python's time, or 1.25 of the disk's; at most Python's anonymous memory, or 512 MiB",
            f"{show(ours)}; Python's safetensors {show(peer)}", holds)
