"""Whether an inpainting network (nine input channels) paints as diffusers' pipeline does: tiny random model, live.

    python scripts/conformance/pictures/inpainting.py
Prints the largest difference of 255 for each strength; exits with 1 if one is over 2.
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionInpaintPipeline, UNet2DConditionModel
from PIL import Image

ROOT = Path(__file__).parents[3]
SD1 = ROOT / "diffusion/src/test/resources/golden/models/sd1"
WIDTH, HEIGHT, STEPS, SEED = 24, 16, 6, 7


def model(folder):
    shutil.copytree(SD1, folder)
    base = UNet2DConditionModel.from_pretrained(SD1, subfolder="unet")
    torch.manual_seed(0)
    wide = UNet2DConditionModel(**{k: v for k, v in base.config.items() if not k.startswith("_")} | {"in_channels": 9})
    weights = base.state_dict()
    first = wide.state_dict()["conv_in.weight"].clone()
    first[:, :4] = weights["conv_in.weight"]
    wide.load_state_dict(weights | {"conv_in.weight": first})
    wide.save_pretrained(folder / "unet")


def main():
    torch.set_num_threads(1)
    worst = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model(folder / "model")
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        image = Image.fromarray(np.stack([x * 10, y * 16, (x + y) * 5 % 256], -1).astype(np.uint8))
        inside = np.zeros((HEIGHT, WIDTH), np.uint8)
        inside[4:12, 10:20] = 255
        mask = Image.fromarray(inside)
        image.save(folder / "image.png")
        mask.save(folder / "mask.png")
        pipe = StableDiffusionInpaintPipeline.from_pretrained(folder / "model")
        pipe.set_progress_bar_config(disable=True)
        for strength in (1.0, 0.75):
            expected = pipe(prompt="a fox", negative_prompt="bad", image=image, mask_image=mask, width=WIDTH, height=HEIGHT,
                            num_inference_steps=STEPS, strength=strength, generator=torch.Generator().manual_seed(SEED)).images[0]
            out = folder / f"out-{strength}"
            subprocess.run([ROOT / "scripts/atelier", "generate", "prompt=a fox", "negative_prompt=bad", "sampler=ddim",
                            f"model.path={folder / 'model'}", f"steps={STEPS}", f"seed={SEED}", f"init_image={folder / 'image.png'}",
                            f"mask={folder / 'mask.png'}", f"strength={strength}", f"out={out}"], check=True,
                           stdout=subprocess.DEVNULL)
            got = np.asarray(Image.open(out / f"{SEED}.png")).astype(int)
            difference = int(np.abs(got - np.asarray(expected)).max())
            print(f"strength {strength}: largest difference {difference}")
            worst = max(worst, difference)
    sys.exit(worst > 2)


main()
