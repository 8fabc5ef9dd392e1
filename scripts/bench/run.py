"""Runs peer and product in turn, so that a machine that slows down slows both, and writes medians, spread and ratios to RESULTS.md.

    run.py [--rounds N] [--list] [ROW ...]
"""

import argparse
import json
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import sides
from rows import ROWS

HERE = Path(__file__).resolve().parent
KEPT = HERE / "results.json"
# One step of the peer at 256 px and rank 16, counted by torch.utils.flop_counter over forward and backward.
STEP_GFLOP = 364.7


def settled(result):
    """A process's figure: the median of its repetitions but the first, in which both sides still compile, pack and warm up."""
    return statistics.median(result["seconds"][1:])


def measure(row, rounds):
    ours, theirs = [], []
    for i in range(rounds):
        # The order turns with each round: neither side always runs on the warmer machine.
        for side, into in ((row.product, ours), (row.peer, theirs))[:: 1 if i % 2 == 0 else -1]:
            into.append(sides.once(side))
    seconds = [[settled(r) for r in rs] for rs in (ours, theirs)]
    memory = [statistics.median(r["peak_mib"] for r in rs) for rs in (ours, theirs)]
    return {
        "figure": row.figure, "product": seconds[0], "peer": seconds[1], "ratio": statistics.median(seconds[0]) / statistics.median(seconds[1]),
        "bar": row.seconds_bar, "product_mib": memory[0], "peer_mib": memory[1], "memory_ratio": memory[0] / memory[1], "memory_bar": row.memory_bar,
        "date": time.strftime("%Y-%m-%d"), "rounds": rounds, "machine": machine(), "product_options": row.product[1], "peer_options": row.peer[1],
    }


def machine():
    names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()} x {len(names)}"


def spread(values):
    middle = statistics.median(values)
    return f"{middle:.3f} ({min(values):.3f} to {max(values):.3f})"


def against(value, bar):
    return "" if bar is None else f"{value:.2f} ({'<=' if value <= bar else 'misses'} {bar:g})"


def write(kept):
    hardware = kept.get("hardware", {})
    lines = ["# Speed", "", "Written by `scripts/bench/run`: peer and product in turn, a process each time; a process counts with the median of its "
             "repetitions but the first; here the median over processes, and their range. "
             f"Peer: torch {version('torch')}, diffusers {version('diffusers')}, PEFT {version('peft')}. Weights are random: only shapes matter to speed.", ""]
    if hardware:
        lines += [f"Machine: {hardware['machine']}; matrix products reach {hardware['bf16_gflops']} GF/s in bf16, {hardware['fp32_gflops']} in fp32.", ""]
    lines += ["| figure | product, s | peer, s | ratio | memory, MiB | memory ratio |", "|---|---|---|---|---|---|"]
    for row in ROWS:
        r = kept.get(row.name)
        if r:
            lines.append(f"| {r['figure']} | {spread(r['product'])} | {spread(r['peer'])} | {against(r['ratio'], row.seconds_bar) or round(r['ratio'], 2)} | "
                         f"{r['product_mib']:.0f} / {r['peer_mib']:.0f} | {against(r['memory_ratio'], row.memory_bar) or round(r['memory_ratio'], 2)} |")
    if hardware and "step" in kept:
        share = STEP_GFLOP / statistics.median(kept["step"]["product"]) / hardware["bf16_gflops"]
        lines += ["", f"The 256 px step ({STEP_GFLOP:g} GF) runs at {100 * share:.0f} % of the bf16 matrix rate (bar: 55 %)."]
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("rows", nargs="*", help="names of rows; all without")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--list", action="store_true")
    a = p.parse_args()
    unknown = set(a.rows) - {r.name for r in ROWS}
    if a.list or unknown:
        print("\n".join(f"{r.name:20} {r.figure}" for r in ROWS))
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}" if unknown else 0)
    sides.prepare()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept["hardware"] = {k: v for k, v in sides.once(("hardware", {})).items() if k.endswith("gflops")} | {"machine": machine()}
    for row in ROWS:
        if not a.rows or row.name in a.rows:
            print(f"== {row.figure}", flush=True)
            kept[row.name] = measure(row, a.rounds)
            print(f"   product {spread(kept[row.name]['product'])} peer {spread(kept[row.name]['peer'])} ratio {kept[row.name]['ratio']:.3f} "
                  f"memory {kept[row.name]['product_mib']:.0f} / {kept[row.name]['peer_mib']:.0f} MiB", flush=True)
            KEPT.write_text(json.dumps(kept, indent=1) + "\n")
            write(kept)


if __name__ == "__main__":
    main()
