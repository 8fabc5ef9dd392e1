"""What every generator shares: one thread, fixed seeds, random weights that leave nothing at zero, one form of file."""

import json
import os
import zlib
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import torch
from safetensors.torch import save_file

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

ROOT = Path(__file__).resolve().parents[3]
DIFFUSION = ROOT / "diffusion/src/test/resources/golden"
TRAINER = ROOT / "trainer/src/test/resources/golden"
MODELS = DIFFUSION / "models"


def generator(*what):
    """A generator seeded by what it is for, so that adding a case changes no other case."""
    return torch.Generator().manual_seed(zlib.crc32("/".join(map(str, what)).encode()))


def normal(*shape, of, dtype=torch.float32):
    return torch.randn(*shape, generator=generator(*(of if isinstance(of, tuple) else (of,))), dtype=dtype)


def randomise(module, seed, gain=1.0):
    """Weights N(0, gain^2 / fan_in), biases N(0, 0.1^2), norms' weights N(1, 0.2^2) and biases N(0, 0.2^2), embeddings N(0, 0.5^2)."""
    norms = (torch.nn.GroupNorm, torch.nn.LayerNorm)
    with torch.no_grad():
        for name, child in sorted(module.named_modules()):
            for key, p in sorted(child.named_parameters(recurse=False)):
                noise = normal(*p.shape, of=(seed, name, key))
                if isinstance(child, norms):
                    p.copy_(noise * 0.2 + (1.0 if key == "weight" else 0.0))
                elif isinstance(child, torch.nn.Embedding):
                    p.copy_(noise * 0.5)
                elif p.dim() == 1:
                    p.copy_(noise * 0.1)
                else:
                    p.copy_(noise * gain / p[0].numel() ** 0.5)
    return module.eval().requires_grad_(False)


def save(path, tensors, **facts):
    """One case: tensors named in.*, out.*, grad.*; the facts as JSON under the metadata key "facts"."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {k: v.detach().clone().contiguous() for k, v in tensors.items()}
    save_file(plain, path, metadata={"facts": json.dumps(facts, sort_keys=True)})
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KiB")


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")
