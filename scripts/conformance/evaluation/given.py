"""Narrow networks of the user's own, converted, and what their originals compute, for the tests of atelier.evaluation.features.

    python scripts/conformance/evaluation/given.py
writes sscd/, inception/ and csd/ (model.safetensors, network.json, by scripts/evaluation/convert.py) and networks.safetensors:
two of the demonstration's pictures (uint8), the first one resized by Pillow, and each network's vectors; and two sets of
features with their Frechet distance by SciPy's matrix root, as FID is computed.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts/evaluation")]
import convert
import originals

OUT = ROOT / "evaluation/src/test/resources/atelier/evaluation/features"


def frechet(x, y):
    from scipy.linalg import sqrtm
    between = sqrtm(np.cov(x, rowvar=False) @ np.cov(y, rowvar=False)).real
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(np.cov(x, rowvar=False)) + np.trace(np.cov(y, rowvar=False)) - 2 * np.trace(between)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    pictures = [np.asarray(Image.open(file).convert("RGB")) for file in sorted((ROOT / "datasets/demo/images").glob("*.png"))[:2]]
    networks = {"sscd": originals.sscd(True), "inception": originals.inception(True), "csd": originals.csd(True)}
    inputs = {"sscd": torch.stack([originals.sscd_input(p) for p in pictures]),
              "inception": torch.tensor(np.stack(pictures)).permute(0, 3, 1, 2),
              "csd": torch.stack([originals.csd_input(p, 32) for p in pictures])}
    found = {"in.pictures": torch.tensor(np.stack(pictures))}
    with tempfile.TemporaryDirectory() as folder:
        for name, network in networks.items():
            out = network(inputs[name])
            found["out." + name] = (out[0] if isinstance(out, tuple) else out).contiguous()
            weights = Path(folder) / f"narrow-{name}.pth"
            torch.save(network.state_dict(), weights)
            convert.convert(name, weights, OUT / name)
    for name, filter in (("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
        found["out." + name] = torch.tensor(np.asarray(Image.fromarray(pictures[0]).resize((72, 200), filter)))
    random = np.random.default_rng(3)
    x, y = random.normal(0.2, 1, (60, 24)).astype(np.float32), random.gamma(1.5, 0.8, (40, 24)).astype(np.float32)
    found |= {"in.x": torch.tensor(x), "in.y": torch.tensor(y), "out.frechet": torch.tensor([frechet(x.astype(np.float64), y.astype(np.float64))]).float()}
    save_file(found, OUT / "networks.safetensors")
    print({k: (tuple(v.shape), float(v.float().abs().max())) for k, v in found.items()})


if __name__ == "__main__":
    main()
