"""Where the launches of a training step come from, on the stub: by kernel text, operator and kernel.

    breakdown.py ROW [--peer] [--top N] [--full] [--cold] [--json FILE] [key=value ...]

ROW is one of figures.py's (sd15, sd15-batch4, sd15-checkpointing, sd15-batch4-checkpointing, sdxl, sdxl-checkpointing); further keys go to the product's
train command. --full prints whole kernel names; --cold encodes pictures in the run whose memory is told.
"""

import argparse
import json
import re
from pathlib import Path

import figures
import stub


def short(kernel, full):
    """What tells a kernel from others, in a line."""
    if full:
        return kernel
    kernel = re.sub(r"\(anonymous namespace\)::|at::native::|c10::|std::array<char\*, \d+ul>|at::detail::|void ", "", kernel)
    kernel = re.sub(r"\(.*", "", kernel) if not kernel.startswith("elementwise") else kernel
    return kernel if len(kernel) <= 110 else kernel[:107] + "..."


def table(title, rows, top):
    print(f"\n{title}")
    for name, n in rows[:top]:
        print(f"  {n:6}  {'  '.join(part or '-' for part in name)}")
    rest = sum(n for _, n in rows[top:])
    if rest:
        print(f"  {rest:6}  in {len(rows) - top} more")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("row", choices=figures.ROWS)
    p.add_argument("words", nargs="*")
    p.add_argument("--peer", action="store_true")
    p.add_argument("--top", type=int, default=40)
    p.add_argument("--full", action="store_true")
    p.add_argument("--cold", action="store_true")
    p.add_argument("--json", type=Path)
    a = p.parse_intermixed_args()
    row = figures.ROWS[a.row]
    if a.peer:
        result = figures.peer(row, operators=True)
    else:
        stub.prepare()
        result = figures.ours(row, operators=True, warm=not a.cold, words=a.words)
    kernels = [[s, o, short(k, a.full), n] for s, o, k, n in result["kernels"]]
    print(f"{row.title}{', the peer' if a.peer else ''}: {result['launches']} launches and {result['waits']} synchronisations a step, {result['reserved_mib']} MiB reserved on the device at the peak, "
          f"{result['resident_mib']} MiB resident")
    for way, (times, size) in result["copies"].items():
        print(f"  copies {way}: {times}, {size} bytes")
    table("By segment", figures.by(kernels, 0), a.top)
    table("By operator", figures.by(kernels, 1), a.top)
    table("By kernel", figures.by(kernels, 2), a.top)
    table("By segment, operator and kernel", figures.by(kernels, 0, 1, 2), a.top)
    if a.json:
        a.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
