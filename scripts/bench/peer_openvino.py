"""OpenVINO's UNet (guidance, batch 2), VAE halves and text encoder at SD 1.5's size with the bf16 hint: what a CPU user would pick for pictures."""

import measuring  # noqa: I001

import argparse
import time

import openvino
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from sizes import TEXT, UNET, VAE


class Part(torch.nn.Module):
    """A network with what is called of it."""

    def __init__(self, model, call):
        super().__init__()
        self.model, self.call = model.eval(), call

    def forward(self, *inputs):
        return self.call(self.model, *inputs)


def part(name, px):
    """A network and inputs for it."""
    side = px // 8
    if name == "unet":
        inputs = torch.randn(2, 4, side, side), torch.tensor([500]), torch.randn(2, 77, 768)
        return Part(UNet2DConditionModel(**UNET["sd15"]), lambda m, x, t, text: m(x, t, text, return_dict=False)[0]), inputs
    if name == "text":
        return Part(CLIPTextModel(CLIPTextConfig(**TEXT)), lambda m, ids: m(ids).last_hidden_state), (torch.randint(0, 49000, (2, 77)),)
    if name == "vae_encode":
        return Part(AutoencoderKL(**VAE), lambda m, pictures: m.encode(pictures).latent_dist.mean), (torch.randn(1, 3, px, px),)
    return Part(AutoencoderKL(**VAE), lambda m, latents: m.decode(latents, return_dict=False)[0]), (torch.randn(1, 4, side, side),)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--part", default="unet", choices=["unet", "vae_encode", "vae_decode", "text"])
    p.add_argument("--px", type=int, default=256)
    p.add_argument("--steps", type=int, default=5)
    a = p.parse_args()
    torch.manual_seed(0)
    model, example = part(a.part, a.px)
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
