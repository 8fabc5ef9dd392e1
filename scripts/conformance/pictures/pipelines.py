"""Golden pictures of diffusers' pipelines on the tiny models, for the tests of atelier.inference.

    python scripts/conformance/pictures/pipelines.py
writes inference/src/test/resources/atelier/inference/draw/pictures.json: prompts, settings and the pixels (base64, RGB rows).
Needs diffusers 0.35.2, torch 2.7.1, transformers, scipy, torchsde 0.2.6.
"""
import base64
import importlib
import json
import warnings
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import (StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline, StableDiffusionPipeline,
                       StableDiffusionXLPipeline)
from PIL import Image

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
diffusers.utils.logging.set_verbosity_error()
ROOT = Path(__file__).parents[3]
MODELS = ROOT / "diffusion/src/test/resources/golden/models"
OUT = ROOT / "inference/src/test/resources/atelier/inference/draw/pictures.json"
CLASSES = dict(ddpm="DDPM", ddim="DDIM", pndm="PNDM", euler="EulerDiscrete", euler_ancestral="EulerAncestralDiscrete",
               heun="HeunDiscrete", lms="LMSDiscrete", dpm2="KDPM2Discrete", dpm2_ancestral="KDPM2AncestralDiscrete",
               dpmpp_2m="DPMSolverMultistep", dpmpp_sde="DPMSolverSDE", dpmpp_2m_sde="DPMSolverMultistep",
               unipc="UniPCMultistep", deis="DEISMultistep", lcm="LCM")
WIDTH, HEIGHT = 24, 16
PROMPT, NEGATIVE = "a red fox in the snow, watercolour", "blurry, text"


def scheduled(pipe, model, sampler, seed, **more):
    """The pipeline with that scheduler on the model's own configuration."""
    own = LOADED[model][1]
    if sampler is None:
        pipe.scheduler = own
        return pipe
    if sampler == "dpmpp_2m_sde":
        more["algorithm_type"] = "sde-dpmsolver++"
    if sampler == "dpmpp_sde":
        more["noise_sampler_seed"] = seed
    module = importlib.import_module("diffusers.schedulers.scheduling_dpmsolver_sde") if sampler == "dpmpp_sde" \
        else diffusers
    pipe.scheduler = getattr(module, CLASSES[sampler] + "Scheduler").from_config(own.config, **more)
    return pipe


LOADED = {}


def load(kind, model):
    """Each model is read once; the kinds of pipeline share its networks."""
    if model not in LOADED:
        first = StableDiffusionXLPipeline if model == "sdxl" else StableDiffusionPipeline
        pipe = first.from_pretrained(MODELS / model, torch_dtype=torch.float32)
        LOADED[model] = (pipe, pipe.scheduler)
    pipe = LOADED[model][0] if mode_free(kind) else kind.from_pipe(LOADED[model][0])
    pipe.set_progress_bar_config(disable=True)
    return pipe


def mode_free(kind):
    return kind in (StableDiffusionPipeline, StableDiffusionXLPipeline)


def picture(width=WIDTH, height=HEIGHT):
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([x * 255 // (width - 1), y * 255 // (height - 1), (x + y) * 5 % 256], -1).astype(np.uint8))


def mask():
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[4:12, 10:20] = 255
    return Image.fromarray(mask)


def pixels(image):
    return base64.b64encode(np.asarray(image.convert("RGB")).tobytes()).decode()


def case(model, sampler=None, seed=7, steps=6, guidance=7.5, mode="text", **extra):
    sigmas = extra.pop("sigmas", None)
    more = {f"use_{sigmas}_sigmas": True} if sigmas else {}
    kind = {"text": StableDiffusionXLPipeline if model == "sdxl" else StableDiffusionPipeline,
            "image": StableDiffusionImg2ImgPipeline, "inpaint": StableDiffusionInpaintPipeline}[mode]
    pipe = scheduled(load(kind, model), model, sampler, seed, **more)
    arguments = dict(prompt=PROMPT, negative_prompt=NEGATIVE, num_inference_steps=steps, guidance_scale=guidance,
                     generator=torch.Generator().manual_seed(seed))
    given = dict(model=model, sampler=sampler, sigmas=sigmas, seed=seed, steps=steps, guidance_scale=guidance, mode=mode,
                 prompt=PROMPT, negative_prompt=NEGATIVE, width=WIDTH, height=HEIGHT, **extra)
    arguments.update(extra)
    if mode != "image":
        arguments.update(width=WIDTH, height=HEIGHT)
    if mode != "text":
        arguments["image"] = picture()
    if mode == "inpaint":
        arguments["mask_image"] = mask()
    given["pixels"] = pixels(pipe(**arguments).images[0])
    return given


def cases():
    for model in ("sd1", "sd2", "sdxl"):
        yield case(model)
        for sampler in CLASSES:
            if not (model == "sdxl" and sampler == "lcm"):
                yield case(model, sampler)
    yield case("odd")
    yield case("sd1", "euler", guidance=1.0)
    yield case("sd1", "ddim", clip_skip=1)
    yield case("sd1", "dpmpp_2m", sigmas="karras", steps=9)
    yield case("sd2", "ddim", guidance_rescale=0.7)
    for sampler in ("ddim", "euler", "dpmpp_2m", "euler_ancestral", "heun", "unipc"):
        yield case("sd1", sampler, mode="image", strength=0.6)
        yield case("sd1", sampler, mode="inpaint", strength=0.75)
    yield case("sd1", "ddim", mode="inpaint", strength=1.0)
    yield case("sd1", "euler", mode="inpaint", strength=1.0)


OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(dict(picture=pixels(picture()), mask=pixels(mask()), cases=list(cases())))
               .replace('{"model"', '\n{"model"') + "\n")
