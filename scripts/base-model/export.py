"""Puts autoencoder, tokenizer, text encoder, UNet and scheduler into one diffusers folder, fp16 safetensors."""

import argparse
import json
import os
import shutil
from pathlib import Path

import torch
from diffusers import DDIMScheduler

import tokenizer
import training
import unet_train

INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.35.2",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def replace_folder(source, target):
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    os.replace(source, target)
    shutil.rmtree(old, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    state = torch.load(args.work / "unet-state.pt", weights_only=False)
    unet, text = unet_train.models(len(tokenizer.CLIPTokenizer.from_pretrained(args.tokenizer)))
    average = training.Average([unet, text], 1.0)
    average.values = state["average"]
    average.swap()
    args.out.mkdir(parents=True, exist_ok=True)
    made = args.work / "export.partial"
    shutil.rmtree(made, ignore_errors=True)
    unet.half().save_pretrained(made / "unet")
    text.half().save_pretrained(made / "text_encoder")
    DDIMScheduler(**unet_train.SCHEDULER).save_pretrained(made / "scheduler")
    shutil.copytree(args.vae, made / "vae")
    shutil.copytree(args.tokenizer, made / "tokenizer")
    (made / "model_index.json").write_text(json.dumps(INDEX, indent=2) + "\n")
    training_json = {"unet_minutes": round(state["used"] / 60, 1), "unet_steps": state["step"],
                     "unet_loss": round(state["loss"], 4)}
    for name, file in (("vae", "vae-state.pt"), ("decoder", "decoder-state.pt")):
        if (args.work / file).exists():
            kept = torch.load(args.work / file, weights_only=False)
            training_json |= {f"{name}_minutes": round(kept["used"] / 60, 1), f"{name}_steps": kept["step"]}
    (made / "training.json").write_text(json.dumps(training_json, indent=2) + "\n")
    for file in made.rglob("*.safetensors"):
        file.chmod(0o644)
    for part in sorted(made.iterdir()):
        if part.is_dir():
            replace_folder(part, args.out / part.name)
        else:
            os.replace(part, args.out / part.name)
    made.rmdir()
    size = sum(file.stat().st_size for file in args.out.rglob("*") if file.is_file())
    print(f"export: {size / 1e6:.2f} MB, {training_json}")


if __name__ == "__main__":
    main()
