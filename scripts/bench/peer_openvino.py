"""OpenVINO's UNet (guidance, batch 2) or VAE decoder at SD 1.5's size with the bf16 hint: what a CPU user would pick for pictures."""

import measuring  # noqa: I001

import argparse
import time

import openvino
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from sizes import UNET, VAE


class Unet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = UNet2DConditionModel(**UNET["sd15"]).eval()

    def forward(self, x, t, text):
        return self.model(x, t, text, return_dict=False)[0]


class Decoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = AutoencoderKL(**VAE).eval()

    def forward(self, latents):
        return self.model.decode(latents, return_dict=False)[0]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--part", default="unet", choices=["unet", "vae_decode"])
    p.add_argument("--px", type=int, default=256)
    p.add_argument("--steps", type=int, default=5)
    a = p.parse_args()
    torch.manual_seed(0)
    side = a.px // 8
    model, example = {
        "unet": lambda: (Unet(), (torch.randn(2, 4, side, side), torch.tensor([500]), torch.randn(2, 77, 768))),
        "vae_decode": lambda: (Decoder(), (torch.randn(1, 4, side, side),)),
    }[a.part]()
    with torch.no_grad():
        converted = openvino.convert_model(model, example_input=example)
    converted.reshape({i: list(x.shape) for i, x in enumerate(example)})
    del model
    start = time.time()
    compiled = openvino.Core().compile_model(converted, "CPU", {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY"})
    compiling = time.time() - start
    values = [x.numpy() for x in example]
    measuring.report(measuring.repeat(a.steps, lambda: compiled(values)), compile_s=round(compiling, 1), **vars(a))


main()
