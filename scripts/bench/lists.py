"""How the start grows with the list: from the command to the end of the first step, with 1e3 to 1e6 pairs (the demonstration's pictures, each row with
a caption of its own), the bundled model. Every row's file is read and digested, and gets its verdict and its line in the ledger."""

import csv
import json
import shutil
import sys
import tempfile
from pathlib import Path

import sides
from run import KEPT, write


def pairs(count, file):
    with (sides.DEMO / "captions.csv").open(newline="", encoding="utf-8") as f:
        header, *rows = csv.reader(f)
    at = header.index("caption")
    with file.open("w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(header)
        for i in range(count):
            row = list(rows[i % len(rows)])
            row[at] += f" {i}"
            out.writerow(row)


def main(sizes):
    sides.prepare(full_size=False)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    lists = kept.setdefault("lists", {})
    folder = Path(tempfile.mkdtemp(prefix="lists-", dir=sides.SCRATCH))
    try:
        for size in sizes:
            pairs(size, folder / "pairs.csv")
            result = sides.trained({"data.pairs": folder / "pairs.csv", "data.images": sides.DEMO, "train.steps": 1,
                                    "train.cache_dir": folder / "cache", "sample.prompts": "[]", "export.merged": False})
            lists[str(size)] = {"first_step_at": result["first_step_at"], "peak_mib": result["peak_mib"]}
            print(f"{size:,} pairs: {result['first_step_at']:.1f} s, {result['peak_mib']} MiB", flush=True)
            KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    finally:
        shutil.rmtree(folder)
    write(kept)


if __name__ == "__main__":
    main([int(float(n)) for n in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000])
