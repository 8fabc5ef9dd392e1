"""Pictures at full model size against diffusers, memory over a thousand pictures, and the start. ATELIER_SD15 names a model of SD 1.5's
size with random weights, as scripts/bench/model.py writes it; without it that row is left out."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))

import numpy as np
import torch
from PIL import Image

from support import LAUNCHER, row, workspace

PROMPT = "a red fox in the snow, watercolour"
COUNT = int(os.environ.get("ATELIER_COUNT", "1000"))


def generate(*words):
    done = subprocess.run([LAUNCHER, "generate", *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"generate ended with {done.returncode}\n{done.stderr[-3000:]}")


def full_size(folder, scratch):
    """The whole pipeline: tokenizer, text encoder, UNet with guidance, DDIM, autoencoder."""
    from diffusers import StableDiffusionPipeline
    torch.set_num_threads(os.cpu_count())
    pipe = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    arguments = dict(prompt=PROMPT, negative_prompt="blurry", num_inference_steps=3, guidance_scale=7.5, width=256, height=256)
    theirs = np.asarray(pipe(**arguments, generator=torch.Generator().manual_seed(7)).images[0]).astype(int)
    del pipe
    generate(f"model.path={folder}", "model.dtype=fp32", "device=cpu", f"prompt={PROMPT}", "negative_prompt=blurry", "steps=3", "width=256", "height=256",
             "sampler=ddim", "seed=7", "watermark=false", "safety=off", f"out={scratch}")
    ours = np.asarray(Image.open(scratch / "7.png").convert("RGB")).astype(int)
    worst = int(np.abs(ours - theirs).max())
    row("same seed, same picture, SD 1.5's size, 256 px, DDIM, 3 steps, fp32", "<= 2/255", f"{worst}/255 (standard deviation of the picture {theirs.std():.0f})", worst <= 2)


def resident(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def memory(scratch):
    """Resident size as the pictures of one process come, read at every tenth of them."""
    words = ["generate", "prompt=red apple", "steps=1", f"count={COUNT}", f"out={scratch}"]
    process = subprocess.Popen([LAUNCHER, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    sizes = []
    for number, _ in enumerate(process.stdout, 1):
        if number % (COUNT // 10) == 0 and number < COUNT:
            sizes.append(resident(process.pid))
    if process.wait():
        raise SystemExit("generate did not end well")
    growth = sizes[-1] - sizes[1]
    row(f"{COUNT} pictures in one process, bundled model: resident MiB from the 200th to the 900th", "grows by <= 5 %",
        f"{sizes[1]} to {sizes[-1]} ({', '.join(map(str, sizes))})", growth <= 0.05 * sizes[1])


def start(scratch):
    words = ["prompt=red apple", "steps=1", f"out={scratch}"]
    generate(*words)
    seconds = []
    for _ in range(3):
        began = time.time()
        generate(*words)
        seconds.append(time.time() - began)
    middle = statistics.median(seconds)
    row("command to the written picture of one step, bundled model, warm file cache, picture checked", "<= 3 s",
        f"{middle:.2f} s ({min(seconds):.2f} to {max(seconds):.2f})", middle <= 3)


def main():
    with workspace("pictures") as scratch:
        wanted = os.environ.get("ATELIER_PICTURES", "start,memory,full").split(",")
        if "start" in wanted:
            start(scratch / "start")
        if "memory" in wanted:
            memory(scratch / "memory")
        model = os.environ.get("ATELIER_SD15")
        if "full" in wanted and model:
            full_size(Path(model), scratch / "full")


if __name__ == "__main__":
    main()
