"""What a training step costs a GPU, counted on the stub beside diffusers + PEFT in the same run: launches, synchronisations, memory.

    check_figures.py [--record | --recorded] [ROW ...]

A small batch is bound by launches, about 10 us each, so they stand for time. Limits beyond the bars are kept in ../gpu/figures.json: a
figure may not grow over what is recorded there; --record writes what was measured, --recorded compares with that alone and needs no peer.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("gpu", "live")]
import figures
import stub
import whole
from support import row

KEPT = Path(figures.__file__).with_name("figures.json")
LAUNCHES, RESERVED, WAITS, WAITS_OF_TWO = 0.6, 0.75, 2, 4
# cudaMalloc's pieces of 20 MiB may fall one way or another.
SLACK = 1.02
STEPS = 200


def step(name, known):
    kind = figures.ROWS[name]
    ours, peer = figures.ours(kind), figures.peer(kind)
    beside_peer(kind, ours, peer)
    kept = {key: ours[key] for key in ("launches", "waits", "reserved_mib")}
    if name in known:
        as_recorded(kind, kept, known[name])
    return {**kept, "peer": {key: peer[key] for key in ("launches", "waits", "reserved_mib")}}


def beside_peer(kind, ours, peer):
    share = ours["launches"] / peer["launches"]
    row(f"{kind.title}: launches a step", f"<= {LAUNCHES} of the peer's", f"{ours['launches']:,} of {peer['launches']:,}: {share:.2f}", share <= LAUNCHES)
    share = ours["reserved_mib"] / peer["reserved_mib"]
    row(f"{kind.title}: device memory reserved", f"<= {RESERVED} of the peer's", f"{ours['reserved_mib']:,} of {peer['reserved_mib']:,} MiB: {share:.2f}", share <= RESERVED)
    row(f"{kind.title}: synchronisations a step", f"<= {WAITS}", f"{ours['waits']}; the peer's {peer['waits']}", ours["waits"] <= WAITS)


def as_recorded(kind, ours, limit):
    grown = {k: f"{limit[k]} to {ours[k]}" for k in ("launches", "waits", "reserved_mib") if ours[k] > limit[k] * (SLACK if k == "reserved_mib" else 1)}
    row(f"{kind.title}: as recorded", "nothing has grown", ", ".join(f"{k} {v}" for k, v in grown.items()) or "nothing", not grown)
    return not grown


def growth():
    """Two hundred steps of SD 1.5's size with saves, at 64 pixels, where as many launches are made as at 512 and little is moved."""
    model = whole.write("sd15", stub.SCRATCH / "models/sd15")
    data = stub.pictures(stub.SCRATCH / "pictures-64", 64, 4)
    with tempfile.TemporaryDirectory(dir=stub.SCRATCH) as space:
        words = stub.training(model, data, 64, Path(space) / "runs", Path(space) / "cache", "model.dtype=fp16", "train.batch_size=1", f"train.steps={STEPS}", "train.save_every=20",
                              "train.keep_states=1", "adapter.rank=4", "adapter.alpha=4")
        done = stub.product(words, mark="metrics.csv", memory=80)
    steps = done.steps()
    if done.code or len(steps) != STEPS:
        raise SystemExit(f"{STEPS} steps ended with {done.code}\n{done.said[-3000:]}")
    warm, last = steps[STEPS // 4], steps[-1]
    device, host = (last[k] / warm[k] for k in ("device_bytes", "resident_bytes"))
    row(f"{STEPS} steps with {STEPS // 20} saves: device memory, last over step {STEPS // 4}", "<= 1.00", f"{device:.3f} ({last['device_bytes'] // stub.MIB} MiB)", device <= 1)
    row(f"{STEPS} steps with {STEPS // 20} saves: host memory, last over step {STEPS // 4}", "<= 1.02",
        f"{host:.3f} ({warm['resident_bytes'] // stub.MIB} to {last['resident_bytes'] // stub.MIB} MiB)", host <= 1.02)


def two():
    """A step over two cards against the same two passes on one."""
    kind = figures.ROWS["sd15"]
    one = figures.ours(kind, words=["train.gradient_accumulation=2"])
    both = figures.ours(kind, words=["train.devices=[cuda:1]"], devices=2)
    moved = both["copies"].get("device to device, another", [0, 0])
    transfers = sum(both["copies"].get(k, [0, 0])[0] for k in both["copies"])
    row("two cards: launches of a step", "those of two passes on one, and the transfers", f"{both['launches']:,}; on one {one['launches']:,}; {transfers} transfers, {moved[0]} of them from card to card of "
        f"{moved[1] / 1e6:.1f} MB", both["launches"] <= one["launches"] + transfers)
    row("two cards: synchronisations of a step", f"<= {WAITS_OF_TWO}", str(both["waits"]), both["waits"] <= WAITS_OF_TWO)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("rows", nargs="*", help=", ".join([*figures.ROWS, "growth", "two"]))
    p.add_argument("--record", action="store_true")
    p.add_argument("--recorded", action="store_true")
    a = p.parse_args()
    stub.prepare()
    known = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if a.recorded:
        held = [as_recorded(figures.ROWS[name], figures.ours(figures.ROWS[name]), known[name]) for name in a.rows or known]
        sys.exit(0 if all(held) else 1)
    rows = a.rows or [*figures.ROWS, "growth", "two"]
    measured = {name: step(name, {} if a.record else known) for name in figures.ROWS if name in rows}
    if "growth" in rows:
        growth()
    if "two" in rows:
        two()
    if a.record:
        KEPT.write_text(json.dumps(known | measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
