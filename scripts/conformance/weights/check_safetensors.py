"""Files written here against safetensors' own writer and reader, damaged files against its verdict, a million damaged headers."""

import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))
from support import classpath, java, row, workspace  # noqa: E402

DTYPES = [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
          torch.bool, torch.float8_e4m3fn, torch.float8_e5m2]
MILLION = int(os.environ.get("ATELIER_HEADERS", 1_000_000))


def written(space):
    """Python writes, Java copies tensor by tensor, the bytes must agree; one metadata entry, since Python's order of several is random."""
    generator, same = random.Random(1), 0
    for case in range(20):
        tensors = {}
        for i in range(generator.randint(1, 30)):
            shape = [generator.randint(0, 5) for _ in range(generator.randint(0, 4))]
            name = "".join(generator.choice("abcxyz._09Ää😀") for _ in range(generator.randint(1, 12)))
            tensors[name] = torch.randint(0, 100, shape).to(generator.choice(DTYPES))
        raw = save(tensors, {"k": "v ü 😀 \" \\ \n \t /"})
        (space / f"{case}.safetensors").write_bytes(raw)
    java("atelier.diffusion.conformance.Copy", folder=space, out=space / "copies")
    for case in range(20):
        same += (space / "copies" / f"{case}.safetensors").read_bytes() == (space / f"{case}.safetensors").read_bytes()
    row("files of random tensors, written here and by safetensors' own writer", "the same bytes", f"{same} of 20", same == 20)


def damaged(space, count=4000):
    generator = random.Random(2)
    good = {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
            "b": {"dtype": "F16", "shape": [4], "data_offsets": [24, 32]}, "c": {"dtype": "U8", "shape": [], "data_offsets": [32, 33]}}
    pieces = [b"{", b"}", b"[", b"]", b",", b'"', b"0", b"-1", b"1e3", b" ", b"null", b'"F64"', b'"F4"', b"\xff", b"\\u0041", b"\\ud800", b"9" * 20]
    verdicts = {}
    for i in range(count):
        text = bytearray(json.dumps(good, separators=(",", ":")).encode())
        for _ in range(generator.choice([0, 1, 1, 1, 2, 3])):
            at = generator.randrange(len(text))
            how = generator.randrange(4)
            if how == 0:
                del text[at]
            elif how == 1:
                text[at:at] = generator.choice(pieces)
            elif how == 2:
                text[at] = generator.choice(b'0123456789"{}[],:abcF. ')
            else:
                text[at:at + generator.randint(1, 8)] = generator.choice(pieces)
        length = len(text) if generator.random() < 0.95 else generator.choice([0, 1, len(text) - 1, len(text) + 1, 2**40, 2**63])
        data = 33 if generator.random() < 0.9 else generator.randrange(60)
        file = space / f"{i:05}"
        file.write_bytes(struct.pack("<Q", length) + bytes(text) + bytes(data))
        try:
            with safe_open(file, "pt"):
                verdicts[file.name] = True
        except (SafetensorError, ValueError):
            verdicts[file.name] = False
    java("atelier.diffusion.conformance.Headers", folder=space, out=space.parent / "accepted")
    ours = set((space.parent / "accepted").read_text().split())
    theirs = {name for name, accepted in verdicts.items() if accepted}
    row(f"{count} damaged files: accepted here and refused by safetensors", "none", f"{len(ours - theirs)} (both accept {len(ours & theirs)})",
        not ours - theirs)
    stricter = ours ^ theirs
    for name in sorted(theirs - ours)[:10]:
        print((space / name).read_bytes()[8:])
    row("the same: refused here and accepted by safetensors (a name twice, entries that are lists)", "stated", f"{len(stricter & theirs)}", None)


def million(space):
    scratch = Path("/dev/shm") if Path("/dev/shm").is_dir() else space
    file = scratch / f"atelier-header-{os.getpid()}.safetensors"
    try:
        command = ["java", "-Xmx64m", "-XX:+UseSerialGC", "-cp", classpath(), "atelier.diffusion.conformance.Headers", f"count={MILLION}", f"scratch={file}"]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        row(f"{MILLION:,} damaged headers", "error or load; no crash, no hang, no memory beyond the heap's {heap_mib} MiB".format(**result),
            "{accepted:,} loaded, all others refused, slowest {slowest_ms} ms".format(**result), True)
    finally:
        file.unlink(missing_ok=True)


if __name__ == "__main__":
    with workspace("safetensors") as space:
        written(space)
        (space / "damaged").mkdir()
        damaged(space / "damaged")
        million(space)
