"""INT, TERM or HUP at random moments of every command: status 130 within three seconds, no crash, nothing half written, and a
training goes on to the uninterrupted run's adapter, byte for byte. A second signal ends at once.

    check_signals.py [MOMENTS]     twenty by default, for each command
"""

import random
import shutil
import signal
import sys
import time

from runs import Run, command, pictures, row, workspace

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
WITHIN = 3.0
# Java's own start, during which the system's action holds: the process is gone, with the signal's own status.
START = 0.5


def ended(process, moment, number):
    """Status and seconds after a signal that comes at a moment; None where the command had ended before."""
    time.sleep(moment)
    if process.poll() is not None:
        return None
    sent = time.time()
    process.send_signal(number)
    process.communicate()
    # Done with all its work as the signal came.
    return None if process.returncode == 0 else (process.returncode, time.time() - sent)


def timed(start):
    began = time.time()
    process = start()
    said = process.communicate()[1]
    if process.returncode:
        raise SystemExit(f"the command ended with {process.returncode}:\n{said[-3000:]}")
    return time.time() - began


def commands(space, whole):
    """Each command by name, and the folder that it writes to, which goes before each time."""
    data = [f"data.pairs={space / 'data/pairs.csv'}", f"data.images={space / 'data'}"]
    lines = "\n".join(f'{{"kind":"url","value":"https://example.org/{i}.png"}}' for i in range(400_000))
    (space / "list.jsonl").write_text(lines + "\n")
    return {
        "generate": (["generate", "prompt=red apple", "count=12", "steps=20", f"out={space / 'drawn'}"], space / "drawn"),
        "evaluate": (["evaluate", f"run={whole.folder}", f"out={space / 'report'}"], space / "report"),
        "export": (["export", f"run={whole.folder}", "format=[kohya,peft,diffusers,merged,single_file]", f"out={space / 'export'}"], space / "export"),
        "dataset check": (["dataset", "check", *data, f"out={space / 'checked'}"], space / "checked"),
        "optout build": (["optout", "build", f"optout.manifests=[{space / 'list.jsonl'}]", f"out={space / 'built.lists'}"], space / "built.lists"),
    }


def remains(folder):
    return [path for path in folder.rglob("*") if path.name.endswith((".part", ".partial", ".tmp"))]


def main(moments):
    draw = random.Random(2026)
    slowest, wrong, left, second = 0.0, [], [], []
    with workspace("signals") as space:
        pictures(space / "data")
        keys = ["train.steps=40", "train.save_every=10", "sample.prompts=[red apple]", "train.sample_every=15", "sample.steps=6"]
        whole = Run(space, "whole", keys)
        length = timed(whole.start)
        same = 0
        for i in range(moments):
            number, run = SIGNALS[i % 3], Run(space, f"stopped-{i}", keys)
            result = ended(run.start(), draw.uniform(START, length), number)
            if result is None:
                continue
            slowest = max(slowest, result[1])
            if result[0] != 130:
                wrong.append(("train", number.name, result))
            left += remains(run.folder)
            if run.folder.exists() and any((run.folder / "state").glob("step-*")):
                run.resume()
                same += run.digest() == whole.digest()
                if run.digest() != whole.digest():
                    wrong.append(("train", number.name, "another adapter"))
            shutil.rmtree(run.folder, ignore_errors=True)
        for name, (words, made) in commands(space, whole).items():
            whole_time = timed(lambda: command(words))
            for i in range(moments):
                shutil.rmtree(made, ignore_errors=True)
                made.unlink(missing_ok=True) if made.is_file() else None
                number = SIGNALS[i % 3]
                result = ended(command(words), draw.uniform(START, max(START, whole_time)), number)
                if result is None:
                    continue
                slowest = max(slowest, result[1])
                if result[0] != 130 or result[1] > WITHIN:
                    wrong.append((name, number.name, result))
                left += remains(space)
        process = command(["generate", "prompt=red apple", "count=200", "steps=50", f"out={space / 'drawn'}"])
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        sent = time.time()
        process.communicate()
        second.append(time.time() - sent)
    for fault in wrong:
        print("FAULT", fault)
    row("signals: statuses other than 130, or later than 3 s", "0", len(wrong), not wrong)
    row("signals: slowest end", "3 s", f"{slowest:.2f} s", slowest <= WITHIN)
    row("signals: files left half written", "0", len(left), not left)
    row("signals: adapters of resumed runs equal", "all", same, True)
    row("signals: a second one ends at once", "0.5 s", f"{second[0]:.2f} s", second[0] <= 0.5)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
