"""Loads exported text-encoder adapters with PEFT and diffusers and compares with the merged model that was exported beside them.

    python scripts/conformance/forms/check_text_adapters.py MODEL MERGED PEFT_FOLDER DIFFUSERS_FILE
MODEL and MERGED are diffusers folders of Stable Diffusion 1.x. To be run with transformers 4 (the environment's) and 5
(requirements.txt beside this file): field case 23.
"""
import sys
import warnings

import diffusers
import torch
import transformers
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from peft import PeftModel
from transformers import CLIPTextModel

warnings.simplefilter("ignore")
model, merged, peft_folder, diffusers_file = sys.argv[1:]


def encoder(folder):
    return CLIPTextModel.from_pretrained(f"{folder}/text_encoder", torch_dtype=torch.float32)


def largest(adapted):
    expected = encoder(merged).state_dict()
    return max((adapted.state_dict()[k].float() - v).abs().max().item() for k, v in expected.items())


def by_peft():
    return PeftModel.from_pretrained(encoder(model), peft_folder).merge_and_unload()


def by_diffusers():
    pipe = StableDiffusionPipeline(
        AutoencoderKL.from_pretrained(f"{model}/vae"), encoder(model), None, UNet2DConditionModel.from_pretrained(f"{model}/unet"),
        DDIMScheduler.from_pretrained(f"{model}/scheduler"), None, None, requires_safety_checker=False)
    pipe.load_lora_weights(diffusers_file)
    pipe.fuse_lora(components=["text_encoder"])
    pipe.unload_lora_weights()
    return pipe.text_encoder


for name, load in dict(peft=by_peft, diffusers=by_diffusers).items():
    difference = largest(load())
    print(f"transformers {transformers.__version__}, diffusers {diffusers.__version__}: {name} differs by {difference:.1e} at most")
    assert difference < 1e-4
