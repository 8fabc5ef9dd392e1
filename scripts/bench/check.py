"""A guard against growing slower: measures rows again (one round each) and fails where a ratio exceeds the recorded one by more than 10 %.

    check.py [ROW ...]     without names: step, unet
"""

import json
import sys

import sides
from rows import ROWS
from run import KEPT, measure

ALLOWED = 1.10


def main(names):
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    rows = [r for r in ROWS if r.name in (names or ["step", "unet"])]
    missing = [r.name for r in rows if r.name not in kept]
    if missing or not rows:
        sys.exit(f"nothing is recorded for {', '.join(missing or names)}; run scripts/bench/run first")
    sides.prepare()
    slower = []
    for row in rows:
        now = measure(row, 1)
        for key in ("ratio", "memory_ratio"):
            verdict = now[key] / kept[row.name][key]
            print(f"{row.name} {key}: {now[key]:.3f}, recorded {kept[row.name][key]:.3f}")
            if verdict > ALLOWED:
                slower.append(f"{row.name} {key} is {100 * (verdict - 1):.0f} % above the record")
    sys.exit("\n".join(slower) if slower else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
