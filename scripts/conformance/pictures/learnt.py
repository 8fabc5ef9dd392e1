"""Golden files for what prompts and checkers are made of, for the tests of atelier.inference.

    python scripts/conformance/pictures/learnt.py
writes, under inference/src/test/resources/atelier/inference:
  learnt.safetensors           states of prompts with a textual inversion of three vectors, by diffusers' load_textual_inversion
  cat.safetensors              the inversion, as diffusers writes it
  checked/                     a safety_checker folder with random weights and its feature_extractor
  checked.json                 what diffusers' StableDiffusionSafetyChecker says of a few pictures
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts/conformance/golden"), str(ROOT / "scripts/safety")]

import torch
from diffusers import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker, cosine_distance
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessor

from common import MODELS, normal, randomise, save, write_json
from golden import pixels

OUT = ROOT / "inference/src/test/resources/atelier/inference"
PROMPTS = ["a photo of <cat>", "<cat>, <cat> in the snow", "no such word", "a red fox and <cat> by the sea, watercolour"]
PICTURES = ["pattern 32 32", "pattern 96 64", "pattern 40 70", "pattern 300 200", "1F435.png", "1F98D.png"]


def learnt():
    pipe = StableDiffusionPipeline.from_pretrained(MODELS / "sd1", torch_dtype=torch.float32)
    width = pipe.text_encoder.config.hidden_size
    vectors = normal(3, width, of="textual-inversion") * 0.5
    save_file({"<cat>": vectors}, OUT / "cat.safetensors")
    pipe.load_textual_inversion(OUT / "cat.safetensors")
    tensors = {}
    with torch.no_grad():
        for i, prompt in enumerate(PROMPTS):
            tensors[f"out.{i}"] = pipe.encode_prompt(prompt, "cpu", 1, False)[0][0]
    save(OUT / "learnt.safetensors", tensors, prompts=PROMPTS)


def checked():
    vision = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8)
    config = CLIPConfig(vision_config=vision, text_config=dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, vocab_size=8), projection_dim=16)
    checker = randomise(StableDiffusionSafetyChecker(config), "safety-checker")
    with torch.no_grad():
        for name, scale in (("concept_embeds", 1.0), ("special_care_embeds", 1.0)):
            getattr(checker, name).copy_(normal(*getattr(checker, name).shape, of=name) * scale)
        checker.concept_embeds_weights.copy_(0.40 + 0.05 * torch.arange(17) / 17)
        checker.special_care_embeds_weights.copy_(torch.tensor([0.3, 0.2, 0.1]))
    processor = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    checker.save_pretrained(OUT / "checked/safety_checker")
    processor.save_pretrained(OUT / "checked/feature_extractor")
    said = []
    for name in PICTURES:
        array = pixels(name)
        clip = processor([Image.fromarray(array)], return_tensors="pt").pixel_values
        with torch.no_grad():
            flagged = checker(images=[array.copy()], clip_input=clip)[1][0]
            vector = checker.visual_projection(checker.vision_model(clip)[1])
            special = cosine_distance(vector, checker.special_care_embeds)[0] - checker.special_care_embeds_weights
            concepts = cosine_distance(vector, checker.concept_embeds)[0] - checker.concept_embeds_weights
        said.append({"picture": name, "flagged": bool(flagged), "vector": vector[0].tolist(), "special": special.tolist(), "concepts": concepts.tolist()})
    write_json(OUT / "checked.json", said)
    print([s["flagged"] for s in said], [max(s["special"]) > 0 for s in said])


if __name__ == "__main__":
    learnt()
    checked()
