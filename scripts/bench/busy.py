"""A training beside other programs: seconds of a step alone, alone on one processor, beside busy processes, and two trainings at once.

A program's fair share beside others is what it does alone on as many processors as are its own then: beside two busy
processes on two processors, one. The share is printed as that time over the time measured; 1 is fair, and the bar is 0.7.
    ATELIER_SCRATCH=folder busy.py [train's keys ...]
"""

import json
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import rows
import sides


def seconds(keys):
    """The median step of a run, the first three apart."""
    return statistics.median(sides.trained(keys)["seconds"][3:])


def beside(count, keys):
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        return seconds(keys)
    finally:
        for process in busy:
            process.kill()
            process.wait()


def on_one_processor(keys):
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(every)})
    try:
        return seconds(keys)
    finally:
        os.sched_setaffinity(0, every)


def main():
    sides.prepare()
    _, keys = rows.step(steps=12)
    keys |= {"model.prepack": "all", "train.gradient_accumulation": 1, "train.gradient_checkpointing": "false"} | dict(word.split("=", 1) for word in sys.argv[1:])
    processors = len(os.sched_getaffinity(0))
    sides.train(keys)  # Fills the cache.
    alone, one = seconds(keys), on_one_processor(keys)
    found = {"processors": processors, "alone": alone, "alone_on_one_processor": one}
    for count in (processors, 2 * processors):
        # The threads of a step and the busy processes share the processors evenly.
        fair = one / (processors * processors / (processors + count))
        time = beside(count, keys)
        found[f"beside_{count}"] = {"seconds": time, "share": fair / time}
    with ThreadPoolExecutor(2) as both:
        times = list(both.map(seconds, [keys | {"run.name": name} for name in ("one", "two")]))
    found["two_at_once"] = {"seconds": times, "share": [one * 2 / processors / time for time in times]}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
