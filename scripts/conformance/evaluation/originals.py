"""SSCD, CSD and FID's Inception as their authors define them, with random weights, full-size or narrow.

The definitions come from packages in the environment's folder `originals` (torchvision's ResNet, torch-fidelity's Inception)
and from open_clip, whose vision tower has OpenAI's names. Batch norms have means and variances as training would leave them.
"""

import importlib
import os
import sys
import types
import zlib
from pathlib import Path

ORIGINALS = Path(sys.prefix) / "originals"
if not (ORIGINALS / "torch_fidelity").is_dir():
    sys.exit(f"{ORIGINALS} holds no torch_fidelity; remove {Path(sys.prefix) / 'ready'} and run scripts/conformance/environment again")
sys.path.append(str(ORIGINALS))
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import torch
from torch import nn

NARROW = 16


def randomised(module, seed):
    """Weights that keep activations near one; nothing at zero."""
    generator = torch.Generator().manual_seed(zlib.crc32(seed.encode()))

    def noise(tensor):
        return torch.randn(tensor.shape, generator=generator)

    with torch.no_grad():
        for child in module.modules():
            if isinstance(child, nn.BatchNorm2d):
                child.running_mean.copy_(0.2 * noise(child.running_mean))
                child.running_var.copy_((0.3 * noise(child.running_var)).exp())
            norm = isinstance(child, (nn.BatchNorm2d, nn.LayerNorm))
            for p in child.parameters(recurse=False):
                if norm:
                    p.copy_(noise(p) * 0.2 + (1 if p is child.weight else 0))
                else:
                    p.copy_(noise(p) * (1.4 / p[0].numel() ** 0.5 if p.dim() == 4 else 1 / p[0].numel() ** 0.5 if p.dim() == 2 else 0.1))
    return module.eval().requires_grad_(False)


class Gem(nn.Module):
    def forward(self, x):
        return x.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)


class Sscd(nn.Module):
    """torchvision's trunk, or a narrow one of the same operations and names."""

    def __init__(self, narrow):
        super().__init__()
        if narrow:
            self.backbone = Trunk()
        else:
            from torchvision.models import resnet50
            self.backbone = resnet50(num_classes=512)
            self.backbone.avgpool = Gem()

    def forward(self, x):
        return nn.functional.normalize(self.backbone(x))


class Block(nn.Module):
    def __init__(self, given, inner, stride, groups):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(given, inner, 1, bias=False), nn.BatchNorm2d(inner)
        self.conv2, self.bn2 = nn.Conv2d(inner, inner, 3, stride, 1, groups=groups, bias=False), nn.BatchNorm2d(inner)
        self.conv3, self.bn3 = nn.Conv2d(inner, 4 * inner, 1, bias=False), nn.BatchNorm2d(4 * inner)
        if given != 4 * inner:
            self.downsample = nn.Sequential(nn.Conv2d(given, 4 * inner, 1, stride, bias=False), nn.BatchNorm2d(4 * inner))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()
        return (self.bn3(self.conv3(y)) + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()


class Trunk(nn.Module):
    """Three levels of bottlenecks; the last one convolves by groups, as ResNeXt does."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8)
        self.layer1 = nn.Sequential(Block(8, 4, 1, 1), Block(16, 4, 1, 1))
        self.layer2 = nn.Sequential(Block(16, 8, 2, 1))
        self.layer3 = nn.Sequential(Block(32, 16, 2, 4), Block(64, 16, 1, 4))
        self.fc = nn.Linear(64, 24)

    def forward(self, x):
        x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
        return self.fc(Gem()(self.layer3(self.layer2(self.layer1(x)))))


def sscd(narrow):
    return randomised(Sscd(narrow), "sscd")


def sscd_input(picture):
    """torchvision's Resize(288) of a square picture, ToTensor and Normalize."""
    import numpy as np
    from PIL import Image
    resized = Image.fromarray(picture).resize((288, 288), Image.BILINEAR)
    x = torch.tensor(np.asarray(resized)).permute(2, 0, 1).float() / 255
    return (x - torch.tensor([0.485, 0.456, 0.406])[:, None, None]) / torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def classy_names(state):
    """SSCD's state as Classy Vision names it."""
    parts = {"conv1": "convolutional_block.0", "bn1": "convolutional_block.1", "conv2": "convolutional_block.3", "bn2": "convolutional_block.4",
             "conv3": "convolutional_block.6", "bn3": "bn"}
    named = {}
    for name, tensor in state.items():
        words = name.split(".")[1:]
        if words[0].startswith("layer"):
            level = int(words[0][5:]) - 1
            part = ".".join(words[2:4]) if words[2] == "downsample" else parts[words[2]]
            named[f"backbone.blocks.{level}.{words[1]}.{part}.{words[-1]}"] = tensor
        elif words[0] == "fc":
            named[f"embeddings.1.{words[1]}"] = tensor
        else:
            named[f"backbone.initial_block._module.{'0' if words[0] == 'conv1' else '1'}.{words[1]}"] = tensor
    return named


def module(package, name, folder):
    """A package's module without the package's own start, which imports what is not needed."""
    if package not in sys.modules:
        sys.modules[package] = types.ModuleType(package)
        sys.modules[package].__path__ = [str(folder / package)]
    return importlib.import_module(f"{package}.{name}")


def inception(narrow):
    """The network by itself, for uint8 pictures; its weights would be fetched, so loading is passed over."""
    source = module("torch_fidelity", "feature_extractor_inceptionv3", ORIGINALS)
    plain = source.BasicConv2d.__init__

    def thin(self, given, out, **more):
        plain(self, given if given == 3 else given // NARROW, out // NARROW, **more)

    class Random(source.FeatureExtractorInceptionV3):
        def load_state_dict(self, state):
            return None

    source.BasicConv2d.__init__ = thin if narrow else plain
    source.load_state_dict_from_url = lambda *a, **k: {}
    try:
        network = Random("inception-v3-compat", ["2048"])
    finally:
        source.BasicConv2d.__init__ = plain
    if narrow:
        network.fc = nn.Linear(1, 1008)
    return randomised(network, "inception")


class Csd(nn.Module):
    """A tower without its own projection, and two heads."""

    def __init__(self, narrow):
        super().__init__()
        source = module("open_clip", "transformer", Path(torch.__file__).parents[1])
        sizes = dict(image_size=32, patch_size=8, width=64, layers=2, heads=1, output_dim=24) if narrow else dict(
            image_size=224, patch_size=14, width=1024, layers=24, heads=16, output_dim=768)
        self.backbone = source.VisionTransformer(mlp_ratio=4.0, act_layer=source.QuickGELU, **sizes)
        heads = self.backbone.proj.shape
        self.backbone.proj = None
        self.last_layer_style, self.last_layer_content = nn.Parameter(torch.empty(heads)), nn.Parameter(torch.empty(heads))

    def forward(self, x):
        return nn.functional.normalize(self.backbone(x) @ self.last_layer_style, dim=1)


def csd(narrow):
    return randomised(Csd(narrow), "csd")


def csd_input(picture, side):
    """CLIP's preprocessing by transformers."""
    from PIL import Image
    from transformers import CLIPImageProcessor
    processor = CLIPImageProcessor(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    return processor(Image.fromarray(picture), return_tensors="pt").pixel_values[0]
