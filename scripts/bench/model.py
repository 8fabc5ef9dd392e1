"""Writes a model of SD 1.5's size with random weights, fp16, as a diffusers folder and as an LDM file: what the product is measured on."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "conformance" / part) for part in ("live", "golden")]

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

import ldm
from common import randomise, write_json
from models import CLIP_MERGES, clip_merges, write_tokenizer
from sizes import TEXT, UNET, VAE


def main(folder):
    if (folder / "model_index.json").exists():
        return
    models = {"unet": UNet2DConditionModel(**UNET["sd15"]), "vae": AutoencoderKL(**VAE), "text_encoder": CLIPTextModel(CLIPTextConfig(**TEXT))}
    for part, model in models.items():
        randomise(model, f"bench.{part}", gain=0.8).to(torch.float16).save_pretrained(folder / part)
    DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False,
                  steps_offset=1).save_pretrained(folder / "scheduler")
    write_tokenizer(folder / "tokenizer", clip_merges(CLIP_MERGES))
    ldm.write(folder.with_suffix(".safetensors"), models["unet"], models["vae"], models["text_encoder"], 1)
    write_json(folder / "model_index.json", {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.35.2", "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "DDIMScheduler"], "safety_checker": [None, None], "feature_extractor": [None, None]})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
