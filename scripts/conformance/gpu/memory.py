"""How much of a card's memory training takes, counted on the stub: what the CUDA runtime was asked for, in MiB, at the peak of a whole run (pictures and
captions are encoded in it, nothing is drawn). A card needs some 300 to 500 MiB more for CUDA itself and the screen.

    memory.py [--rows WORD ...] [--json FILE]

Prints a table in Markdown. A row that is in FILE is not measured again.
"""

import argparse
import json
from pathlib import Path

import figures
import stub

HERE = Path(__file__).resolve().parent
MODELS = {"sd15": ("SD 1.5", 512), "sd21": ("SD 2.1", 768), "sdxl": ("SDXL", 1024)}


def rows():
    """Each model at its own size, what changes memory most, one thing at a time."""
    for model, (_, px) in MODELS.items():
        narrow = "bf16" if model == "sdxl" else "fp16"
        yield (model, px, 1, False, narrow, "adamw")
        yield (model, px, 1, True, narrow, "adamw")
        yield (model, px, 4, False, narrow, "adamw")
        yield (model, px, 4, True, narrow, "adamw")
        yield (model, px, 1, True, narrow, "adamw_8bit")
        yield (model, px, 1, True, narrow, "adafactor")
        yield (model, px, 1, True, narrow, "prodigy")
        yield (model, px, 1, True, "fp32", "adamw")
    yield ("sd15", 768, 1, False, "fp16", "adamw")
    yield ("sdxl", 512, 1, False, "bf16", "adamw")


def measure(model, px, batch, checkpointing, dtype, optimiser):
    row = figures.Row(f"{MODELS[model][0]}, {px} px", model, px, dtype, batch, checkpointing, (f"optimizer={optimiser}",))
    return figures.ours(row, steps=6 if batch == 1 else 4, warm=False)["reserved_mib"]


def table(measured):
    lines = ["| model | picture | batch | checkpointing | type | optimiser | MiB |", "|---|---|---|---|---|---|---|"]
    for (model, px, batch, checkpointing, dtype, optimiser), mib in measured:
        lines.append(f"| {MODELS[model][0]} | {px} px | {batch} | {'yes' if checkpointing else 'no'} | {dtype} | {optimiser} | {mib:,} |")
    return "\n".join(lines)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rows", nargs="*", default=[], help="only those that hold all of these words: sdxl, 512, fp16, adamw, checkpointing, batch4")
    p.add_argument("--json", type=Path)
    a = p.parse_args()
    stub.prepare()
    known = {tuple(r["row"]): r["mib"] for r in json.loads(a.json.read_text())} if a.json and a.json.exists() else {}
    measured = []
    for row in rows():
        words = [*map(str, row), f"batch{row[2]}", "checkpointing" if row[3] else "whole"]
        if row not in known and not all(w in words for w in a.rows):
            continue
        if row not in known:
            known[row] = measure(*row)
        measured.append((row, known[row]))
        if a.json:
            a.json.write_text(json.dumps([{"row": r, "mib": mib} for r, mib in measured], indent=1) + "\n")
    print(table(measured))


if __name__ == "__main__":
    main()
