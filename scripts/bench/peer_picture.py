"""Text to image at SD 1.5's size, 20 steps of DDIM with guidance: diffusers' pipeline in bf16 and channels_last, or OpenVINO's networks with
the bf16 hint in a plain loop around diffusers' scheduler. The seconds are each picture's, from the prompt to its pixels."""

import measuring  # noqa: I001

import argparse

import numpy
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline

PROMPT = "a red fox in the snow, watercolour"


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--model", required=True)
    p.add_argument("--px", type=int, default=256)
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--count", type=int, default=3)
    p.add_argument("--engine", default="torch", choices=["torch", "openvino"])
    p.add_argument("--dtype", default="bf16", choices=["bf16"])
    return p.parse_args()


def diffusers(a):
    pipe = StableDiffusionPipeline.from_pretrained(a.model, torch_dtype=torch.bfloat16, safety_checker=None)
    pipe.unet.to(memory_format=torch.channels_last)
    pipe.vae.to(memory_format=torch.channels_last)
    pipe.set_progress_bar_config(disable=True)
    return lambda: pipe(PROMPT, num_inference_steps=a.steps, width=a.px, height=a.px, generator=torch.Generator().manual_seed(0))


class Unet(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x, t, text):
        return self.model(x, t, text, return_dict=False)[0]


class Decoder(Unet):
    def forward(self, latents):
        return self.model.decode(latents, return_dict=False)[0]


def openvino(a):
    import openvino as ov
    pipe = StableDiffusionPipeline.from_pretrained(a.model, torch_dtype=torch.float32, safety_checker=None)
    side, core = a.px // 8, ov.Core()
    options = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY"}

    def compiled(module, *example):
        with torch.no_grad():
            converted = ov.convert_model(module.eval(), example_input=example)
        converted.reshape({i: list(x.shape) for i, x in enumerate(example)})
        return core.compile_model(converted, "CPU", options)

    unet = compiled(Unet(pipe.unet), torch.randn(2, 4, side, side), torch.tensor(500), torch.randn(2, 77, 768))
    decoder = compiled(Decoder(pipe.vae), torch.randn(1, 4, side, side))
    tokenizer, text, scaling = pipe.tokenizer, pipe.text_encoder, pipe.vae.config.scaling_factor
    schedule = DDIMScheduler.from_config(pipe.scheduler.config)
    # The plain networks go: what is compiled holds its own weights.
    del pipe

    def draw():
        with torch.no_grad():
            ids = tokenizer(["", PROMPT], padding="max_length", return_tensors="pt").input_ids
            states = text(ids, return_dict=False)[0].numpy()
            schedule.set_timesteps(a.steps)
            x = torch.randn(1, 4, side, side, generator=torch.Generator().manual_seed(0))
            for t in schedule.timesteps:
                both = torch.from_numpy(unet([numpy.concatenate([x.numpy()] * 2), t.numpy(), states])[0])
                x = schedule.step(both[:1] + 7.5 * (both[1:] - both[:1]), t, x, return_dict=False)[0]
            return (decoder([x.numpy() / scaling])[0].clip(-1, 1) * 127.5 + 127.5).round().astype(numpy.uint8)
    return draw


def main():
    a = arguments()
    draw = {"torch": diffusers, "openvino": openvino}[a.engine](a)
    measuring.report(measuring.repeat(a.count, draw), **vars(a))


main()
