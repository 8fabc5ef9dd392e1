"""Known cases for the memorisation audit, through the commands train and evaluate: what must be found, and what must not.

    python scripts/evaluation/controls.py overfit     an adapter that learnt nothing but four pictures
    python scripts/evaluation/controls.py planted     five of 200 training pictures shown 50 times as often
    python scripts/evaluation/controls.py demo        a run of the demonstration that has been evaluated
Each prints its figures beside the bar and ends with exit status 1 where one is missed. Python's own library suffices.
"""
import argparse
import csv
import json
import random
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "datasets/demo"
# What is judged here is the audit; the rest of the evaluation is made small.
SMALL = ["evaluation.prompts=4", "evaluation.seeds=1", "evaluation.neutral_prompts=[picture]", "evaluation.neutral_seeds=1",
         "evaluation.steps=4", "evaluation.strengths=[0,1]", "evaluation.loss_levels=1", "evaluation.foils=[]"]


def table(args):
    """The demonstration's training pairs that consent lets pass, in a fixed random order."""
    ledger = args.out / "consent"
    atelier(args, ["optout", "check", f"data.pairs={DEMO / 'captions.csv'}", f"data.images={DEMO}", f"out={ledger}",
                   f"optout.manifests=[{DEMO / 'optout.jsonl'}]"])
    with open(ledger / "ledger.csv", encoding="utf-8") as file:
        included = {Path(row["image"]).name for row in csv.DictReader(file) if row["verdict"] == "included"}
    with open(DEMO / "captions.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if Path(row["image"]).name in included]
    random.Random(0).shuffle(rows)
    return rows


def write(rows, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, ["image", "caption", "creator", "licence", "source", "repeats"])
        writer.writeheader()
        writer.writerows({"repeats": 1, **row} for row in rows)


def atelier(args, words, allowed=(0,)):
    command = shlex.split(args.launcher) + words
    print("$", shlex.join(command), flush=True)
    status = subprocess.run(command, cwd=ROOT).returncode
    if status not in allowed:
        sys.exit(f"exit status {status}")


def run(args, name, rows, train):
    """Trains on the rows and evaluates; the audit's part of report.json."""
    pairs = args.out / f"{name}.csv"
    write(rows, pairs)
    held_out = DEMO / "captions-held-out.csv"
    folder = args.out / name
    if not args.audit_only:
        atelier(args, ["train", "data=demo", "recipe=demo", f"data.pairs={pairs}", f"data.images={DEMO}", f"run.dir={args.out}", f"run.name={name}",
                       "sample.prompts=[]", *train])
    atelier(args, ["evaluate", f"run={folder}", f"evaluation.held_out={held_out}", f"audit.held_out={held_out}",
                   "audit.images=0", *SMALL, *args.set])
    return json.loads((folder / "evaluation/report.json").read_text())["audit"]


def show(audit, rows):
    for image in rows:
        print(f"  {image['image']:28} suspicion {image['suspicion']:6.2f}  clique {image['clique']:2}  "
              f"{', '.join(image['flagged']) or 'no detector'}")
    for role, shares in audit["shares"].items():
        print(f"  {role}: " + ", ".join(f"{key} {s['count']} of {s['of']}" for key, s in shares.items()))


def auc(positives, negatives):
    wins = sum((p > n) + (p == n) / 2 for p in positives for n in negatives)
    return wins / len(positives) / len(negatives)


def verdict(results):
    for name, held in results:
        print(("met     " if held else "MISSED  ") + name)
    return 0 if all(held for _, held in results) else 1


def clean(audit):
    alarms = audit["shares"]["held_out"]["memorised"]
    name = (f"no held-out picture given back: {alarms['count']} of {alarms['of']} "
            f"(exact 95 % interval {100 * alarms['low']:.1f} to {100 * alarms['high']:.1f} %)")
    return name, alarms["count"] == 0


def overfit(args):
    rows = table(args)[:4]
    audit = run(args, "overfit", rows, [f"train.steps={args.steps or 300}", "train.batch_size=4", "train.save_every=0",
                                        "data.caption_dropout=0"])
    images = [image for image in audit["images"] if image["role"] == "training"]
    show(audit, images)
    counts = [len(image["flagged"]) for image in images]
    return verdict([(f"each of 4 pictures flagged by at least three of four detectors: {counts}",
                     len(counts) == 4 and min(counts) >= 3), clean(audit)])


def planted(args):
    rows = table(args)[:200]
    for row in rows[:5]:
        row["repeats"] = 50
    audit = run(args, "planted", rows, [f"train.steps={args.steps or 300}", "train.save_every=0"])
    images = [image for image in audit["images"] if image["role"] == "training"]
    names = {row["image"] for row in rows[:5]}
    show(audit, images[:8])
    top = {image["image"] for image in images[:5]}
    print(f"  {len(images)} training pictures were audited")
    results = [("the five are on top", top == names)]

    def area(score):
        return auc([score(i) for i in images if i["image"] in names], [score(i) for i in images if i["image"] not in names])

    for detector in images[0]["scores"]:
        print(f"  AUC of {detector}: {area(lambda i: i['scores'][detector]):.3f}")
    whole = area(lambda i: i["suspicion"])
    return verdict([*results, (f"AUC of suspicion at least 0.95: {whole:.3f}", whole >= 0.95), clean(audit)])


def demo(args):
    report = json.loads((args.run / "evaluation/report.json").read_text())
    results = []
    if report.get("audit"):
        results.append(clean(report["audit"]))
        show(report["audit"], [])
    rows = report["styles"]
    full = {row["style"]: row["discriminant_distances"][-1] for row in rows}
    for row in rows:
        print(f"  distance to {row['style']}: " + ", ".join(f"{d['value']:.3f} ({d['low']:.3f} to {d['high']:.3f})"
                                                      for d in row["discriminant_distances"]))
    own = rows[0]["style"]
    results.append((f"nearest to {own} of {list(full)}", min(full, key=lambda style: full[style]["value"]) == own))
    share = report["measures"]["style.share"]["change"]
    results.append((f"share nearest to its own style: change {share['value']:.3f} ({share['low']:.3f} to "
                    f"{share['high']:.3f}) against the base excludes 0", share["low"] > 0))
    print("  seconds: " + ", ".join(f"{stage} {seconds}" for stage, seconds in report["seconds"].items()))
    return verdict(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("control", choices=["overfit", "planted", "demo"])
    parser.add_argument("--out", type=Path, default=ROOT / "checkpoints/controls")
    parser.add_argument("--run", type=Path, default=ROOT / "checkpoints/demo", help="demo: the evaluated run")
    parser.add_argument("--launcher", default=str(ROOT / "scripts/atelier"))
    parser.add_argument("--steps", type=int, help="training steps")
    parser.add_argument("--audit-only", action="store_true", help="the run has been trained already")
    parser.add_argument("--set", action="append", default=[], help="a further key=value for evaluate")
    args = parser.parse_args()
    args.out = args.out.resolve()
    sys.exit({"overfit": overfit, "planted": planted, "demo": demo}[args.control](args))


if __name__ == "__main__":
    main()
