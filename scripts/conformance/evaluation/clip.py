"""A small random CLIP and what transformers computes with it, for the test of atelier.evaluation.features.ClipModel.

    python scripts/conformance/evaluation/clip.py
writes clip/: config.json, model.safetensors, preprocessor_config.json, as CLIPModel is saved, and clip.safetensors: two of the
demonstration's pictures (uint8) and the vectors of theirs and of two texts, of length 1. The tokenizer is the base model's.
"""
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

ROOT = Path(__file__).parents[3]
OUT = ROOT / "evaluation/src/test/resources/atelier/evaluation/features"
TEXTS = ["monkey face", "green apple"]

torch.manual_seed(0)
tokenizer = CLIPTokenizer.from_pretrained(ROOT / "checkpoints/base/tokenizer")
small = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, initializer_factor=20.0)
config = CLIPConfig(
    text_config=dict(small, vocab_size=len(tokenizer), max_position_embeddings=tokenizer.model_max_length,
                     eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.bos_token_id),
    vision_config=dict(small, image_size=32, patch_size=8), projection_dim=12)
model = CLIPModel(config).eval()
processor = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
model.save_pretrained(OUT / "clip")
processor.save_pretrained(OUT / "clip")
pictures = [np.asarray(Image.open(file).convert("RGB")) for file in sorted((ROOT / "datasets/demo/images").glob("*.png"))[:2]]
with torch.no_grad():
    words = tokenizer(TEXTS, padding="max_length", max_length=tokenizer.model_max_length, truncation=True,
                      return_tensors="pt")
    out = model(input_ids=words.input_ids, attention_mask=None,
                pixel_values=processor([Image.fromarray(p) for p in pictures], return_tensors="pt").pixel_values)
save_file({"in.pictures": torch.tensor(np.stack(pictures)), "out.words": out.text_embeds.contiguous(),
           "out.pictures": out.image_embeds.contiguous()}, OUT / "clip.safetensors")
print(out.text_embeds, out.image_embeds)
