"""Runs each check in a process of its own, keeps its rows in results.json, and writes the table RESULTS.md from all that is kept."""

import json
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE / "results.json"
PACKAGES = ("torch", "diffusers", "transformers", "peft")


def perform(check, keep):
    """Runs one check and keeps its rows as they come; a check that fails is a row too."""
    started = time.time()
    process = subprocess.Popen([sys.executable, str(check)], stdout=subprocess.PIPE, text=True, cwd=check.parent)
    rows = []
    facts = {"date": time.strftime("%Y-%m-%d"), "machine": f"{platform.machine()}, {cpu()}"}
    for line in process.stdout:
        if line.startswith("ROW "):
            rows.append(json.loads(line[4:]))
            keep({"rows": rows, "seconds": round(time.time() - started), **facts})
            print(f"  {mark(rows[-1]['holds']):4} {rows[-1]['figure']}: {rows[-1]['measured']}", flush=True)
        else:
            print("  " + line.rstrip())
    if process.wait():
        rows.append({"figure": f"{check.stem} ends in order", "bar": "exit 0", "measured": f"exit {process.returncode}", "holds": False})
    keep({"rows": rows, "seconds": round(time.time() - started), **facts})
    return rows


def cpu():
    try:
        names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        return f"{names[0]} x {len(names)}"
    except (OSError, IndexError):
        return platform.processor() or "unknown CPU"


def mark(holds):
    return {True: "yes", False: "NO", None: ""}[holds]


def write(kept):
    lines = ["# Conformance results", "", "Written by `scripts/conformance/run`. References: "
             + ", ".join(f"{p} {version(p)}" for p in PACKAGES) + ".", ""]
    for name in sorted(kept):
        result = kept[name]
        lines += [f"## {name}", "", f"{result['date']}, {result['machine']}, {result['seconds']} s.", "", "| figure | bar | measured | holds |", "|---|---|---|---|"]
        lines += [f"| {r['figure']} | {r['bar']} | {r['measured']} | {mark(r['holds'])} |".replace("\n", " ") for r in result["rows"]]
        lines.append("")
    (HERE / "RESULTS.md").write_text("\n".join(lines))


def chosen(check, words):
    """Whether the words name the check: all, its folder, or a part of its path where no folder is called so."""
    path = str(check.relative_to(HERE))
    return not words or any(check.parent.name == w if (HERE / w).is_dir() else w in path for w in words)


def main(words):
    checks = [c for c in sorted(HERE.glob("*/check_*.py")) if ".venv" not in c.parts and chosen(c, words)]
    if not checks:
        sys.exit(f"no check matches {' '.join(words)}; there are: " + ", ".join(str(c.relative_to(HERE)) for c in sorted(HERE.glob("*/check_*.py"))))
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    failed = []
    for check in checks:
        name = f"{check.parent.name}/{check.stem.removeprefix('check_')}"
        print(f"== {name}", flush=True)

        def keep(result, name=name):
            kept[name] = result
            KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
            write(kept)

        failed += [row["figure"] for row in perform(check, keep) if row["holds"] is False]
    if failed:
        sys.exit(f"{len(failed)} of the figures miss their bar:\n  " + "\n  ".join(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
