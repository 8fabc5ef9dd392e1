"""SSCD, CSD and FID's Inception at their full size with random weights: converted by scripts/evaluation/convert, Atelier's vectors of
pictures against those of the authors' definitions, fp32; and FID's distance of as many vectors as it needs."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from support import ROOT, THREADS, java, relative, row, workspace

sys.path.append(str(Path(__file__).resolve().parents[1] / "evaluation"))
import given
import originals

torch.set_num_threads(THREADS)
MAIN = "atelier.evaluation.features.Embed"
BAR = 1e-4


def pictures():
    """Three of the demonstration's, at the side that models draw at, with noise that no filter passes over."""
    random = np.random.default_rng(7)
    shown = []
    for file in sorted((ROOT / "datasets/demo/images").glob("*.png"))[:3]:
        large = np.asarray(Image.open(file).convert("RGB").resize((512, 512), Image.LANCZOS)).astype(np.int16)
        shown.append(np.clip(large + random.integers(-20, 20, large.shape), 0, 255).astype(np.uint8))
    return shown


def convert(network, weights, out):
    subprocess.run([ROOT / "scripts/evaluation/convert", network, weights, out], check=True, stdout=sys.stderr)
    return load_file(out / "model.safetensors")


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


def compare(name, network, out, space, expected):
    java(MAIN, module="evaluation", network=network, folder=out, inputs=space / "in.safetensors", outputs=space / "out.safetensors")
    found = load_file(space / "out.safetensors")["out.vectors"]
    error = relative(found, expected)
    row(f"{name}, {expected.shape[1]} values of {len(expected)} pictures, largest relative error", f"<= {BAR:.0e}", f"{error:.1e}", error <= BAR)


@torch.no_grad()
def sscd(shown, space):
    network = originals.sscd(False)
    inputs = torch.stack([originals.sscd_input(p) for p in shown])
    expected, state = network(inputs), network.state_dict()
    torch.save(state, space / "sscd.pth")
    torch.save(originals.classy_names(state), space / "classy.pth")
    torch.jit.trace(network, inputs[:1]).save(space / "sscd.torchscript.pt")
    plain = convert("sscd", space / "sscd.pth", space / "sscd")
    for kind, file in (("Classy Vision's names", "classy.pth"), ("TorchScript", "sscd.torchscript.pt")):
        held = same(plain, convert("sscd", space / file, space / "other"))
        row(f"SSCD from {kind}, tensors of those from torchvision's names", "equal", "equal" if held else "different", held)
    compare("SSCD (torchvision's ResNet-50, GeM, 512)", "sscd", space / "sscd", space, expected)


@torch.no_grad()
def inception(shown, space):
    network = originals.inception(False)
    expected = network(torch.tensor(np.stack(shown)).permute(0, 3, 1, 2))[0]
    torch.save(network.state_dict(), space / "inception.pth")
    convert("inception", space / "inception.pth", space / "inception")
    compare("FID's Inception (torch-fidelity's)", "inception", space / "inception", space, expected)


@torch.no_grad()
def csd(shown, space):
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection
    network = originals.csd(False)
    inputs = torch.stack([originals.csd_input(p, 224) for p in shown])
    expected = network(inputs)
    torch.save({"model_state_dict": {"module." + k: v for k, v in network.state_dict().items()}}, space / "csd.pth")
    del network
    converted = convert("csd", space / "csd.pth", space / "csd")
    theirs = CLIPVisionModelWithProjection(CLIPVisionConfig(
        hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16, patch_size=14, projection_dim=768, hidden_act="quick_gelu"))
    theirs.load_state_dict(converted, strict=True)
    error = relative(torch.nn.functional.normalize(theirs.eval()(inputs).image_embeds), expected)
    row("CSD's names from OpenAI's to transformers', transformers' vectors, largest relative error", f"<= {BAR:.0e}", f"{error:.1e}", error <= BAR)
    del theirs
    compare("CSD (open_clip's ViT-L/14, style head)", "csd", space / "csd", space, expected)


def frechet(space):
    """Features as Inception's are: not below zero, alike between channels."""
    random = np.random.default_rng(9)
    mixed = random.normal(0, 1 / 2048**0.5, (2048, 2048))
    x, y = (np.maximum(random.normal(mean, 1, (count, 2048)) @ mixed * 0.4 + 0.3, 0).astype(np.float32) for mean, count in ((0, 2100), (0.1, 2500)))
    save_file({"in.x": torch.tensor(x), "in.y": torch.tensor(y)}, space / "in.safetensors")
    java(MAIN, module="evaluation", network="frechet", inputs=space / "in.safetensors", outputs=space / "out.safetensors")
    expected = torch.tensor([given.frechet(x.astype(np.float64), y.astype(np.float64))])
    error = relative(load_file(space / "out.safetensors")["out.distance"], expected)
    row(f"FID's distance ({expected.item():.3f}) of 2,100 and 2,500 vectors of 2,048, relative error against SciPy's matrix root", f"<= {BAR:.0e}", f"{error:.1e}", error <= BAR)


if __name__ == "__main__":
    with workspace("features") as space:
        frechet(space)
    shown = pictures()
    for part in (sscd, inception, csd):
        with workspace("features") as space:
            save_file({"in.pictures": torch.tensor(np.stack(shown))}, space / "in.safetensors")
            part(shown, space)
