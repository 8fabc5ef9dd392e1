"""The kernels on a machine that has Python and torch but no Java: plays recorded calls again (recording.py) and compares.

    replay.py exact FOLDER                                    on the CPU, in the recorded types: what each call gave there, to the bit
    replay.py accuracy FOLDER [--device cuda] [--dtype fp16]  each call against the CPU in fp32, gradients among them, from equal inputs
    replay.py time FOLDER [--device cuda] [--repeat 20]       a recorded step of full size, of which only shapes are kept, by the clock

Needs this file and the recording: kernels.pt and calls.pt. Prints one line of JSON; exit status 1 where a bar does not hold.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
BARS = {"fp32": 1e-4, "fp16": 1e-3, "bf16": 1e-2}
NARROW = (torch.float16, torch.bfloat16)
# How PyTorch numbers its types.
CODES = {0: torch.uint8, 1: torch.int8, 3: torch.int32, 4: torch.int64, 5: torch.float16, 6: torch.float32, 7: torch.float64, 11: torch.bool, 15: torch.bfloat16}
# What an argument that names a type is called in the kernels' texts.
TYPE_NAMES = ("wanted", "code", "dtype", "type")


def listed(kind, content):
    """All tensors' numbers in a value, in order."""
    if kind == "tensor":
        return [content]
    if kind in ("list", "tuple"):
        return [n for part in content for n in listed(*part)]
    if kind == "dict":
        return [n for _, part in content for n in listed(*part)]
    return []


class Replay:
    """Tensors by number, on one device, the narrow ones in one type (None: as recorded)."""

    def __init__(self, folder, calls, given, device, dtype):
        self.module = torch.jit.load(str(folder / "kernels.pt"), map_location=device)
        self.device, self.dtype = device, dtype
        self.made = []  # each call's result, whole
        # Where a number was made: a call and a place in the list that it gave.
        self.origin = {}
        for i, (_, _, gave, _) in enumerate(calls):
            if gave is not None:
                for place, n in enumerate(listed(*gave)):
                    self.origin.setdefault(n, (i, place))
        self.given = given
        self.tensors = {}

    def cast(self, tensor):
        narrow = tensor.dtype in NARROW and self.dtype is not None
        # Cloned, since kernels write into what they are given; strides stay.
        return tensor.to(self.device, self.dtype if narrow else tensor.dtype, copy=True)

    def tensor(self, n):
        if n == -1:
            return torch.Tensor()
        if n not in self.tensors:
            kept = self.given[n]
            self.tensors[n] = self.cast(kept if isinstance(kept, torch.Tensor) else filled(*kept))
        return self.tensors[n]

    def argument(self, name, kind, content, like):
        if kind == "tensor":
            return self.tensor(content)
        if kind == "dict":
            return {key: self.argument(name, *part, like) for key, part in content}
        if kind in ("list", "tuple"):
            tail = self.tail(content) if kind == "list" else None
            return tail if tail is not None else [self.argument(name, *part, like) for part in content]
        if name in TYPE_NAMES and self.dtype is not None and isinstance(content, int) and CODES.get(content) in NARROW:
            return next(code for code, dtype in CODES.items() if dtype is self.dtype)
        return content

    def tail(self, content):
        """A list that was the rest of what an earlier call gave is that call's rest here, however long: a device may keep more than another."""
        numbers = [part[1] for part in content if part[0] == "tensor"]
        if not numbers or len(numbers) < len(content) or any(n not in self.origin for n in numbers):
            return None
        calls = {self.origin[n][0] for n in numbers}
        if len(calls) != 1:
            return None
        call, first = self.origin[numbers[0]]
        if len(self.lengths) <= call or [self.origin[n][1] for n in numbers] != list(range(first, self.lengths[call])):
            return None
        return self.made[call][first:]

    def run(self, i, call):
        """Makes the call; gives its tensors, and those of its arguments that it wrote into."""
        method, arguments, gave, _ = call
        function = getattr(self.module, method)
        names = [a.name for a in function.schema.arguments][1:]
        values = [self.argument(name, *part, None) for name, part in zip(names, arguments)]
        touched = {n: self.tensors[n]._version for part in arguments for n in listed(*part) if n in self.tensors}
        result = function(*values)
        flat = flatten(result)
        self.made.append(flat)
        if gave is not None:
            for n, tensor in zip(listed(*gave), flat):
                self.tensors[n] = tensor
        written = {n: self.tensors[n] for n, version in touched.items() if self.tensors[n]._version != version}
        return flat, written


def flatten(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [t for part in value for t in flatten(part)]
    return []


def filled(sizes, strides, code):
    """A tensor of that look: small numbers where it is of floats, zeros else."""
    tensor = torch.empty_strided(sizes, strides, dtype=CODES[code])
    return tensor.normal_(std=0.02) if tensor.is_floating_point() else tensor.zero_()


def short(name):
    return name.split(".")[-1]


def load(folder):
    calls, given = torch.load(folder / "calls.pt", weights_only=False)
    return [(short(method), arguments, gave, made) for method, arguments, gave, made in calls], dict(given)


def begin(folder, calls, given, device, dtype):
    replay = Replay(folder, calls, given, device, dtype)
    replay.lengths = [len(listed(*gave)) if gave is not None else 0 for _, _, gave, _ in calls]
    return replay


def deviation(measured, reference):
    """Root mean square of the difference over that of the reference."""
    scale = reference.double().square().mean().sqrt().item()
    return (measured.double().cpu() - reference.double()).square().mean().sqrt().item() / max(scale, 1e-6)


def exact(a):
    calls, given = load(a.folder)
    replay = begin(a.folder, calls, given, "cpu", None)
    worst, different = 0.0, {}
    for i, call in enumerate(calls):
        flat, _ = replay.run(i, call)
        for ours, theirs in zip(flat, call[3]):
            if not torch.equal(ours, theirs) and ours.numel():
                error = deviation(ours, theirs) if ours.is_floating_point() else 1.0
                different[call[0]] = max(different.get(call[0], 0), error)
                worst = max(worst, error)
    return {"calls": len(calls), "methods": len({c[0] for c in calls}), "different": different, "worst": worst}, worst == 0


def accuracy(a):
    calls, given = load(a.folder)
    if a.device == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    reference = begin(a.folder, calls, given, "cpu", torch.float32)
    device = begin(a.folder, calls, given, a.device, DTYPES[a.dtype])
    errors = {}
    for i, call in enumerate(calls):
        expected, written = reference.run(i, call)
        found, _ = device.run(i, call)
        pairs = [(f, e) for f, e in zip(found, expected) if f.shape == e.shape] + [(device.tensors[n], tensor) for n, tensor in written.items()]
        for f, e in pairs:
            if e.is_floating_point() and e.numel():
                error = deviation(f, e)
                # What is no number in either is no agreement.
                errors[call[0]] = max(errors.get(call[0], 0), error if error == error else float("inf"))
        # The next call starts from equal inputs: what a network hands on, and what was written, are the reference's again. What is kept for going back stays.
        for n, tensor in written.items():
            device.tensors[n].copy_(tensor)
        if found and expected and found[0].shape == expected[0].shape and found[0].is_floating_point():
            found[0].copy_(expected[0])
    bar = a.bar or BARS[a.dtype]
    beyond = {k: v for k, v in errors.items() if v > bar}
    return {"device": a.device, "dtype": a.dtype, "bar": bar, "methods": len(errors), "worst": max(errors.values()), "beyond": beyond, "errors": errors}, not beyond


def timed(a):
    calls, given = load(a.folder)
    replay = begin(a.folder, calls, given, a.device, None)
    prepared = []

    def step():
        replay.made.clear()
        for i, call in enumerate(calls):
            replay.run(i, call)
        if a.device == "cuda":
            torch.cuda.synchronize()

    step()
    # Python's part is taken out: what arguments are is settled once, and only the calls are timed.
    for method, arguments, _, _ in calls:
        function = getattr(replay.module, method)
        names = [x.name for x in function.schema.arguments][1:]
        prepared.append((function, [replay.argument(n, *part, None) for n, part in zip(names, arguments)]))
    seconds = []
    for _ in range(a.repeat):
        began = time.perf_counter()
        for function, values in prepared:
            function(*values)
        if a.device == "cuda":
            torch.cuda.synchronize()
        seconds.append(round(time.perf_counter() - began, 5))
    peak = torch.cuda.max_memory_reserved() >> 20 if a.device == "cuda" else None
    return {"calls": len(calls), "seconds": sorted(seconds), "median": sorted(seconds)[len(seconds) // 2], "reserved_mib": peak}, True


def refuse_stub(device):
    if device == "cuda" and "Stub" in torch.cuda.get_device_name():
        sys.exit("this is the stub: it computes nothing, so nothing counts")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["exact", "accuracy", "time"])
    p.add_argument("folder", type=Path)
    p.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    p.add_argument("--dtype", default="fp32", choices=DTYPES)
    p.add_argument("--bar", type=float)
    p.add_argument("--repeat", type=int, default=20)
    a = p.parse_args()
    refuse_stub(a.device)
    # The kernels run without autograd, and as they are written: as the product runs them.
    torch._C._set_graph_executor_optimize(False)
    with torch.no_grad():
        result, holds = {"exact": exact, "accuracy": accuracy, "time": timed}[a.what](a)
    print(json.dumps(result))
    sys.exit(not holds)


if __name__ == "__main__":
    main()
