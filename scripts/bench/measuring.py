"""What each peer's script shares: its clock, its memory, its line of JSON. Import it first, so that start-up counts."""

import time

BEGAN = time.time()

import json
import os
import resource


def report(seconds, **more):
    """Seconds of each repetition in order, the first (compiling, packing, warming caches) among them."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": [round(s, 4) for s in seconds], "peak_mib": peak, "threads": os.cpu_count(), **more}))


def repeat(times, action):
    seconds = []
    for _ in range(times):
        start = time.time()
        action()
        seconds.append(time.time() - start)
    return seconds
