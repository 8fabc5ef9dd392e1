"""Runs peer and product in turn, so that a machine that slows down slows both, and writes medians, spread and ratios to RESULTS.md.

    run.py [--rounds N] [--list] [ROW ...]     rows by name; "growth" for the table of cost as work grows
"""

import argparse
import json
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import sides
import torch
from plot import draw
from rows import GROWTH, ROWS, SHORT

HERE = Path(__file__).resolve().parent
KEPT = HERE / "results.json"
# One step of the peer at 256 px and rank 16, counted by torch.utils.flop_counter over forward and backward.
STEP_GFLOP = 364.7


def settled(result, kind):
    """A process's figure: the median of its repetitions but the first, in which both sides still compile, pack and warm up; or the whole process."""
    if kind == "whole":
        return result.get("whole", result["seconds"][0])
    return statistics.median(result["seconds"][1:])


def memory(result):
    """A training run caches latents before its first step, which the peer's loop does not do: there the resident size while it steps counts."""
    return result.get("resident_mib", result["peak_mib"])


class Steadiness:
    """Other users of a shared machine slow it by half for a minute at a time. A process counts where matrix products and copies of memory ran near their
    best rate just before and just after it; else it is run again, three times at most."""

    SLACK = {"products": 0.08, "copies": 0.25}

    def __init__(self, tries=3):
        self.tries, self.best = tries, dict.fromkeys(self.SLACK, 0.0)

    def rates(self):
        with torch.inference_mode():
            a, b = torch.randn(2048, 2048, dtype=torch.bfloat16), torch.ones(1 << 26)
            c = torch.empty_like(b)
            return {"products": repetitions(lambda: torch.mm(a, a)), "copies": repetitions(lambda: c.copy_(b))}

    def is_steady(self):
        rates = self.rates()
        self.best = {k: max(rates[k], self.best[k]) for k in rates}
        return all(rates[k] >= (1 - self.SLACK[k]) * self.best[k] for k in rates)

    def once(self, side):
        for _ in range(self.tries):
            for _ in range(30):
                if self.is_steady():
                    break
                time.sleep(5)
            result = sides.once(side)
            if self.is_steady():
                break
            print("   the machine was not steady: once more", flush=True)
        return result


def repetitions(action):
    """Repetitions a second, by the median of twelve."""
    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return 1 / statistics.median(seconds)


STEADINESS = Steadiness()


def measure(row, rounds):
    ours, theirs = [], []
    for i in range(rounds):
        # The order turns with each round: neither side always runs on the warmer machine.
        for side, into in ((row.product, ours), (row.peer, theirs))[:: 1 if i % 2 == 0 else -1]:
            into.append(STEADINESS.once(side))
    seconds = [[settled(r, row.measure) for r in rs] for rs in (ours, theirs)]
    mib = [statistics.median(memory(r) for r in rs) for rs in (ours, theirs)]
    starts = [r["first_step_at"] for r in ours if r.get("first_step_at")]
    return {
        "figure": row.figure, "product": seconds[0], "peer": seconds[1], "ratio": statistics.median(seconds[0]) / statistics.median(seconds[1]),
        "bar": row.bar, "product_mib": mib[0], "peer_mib": mib[1], "memory_ratio": mib[0] / mib[1], "memory_bar": row.memory_bar,
        "first_step_at": statistics.median(starts) if starts else None,
        "date": time.strftime("%Y-%m-%d"), "rounds": rounds, "machine": machine(), "product_options": plain(row.product), "peer_options": plain(row.peer),
    }


def plain(side):
    """Options without this machine's folders."""
    return {k: v.name if isinstance(v, Path) else v for k, v in side[1].items()}


def machine():
    names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()} x {len(names)}"


def spread(values):
    middle = statistics.median(values)
    return f"{middle:.3f} ({min(values):.3f} to {max(values):.3f})"


def against(value, bar):
    return f"{value:.2f}" if bar is None else f"{value:.2f} ({'<=' if value <= bar else 'misses'} {bar:g})"


def write(kept):
    hardware = kept.get("hardware", {})
    lines = ["# Speed", "", "Written by `scripts/bench/run`: peer and product in turn, a process each time; a process counts with the median of its "
             "repetitions but the first; here the median over processes, and their range; one during which other users slowed the machine was run again. "
             f"Peer: torch {version('torch')}, diffusers {version('diffusers')}, PEFT {version('peft')}. Weights are random: only shapes matter to speed.", ""]
    if hardware:
        lines += [f"Machine: {hardware['machine']}; matrix products reach {hardware['bf16_gflops']} GF/s in bf16, {hardware['fp32_gflops']} in fp32.", ""]
    for title, rows in (("", ROWS), ("Cost as work grows: a LoRA step, else 256 px, batch 1, rank 16", GROWTH)):
        known = [(row, kept[row.name]) for row in rows if row.name in kept]
        if known:
            lines += [f"## {title}", ""] if title else []
            lines += ["| figure | product, s | peer, s | ratio | memory, MiB | memory ratio |", "|---|---|---|---|---|---|"]
            lines += [f"| {row.figure} | {spread(r['product'])} | {spread(r['peer'])} | {against(r['ratio'], row.bar)} | "
                      f"{r['product_mib']:.0f} / {r['peer_mib']:.0f} | {against(r['memory_ratio'], row.memory_bar)} |" for row, r in known]
            lines.append("")
    if hardware and "step" in kept:
        share = STEP_GFLOP / statistics.median(kept["step"]["product"]) / hardware["bf16_gflops"]
        lines.append(f"The 256 px step ({STEP_GFLOP:g} GF by its definition) runs at {100 * share:.0f} % of the bf16 matrix rate (bar: 55 %).")
    for name, what, bar in (("job", "the bundled model with nothing cached (the bar is for warm caches)", 3), ("step-fine", "SD 1.5's size as configured", 6)):
        if kept.get(name, {}).get("first_step_at"):
            lines.append(f"From the command to the end of the first step, {what}: {kept[name]['first_step_at']:.1f} s (bar: {bar} s).")
    if "lists" in kept:
        lines += ["", "## Start as the list grows", "", "| pairs | command to the end of the first step, s | peak, MiB |", "|---|---|---|"]
        lines += [f"| {int(n):,} | {r['first_step_at']:.1f} | {r['peak_mib']:,} |" for n, r in sorted(kept["lists"].items(), key=lambda item: int(item[0]))] + [""]
    plot(kept)
    if "accuracy" in kept:
        lines.append(kept["accuracy"]["text"])
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n")


def plot(kept):
    panels = {}
    for title, start, name in (("pixels a side", 256, "growth-px"), ("batch", 1, "growth-batch"), ("rank", 16, "growth-rank")):
        known = {int(row.name.rsplit("-", 1)[1]): kept[row.name] for row in GROWTH if row.name.startswith(name) and row.name in kept}
        if "growth-px-256" in kept:
            known[start] = kept["growth-px-256"]
        if len(known) > 1:
            panels[f"a step's seconds over {title}"] = {side: [(x, statistics.median(r[side])) for x, r in known.items()] for side in ("product", "peer")}
    if panels:
        draw(panels, HERE / "growth.svg")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("rows", nargs="*", help="names of rows; all without")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--list", action="store_true")
    a = p.parse_args()
    names = [r.name for r in ROWS] if not a.rows else [n for w in a.rows for n in ([r.name for r in GROWTH] if w == "growth" else [w])]
    every = {r.name: r for r in [*ROWS, *GROWTH, *SHORT]}
    unknown = [n for n in names if n not in every]
    if a.list or unknown:
        print("\n".join(f"{r.name:20} {r.figure}" for r in every.values()))
        raise SystemExit(f"unknown: {', '.join(unknown)}" if unknown else 0)
    sides.prepare(any(every[n].full_size for n in names))
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept["hardware"] = {k: v for k, v in sides.once(("hardware", {})).items() if k.endswith("gflops")} | {"machine": machine()}
    for row in (every[n] for n in names):
        print(f"== {row.figure}", flush=True)
        result = kept[row.name] = measure(row, a.rounds)
        print(f"   product {spread(result['product'])} peer {spread(result['peer'])} ratio {result['ratio']:.3f} "
              f"memory {result['product_mib']:.0f} / {result['peer_mib']:.0f} MiB", flush=True)
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")
        write(kept)


if __name__ == "__main__":
    main()
