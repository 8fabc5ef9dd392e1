"""A checkpoint of SD 1.5's size (one file, 2.1 GB, fp16) opened, described and converted: the product's own commands beside Python's
safetensors doing the same, a process each, the file out of the page cache before each. Beside them the disk: the file copied and synced.

    checkpoint.py [FILE]        without a file the random model of the speed table is made first

Memory is that of the process at its highest: resident in all, and anonymous, which is what it takes from other programs (pages of a
mapped file are given back when somebody needs them).
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import sides
import support

# What Python does, on its command line: FILE OUT.
PEERS = {
    "open": "from safetensors import safe_open\n"
            "with safe_open(FILE, 'pt') as f:\n"
            "    print(sum(len(f.get_slice(k).get_shape()) >= 0 for k in f.keys()))",
    "copy": "from safetensors.torch import load_file, save_file\n"
            "save_file(load_file(FILE), OUT)\n"
            "sync(OUT)",
    "bf16": "import torch\nfrom safetensors.torch import load_file, save_file\n"
            "save_file({k: v.to(torch.bfloat16) for k, v in load_file(FILE).items()}, OUT)\n"
            "sync(OUT)",
}
PRELUDE = """import os, sys
FILE, OUT = sys.argv[1:3]
def sync(path):
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
"""


def forget(file):
    """Takes a file out of the page cache, so that it comes from the disk."""
    handle = os.open(file, os.O_RDONLY)
    os.fsync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)


def anonymous(pid):
    """The process's anonymous memory in MiB now; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return max((int(line.split()[1]) // 1024 for line in lines if line.startswith("RssAnon")), default=0)


def once(command, file):
    forget(file)
    began, own = time.time(), 0
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        own = max(own, anonymous(process.pid))
        if pid:
            break
        time.sleep(0.02)
    seconds = time.time() - began
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{command} failed\n{process.stdout.read()[-2000:]}")
    return {"seconds": round(seconds, 2), "resident_mib": usage.ru_maxrss // 1024, "anonymous_mib": own}


def measure(file):
    """Each task's figures, ours and Python's, with the disk's own time for as many bytes read and written."""
    out = sides.SCRATCH / "checkpoint-out"
    export = [support.LAUNCHER, "export", "run=null", f"model.path={file}", f"out={out}"]
    tasks = {
        "open": ("opened and described", [support.LAUNCHER, "inspect", file]),
        "copy": ("converted, the same element type, to a diffusers folder (Python: loaded and saved as it is)",
                 [*export, "format=merged", "dtype=fp16"]),
        "bf16": ("converted to bf16 in one file", [*export, "format=single_file", "dtype=bf16"]),
    }
    results = {}
    for name, (title, ours) in tasks.items():
        results[name] = {"title": title}
        for side, command in (("ours", ours), ("python", [sys.executable, "-c", PRELUDE + PEERS[name], file, out / "peer.safetensors"])):
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir(parents=True)
            results[name][side] = once(command, file)
    shutil.rmtree(out)
    out.mkdir()
    results["disk"] = {"title": "the file copied and synced (dd)", "ours": once(["dd", f"if={file}", f"of={out / 'copy'}", "bs=4M", "conv=fsync"], file)}
    shutil.rmtree(out)
    return results


def prepared(arguments):
    if arguments:
        return Path(arguments[0]).resolve()
    sides.prepare()
    return sides.MODEL.with_suffix(".safetensors")


if __name__ == "__main__":
    print(json.dumps(measure(prepared(sys.argv[1:])), indent=1))
