"""One training step of an inpainting model, as diffusers' example script train_dreambooth_inpaint.py computes it: a tiny random base with
nine input channels (the sd1 model's, and five more), a picture, a mask, the latents' draws, noise and timestep given; the network's input,
the prediction and the loss. And masks as the script's random_mask draws them, by Pillow.

The script's own lines are not importable (it is a program): prepare_mask_and_masked_image, the interpolation of the mask and the
concatenation are written here after it.
"""

import random

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from PIL import Image, ImageDraw

from common import MODELS, TRAINER, normal, save

OUT = TRAINER / "inpainting"


def unet():
    base = UNet2DConditionModel.from_pretrained(MODELS / "sd1" / "unet", torch_dtype=torch.float32)
    wide = UNet2DConditionModel(**{k: v for k, v in base.config.items() if not k.startswith("_")} | {"in_channels": 9})
    weights = base.state_dict()
    first = 0.2 * normal(*wide.conv_in.weight.shape, of="inpainting.conv_in")
    first[:, :4] = weights["conv_in.weight"]
    wide.load_state_dict(weights | {"conv_in.weight": first})
    return wide.requires_grad_(False).eval()


def step():
    vae = AutoencoderKL.from_pretrained(MODELS / "sd1" / "vae").requires_grad_(False).eval()
    network = unet()
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    schedule = DDPMScheduler.from_pretrained(MODELS / "sd1" / "scheduler")
    width, height = 24, 16
    picture = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).rectangle((5, 2, 15, 11), fill=255)
    pixels = torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32)) / 127.5 - 1.0
    m = torch.from_numpy((np.array(mask).astype(np.float32) / 255.0 >= 0.5).astype(np.float32))[None, None]
    masked = pixels * (m < 0.5)
    shape = (1, vae.config.latent_channels, height // factor, width // factor)
    draws = {k: normal(*shape, of=("inpainting", k)) for k in ("latents", "masked", "noise")}

    def sample(x, draw):
        d = vae.encode(x).latent_dist
        return (d.mean + d.std * draw) * vae.config.scaling_factor

    latents, masked_latents = sample(pixels, draws["latents"]), sample(masked, draws["masked"])
    small = F.interpolate(m, size=(height // factor, width // factor))
    timestep = torch.tensor([321])
    noisy = schedule.add_noise(latents, draws["noise"], timestep)
    text = normal(1, 77, network.config.cross_attention_dim, of="inpainting.text")
    entered = torch.cat([noisy, small, masked_latents], dim=1)
    prediction = network(entered, timestep, encoder_hidden_states=text).sample
    loss = F.mse_loss(prediction, draws["noise"], reduction="mean")
    save(OUT / "step.safetensors", {"in.conv_in": network.conv_in.weight, "in.pixels": pixels, "in.mask": m, "in.text": text,
                                    "in.timestep": timestep, "out.input": entered, "out.prediction": prediction, "out.loss": loss}
         | {f"in.draw.{k}": v for k, v in draws.items()}, model="sd1", source="diffusers examples/research_projects/dreambooth_inpaint")


def masks():
    random.seed(11)
    tensors, shapes = {}, []
    for i in range(16):
        w, h = 32, 24
        size = (random.randint(0, w), random.randint(0, h))
        limits = (w - size[0] // 2, h - size[1] // 2)
        center = (random.randint(size[0] // 2, limits[0]), random.randint(size[1] // 2, limits[1]))
        ellipse = random.randint(0, 1) == 1
        box = (center[0] - size[0] // 2, center[1] - size[1] // 2, center[0] + size[0] // 2, center[1] + size[1] // 2)
        mask = Image.new("L", (w, h), 0)
        draw = ImageDraw.Draw(mask)
        (draw.ellipse if ellipse else draw.rectangle)(box, fill=255)
        tensors[f"out.{i}"] = torch.from_numpy((np.array(mask) >= 128).astype(np.float32))
        shapes.append([*box, int(ellipse)])
    save(OUT / "masks.safetensors", tensors, boxes=shapes, source="random_mask of the same script, drawn by Pillow 12.0.0")


if __name__ == "__main__":
    step()
    masks()
