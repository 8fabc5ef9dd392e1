"""Acceptance on a real GPU; on the stub, or without a GPU, nothing is accepted.

    check_gpu.py [tests] [curve] [steps] [drawing] [audit] [kernels]

tests: GpuTest in three precisions. curve: 300 steps of the demonstration against the CPU's. steps: SD 1.5 and SDXL beside diffusers + PEFT, time and
memory. drawing: the bundled model's pictures against diffusers'. audit: the demonstration's audit comes to the CPU's verdict. kernels: recorded calls
in fp32, fp16 and bf16 against the CPU in fp32 (replay.py), which a machine without Java can do too.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "live")]
import figures
import stub
import whole
from support import row, workspace

HERE = Path(__file__).resolve().parent
STEPS = 300


def gpu():
    """The card's name, or None where none counts."""
    import torch

    if "libcudart" in os.environ.get("LD_PRELOAD", "") or not torch.cuda.is_available():
        return None
    name = torch.cuda.get_device_name()
    return None if "Stub" in name else name


def command(words, **more):
    """The product's command on this machine's own CUDA."""
    environment = {**os.environ, **stub.torch_names(), **more}
    began = time.time()
    done = subprocess.run([stub.LAUNCHER, *map(str, words)], env=environment, text=True, capture_output=True, cwd=stub.ROOT)
    return done, time.time() - began


def must(words, ends=(0,), **more):
    done, seconds = command(words, **more)
    if done.returncode not in ends:
        raise SystemExit(f"{' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
    return done, seconds


def metrics(folder):
    with (folder / "metrics.csv").open(newline="") as f:
        return list(csv.DictReader(f))


def tests(space):
    environment = {**os.environ, **stub.torch_names()}
    done = subprocess.run(["mvn", "-q", "-B", "-Pcuda", "-pl", "diffusion", "-am", "-Dgroups=gpu", "-Dsurefire.failIfNoSpecifiedTests=false", "test"], cwd=stub.ROOT, env=environment, text=True,
                          capture_output=True)
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for report in (stub.ROOT / "diffusion/target/surefire-reports").glob("TEST-*GpuTest.xml"):
        suite = xml.etree.ElementTree.parse(report).getroot()
        for name in counts:
            counts[name] += int(suite.get(name, 0))
    fine = done.returncode == 0 and counts["tests"] > 0 and counts["failures"] + counts["errors"] + counts["skipped"] == 0
    row("GpuTest in fp32, fp16, bf16", "all pass, none is skipped", ", ".join(f"{v} {k}" for k, v in counts.items()), fine)


def curve(space):
    """The same seed draws the same noise and timesteps on every device, so losses are compared step by step."""
    losses = {}
    for device, dtype in (("cpu", "fp32"), ("cuda", "fp32"), ("cuda", "fp16"), ("cuda", "bf16")):
        name = f"{device}-{dtype}"
        must(["train", f"device={device}", f"model.dtype={dtype}", f"train.steps={STEPS}", "train.save_every=0", "train.sample_every=0", "sample.prompts=[]", f"run.dir={space}", f"run.name={name}",
              f"train.cache_dir={space}/cache-{name}"])
        losses[name] = [float(r["loss"]) for r in metrics(space / name)]
    reference = losses["cpu-fp32"]
    for name, bar in (("cuda-fp32", 0.005), ("cuda-fp16", 0.02), ("cuda-bf16", 0.03)):
        off = [abs(a - b) / b for a, b in zip(losses[name], reference)]
        tail = sum(losses[name][-100:]) / sum(reference[-100:])
        row(f"{STEPS} steps of the demonstration, {name}, against the CPU in fp32: mean over the last 100 steps; every step's difference", f"within {bar:.1%}; half of the steps within {bar:.1%}",
            f"{tail - 1:+.2%}; middle {sorted(off)[len(off) // 2]:.2%}, largest {max(off):.2%}", abs(tail - 1) <= bar and sorted(off)[len(off) // 2] <= bar)


class Watched:
    """The largest amount of the card's memory that processes of this machine held meanwhile, as the driver tells it."""

    def __enter__(self):
        self.most, self.going = 0, True
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def watch(self):
        while self.going:
            said = subprocess.run(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"], text=True, capture_output=True).stdout
            self.most = max([self.most, *[int(n) for n in said.split() if n.isdigit()]])
            time.sleep(0.2)

    def __exit__(self, *_):
        self.going = False
        self.thread.join()


def steps(space):
    for name, kind in figures.ROWS.items():
        model = whole.write(kind.model, stub.SCRATCH / "filled" / kind.model, full=True)
        data = stub.pictures(stub.SCRATCH / f"pictures-{kind.px}", kind.px, 4)
        cache = space / f"cache-{name}"
        words = [f"model.dtype={kind.dtype}", f"train.batch_size={kind.batch}", f"train.gradient_checkpointing={str(kind.checkpointing).lower()}"]
        must(stub.training(model, data, kind.px, space / f"fill-{name}", cache, *words, "train.steps=4"))
        with Watched() as ours_held:
            must(stub.training(model, data, kind.px, space / f"runs-{name}", cache, *words, "train.steps=40"))
        ours = sorted(float(r["seconds"]) for r in metrics(space / f"runs-{name}/run")[10:])
        with Watched() as peer_held:
            done = subprocess.run([sys.executable, HERE / "peer_step.py", "--model", kind.model, "--px", str(kind.px), "--dtype", kind.dtype, "--batch", str(kind.batch), "--steps", "40",
                                   *(["--checkpointing"] if kind.checkpointing else [])], text=True, capture_output=True, check=True)
        peer = sorted(json.loads(done.stdout.splitlines()[-1])["seconds"][10:])
        a, b = ours[len(ours) // 2], peer[len(peer) // 2]
        row(f"{kind.title}: seconds a step, beside diffusers + PEFT", "<= 1.0 of the peer's", f"{a:.4f} ({ours[0]:.4f} to {ours[-1]:.4f}); {b:.4f} ({peer[0]:.4f} to {peer[-1]:.4f}): {a / b:.2f}", a <= b)
        row(f"{kind.title}: the card's memory, as the driver tells it", "<= 0.8 of the peer's", f"{ours_held.most} MiB; {peer_held.most} MiB: {ours_held.most / max(1, peer_held.most):.2f}",
            ours_held.most <= 0.8 * peer_held.most)


def drawing(space):
    import numpy as np
    import torch
    from diffusers import DDIMScheduler, StableDiffusionPipeline
    from PIL import Image

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    base = stub.ROOT / "checkpoints/base"
    prompt, count = "red apple", 4
    for dtype, bar in (("fp32", 3), ("fp16", 12), ("bf16", 40)):
        out = space / f"drawn-{dtype}"
        must(["generate", "device=cuda", f"model.dtype={dtype}", f"prompt={prompt}", "steps=10", "sampler=ddim", "seed=7", "watermark=false", "safety=off", f"out={out}"])
        pipe = StableDiffusionPipeline.from_pretrained(base, torch_dtype={"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[dtype], safety_checker=None,
                                                       requires_safety_checker=False).to("cuda")
        pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
        theirs = np.asarray(pipe(prompt=prompt, num_inference_steps=10, guidance_scale=7.5, generator=torch.Generator().manual_seed(7)).images[0]).astype(int)
        ours = np.asarray(Image.open(out / "7.png").convert("RGB")).astype(int)
        worst, mean = int(np.abs(ours - theirs).max()), float(np.abs(ours - theirs).mean())
        row(f"same seed, same picture as diffusers', bundled model, DDIM, 10 steps, {dtype}", f"<= {bar}/255", f"largest {worst}/255, mean {mean:.2f}", worst <= bar)
    model = whole.write("sd15", stub.SCRATCH / "filled/sd15", full=True)
    _, one = must(["generate", "device=cuda", "model.dtype=fp16", f"model.path={model}", f"prompt={prompt}", "steps=30", "safety=off", f"out={space}/one"])
    _, more = must(["generate", "device=cuda", "model.dtype=fp16", f"model.path={model}", f"prompt={prompt}", "steps=30", "safety=off", f"count={1 + count}", f"out={space}/more"])
    pipe = StableDiffusionPipeline.from_pretrained(model, torch_dtype=torch.float16, safety_checker=None, requires_safety_checker=False).to("cuda")
    pipe.set_progress_bar_config(disable=True)
    pipe(prompt=prompt, num_inference_steps=30)
    began = time.time()
    for _ in range(count):
        pipe(prompt=prompt, num_inference_steps=30)
    ours, peer = (more - one) / count, (time.time() - began) / count
    row("a picture of SD 1.5's size, 512 px, 30 steps, fp16: seconds, beside diffusers", "<= 1.0 of the peer's", f"{ours:.2f}; {peer:.2f}: {ours / peer:.2f}", ours <= peer)


def audit(space):
    verdicts = {}
    for device in ("cpu", "cuda"):
        done, _ = must(["train", f"device={device}", f"train.steps={STEPS}", "train.sample_every=0", "sample.prompts=[]", "audit.required=true", f"run.dir={space}", f"run.name=audited-{device}",
                        f"train.cache_dir={space}/cache-{device}-fp32"], ends=(0, 3))
        verdicts[device] = done.returncode
    row("the demonstration's audit on the GPU", "the CPU's verdict", f"exit {verdicts['cuda']}; the CPU's {verdicts['cpu']}", verdicts["cuda"] == verdicts["cpu"])


def kernels(space):
    recordings = Path(os.environ.get("ATELIER_RECORDINGS", HERE / "recordings"))
    found = sorted(p.parent for p in recordings.glob("*/calls.pt"))
    if not found:
        row("recorded calls of the kernels", "there are some", f"none in {recordings.name}/: recording.py writes them where the stub is", False)
    for folder in found:
        if folder.name.startswith("accuracy"):
            for dtype in ("fp32", "fp16", "bf16"):
                done = subprocess.run([sys.executable, HERE / "replay.py", "accuracy", folder, "--device", "cuda", "--dtype", dtype], text=True, capture_output=True)
                result = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {"worst": float("nan"), "methods": 0, "bar": 0, "beyond": {"": done.stderr[-300:]}}
                row(f"{folder.name}, {dtype}: every kernel against the CPU in fp32", f"<= {result['bar']}", f"{result['methods']} kernels, worst {result['worst']:.1e}; beyond: {result['beyond'] or 'none'}",
                    not result["beyond"])
        elif folder.name.startswith("time"):
            kind = figures.ROWS[folder.name.removeprefix("time-")]
            ours = json.loads(subprocess.run([sys.executable, HERE / "replay.py", "time", folder, "--device", "cuda"], text=True, capture_output=True, check=True).stdout.splitlines()[-1])
            peer = json.loads(subprocess.run([sys.executable, HERE / "peer_step.py", "--model", kind.model, "--px", str(kind.px), "--dtype", kind.dtype, "--steps", "20"], text=True,
                                             capture_output=True, check=True).stdout.splitlines()[-1])
            b = sorted(peer["seconds"])[len(peer["seconds"]) // 2]
            row(f"{kind.title}: a recorded step's kernels by the clock, beside diffusers + PEFT", "<= 1.0 of the peer's", f"{ours['median']:.4f} s; {b:.4f} s", ours["median"] <= b)


def main(words):
    name = gpu()
    if not name:
        row("a GPU", "one that computes", "none here, or the stub: nothing was measured", None)
        return
    parts = {f.__name__: f for f in (tests, curve, steps, drawing, audit, kernels)}
    row("the card", "", name, None)
    with workspace("gpu") as space:
        for part in words or parts:
            parts[part](space)


if __name__ == "__main__":
    main(sys.argv[1:])
