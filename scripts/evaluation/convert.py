"""Converts published weights of SSCD, CSD and FID's Inception for `evaluation.sscd`, `evaluation.csd` and `evaluation.inception`.

    scripts/evaluation/convert sscd sscd_disc_mixup.torchscript.pt FOLDER
    scripts/evaluation/convert csd checkpoint.pth FOLDER
    scripts/evaluation/convert inception pt_inception-2015-12-05-6726825d.pth FOLDER

FOLDER gets model.safetensors (fp32) and network.json: how pictures are prepared and, for the two convolutional networks, the
list of their operations. Batch norms are folded into the convolutions before them, in double precision. Weights are read
without running any code of theirs; a TorchScript file is the exception, so convert none that you do not trust.
"""

import argparse
import hashlib
import json
import pickle
import re
import sys
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

FORMAT = 1
IMAGENET = {"scale": 255, "mean": [0.485, 0.456, 0.406], "deviation": [0.229, 0.224, 0.225]}
CLIP = {"mean": [0.48145466, 0.4578275, 0.40821073], "deviation": [0.26862954, 0.26130258, 0.27577711]}
RESNET_EPS, INCEPTION_EPS = 1e-5, 1e-3
FID_CLASSES = 1008


class Unfit(Exception):
    """Weights that are not what they are said to be; says the fact and the remedy."""


def read(path):
    """The tensors of a file, by name."""
    if not path.is_file():
        raise Unfit("there is no such file; name the weights that you fetched")
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except SafetensorError as e:
            raise Unfit(f"it is no readable safetensors file ({e}); fetch it again")
    if scripted(path):
        try:
            state = torch.jit.load(path, map_location="cpu").state_dict()
        except RuntimeError:
            raise Unfit("its TorchScript is broken; fetch it again")
        if not state:
            raise Unfit("its TorchScript keeps no tensors by name; fetch the .torchvision.pt of the same network")
        return dict(state)
    try:
        # Training scripts keep their arguments beside the weights.
        with torch.serialization.safe_globals([argparse.Namespace]):
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError):
        raise Unfit("it holds more than tensors, or is broken, and is not opened; fetch a file of tensors alone, safetensors at best")
    for key in ("model_state_dict", "state_dict", "model"):
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict):
        raise Unfit("it holds no tensors by name; fetch a file of weights")
    return {k: v for k, v in state.items() if isinstance(v, torch.Tensor)}


def scripted(path):
    """Whether a file is TorchScript: an archive with code in it."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/" in name for name in archive.namelist())


class Weights:
    """Tensors that are taken by name; what is left over is not silently dropped."""

    def __init__(self, tensors, network):
        self.left, self.network = dict(tensors), network

    def has(self, name):
        return name in self.left

    def take(self, name, dimensions):
        if name not in self.left:
            some = ", ".join(sorted(self.left)[:3])
            raise Unfit(f"it has no tensor '{name}', so it is not {self.network}; it has {some}, ... Name the weights of that network")
        tensor = self.left.pop(name)
        if tensor.dim() != dimensions:
            raise Unfit(f"'{name}' has the shape {list(tensor.shape)} and should have {dimensions} dimensions; it is not {self.network}")
        return tensor

    def folded(self, convolution, norm, eps):
        """y = (w x - mean) g / sqrt(var + eps) + b as one convolution with bias."""
        weight = self.take(convolution + ".weight", 4).double()
        gain, shift, mean, variance = (self.take(f"{norm}.{part}", 1).double() for part in ("weight", "bias", "running_mean", "running_var"))
        scale = gain / torch.sqrt(variance + eps)
        return (weight * scale[:, None, None, None]).float(), (shift - mean * scale).float()

    def drop(self, pattern):
        self.left = {k: v for k, v in self.left.items() if not re.search(pattern, k)}

    def require_empty(self):
        if self.left:
            raise Unfit(f"it has {len(self.left)} tensors too many, {', '.join(sorted(self.left)[:3])} among them, so it is not {self.network}. Name the weights of that network")


class Graph:
    """A list of operations; each gives one value, which later ones name by its place. 0 is the picture."""

    def __init__(self):
        self.operations, self.tensors = [], {}

    def add(self, op, *given, **numbers):
        self.operations.append({"op": op, "in": list(given), **({"numbers": numbers} if numbers else {})})
        return len(self.operations)

    def weighted(self, op, x, name, weight, bias, **numbers):
        self.tensors[name + ".weight"], self.tensors[name + ".bias"] = weight.contiguous(), bias.contiguous()
        place = self.add(op, x, **numbers)
        self.operations[-1] |= {"tensors": name, "shape": list(weight.shape)}
        return place

    def convolution(self, x, name, weight, bias, stride=1, padding=(0, 0), groups=1, relu=True):
        return self.weighted("convolution", x, name, weight, bias, stride=stride, padding_y=padding[0], padding_x=padding[1], groups=groups, relu=int(relu))

    def pool(self, kind, x, kernel, stride, padding, **more):
        return self.add(kind + "_pool", x, kernel=kernel, stride=stride, padding=padding, **more)


def torchvision_names(tensors):
    """SSCD's names as torchvision has them; Classy Vision's are translated."""
    parts = {"0": "conv1", "1": "bn1", "3": "conv2", "4": "bn2", "6": "conv3"}
    names = {}
    for name, tensor in tensors.items():
        own = name.removeprefix("module.").removeprefix("model.").removeprefix("backbone.")
        own = re.sub(r"^initial_block\._module\.([01])\.", lambda m: f"{parts[m[1]]}.", own)
        own = re.sub(r"^embeddings\.1\.", "fc.", own)
        block = re.match(r"blocks\.(\d+)\.(?:block\d+-)?(\d+)\.(?:_module\.)?(?:convolutional_block\.(\d+)|(bn)|(downsample\.\d))\.(\w+)$", own)
        if block:
            part = parts.get(block[3], "") if block[3] else "bn3" if block[4] else block[5]
            own = f"layer{int(block[1]) + 1}.{block[2]}.{part}.{block[6]}"
        names[own] = tensor
    return names


def sscd(tensors):
    """ResNet or ResNeXt with bottlenecks, GeM pooling, a linear layer, length 1 (Pizzi et al. 2022)."""
    weights = Weights(torchvision_names(tensors), "SSCD's ResNet")
    weights.drop(r"num_batches_tracked$")
    graph = Graph()

    def convolution(x, name, norm, stride=1, relu=True):
        weight, bias = weights.folded(name, norm, RESNET_EPS)
        # A convolution by groups sees a share of the channels only.
        groups = weight.shape[0] // weight.shape[1] if name.endswith("conv2") else 1
        return graph.convolution(x, name, weight, bias, stride, (weight.shape[2] // 2, weight.shape[3] // 2), groups, relu)

    x = graph.pool("max", convolution(0, "conv1", "bn1", 2), 3, 2, 1)
    level = 1
    while weights.has(f"layer{level}.0.conv1.weight"):
        block = 0
        while weights.has(f"layer{level}.{block}.conv1.weight"):
            path, stride = f"layer{level}.{block}", 2 if level > 1 and block == 0 else 1
            y = convolution(x, path + ".conv1", path + ".bn1")
            y = convolution(y, path + ".conv2", path + ".bn2", stride)
            y = convolution(y, path + ".conv3", path + ".bn3", relu=False)
            if weights.has(path + ".downsample.0.weight"):
                x = convolution(x, path + ".downsample.0", path + ".downsample.1", stride, relu=False)
            x = graph.add("add", y, x, relu=1)
            block += 1
        level += 1
    x = graph.add("gem", x, p=3)
    weight, bias = weights.take("fc.weight", 2), weights.take("fc.bias", 1)
    graph.add("normalise", graph.weighted("linear", x, "fc", weight.float(), bias.float()))
    weights.require_empty()
    return graph.tensors, {"input": {"side": 288, "resize": "bilinear", **IMAGENET}, "width": weight.shape[0], "operations": graph.operations}


def inception(tensors):
    """The Inception v3 of 2015 that FID is defined by, up to its last pooling (Heusel et al. 2017)."""
    weights = Weights(tensors, "FID's Inception")
    weights.drop(r"num_batches_tracked$")
    classes = weights.take("fc.weight", 2).shape[0]
    weights.take("fc.bias", 1)
    if classes != FID_CLASSES or any(k.startswith("AuxLogits") for k in weights.left):
        raise Unfit(f"its classifier has {classes} classes and FID's network has {FID_CLASSES}: it is another Inception v3. Fetch pt_inception-2015-12-05-6726825d.pth")
    graph = Graph()

    def convolution(x, name, stride=1, same=False):
        weight, bias = weights.folded(name + ".conv", name + ".bn", INCEPTION_EPS)
        padding = (weight.shape[2] // 2, weight.shape[3] // 2) if same else (0, 0)
        return graph.convolution(x, name, weight, bias, stride, padding)

    def chain(x, block, *names, last=1):
        """Convolutions one after another that keep the size, but for the last where it halves."""
        for i, name in enumerate(names):
            halves = last == 2 and i == len(names) - 1
            x = convolution(x, f"{block}.{name}", last if halves else 1, not halves)
        return x

    def pooled(x, block, kind="average"):
        # TensorFlow's average leaves the border's padding out.
        more = {"count_padding": 0} if kind == "average" else {}
        return chain(graph.pool(kind, x, 3, 1, 1, **more), block, "branch_pool")

    def forked(x, block, branch, *names):
        """A chain that ends in a row and a column."""
        x = chain(x, block, *names)
        return graph.add("concatenate", chain(x, block, branch + "a"), chain(x, block, branch + "b"))

    x = convolution(convolution(0, "Conv2d_1a_3x3", 2), "Conv2d_2a_3x3")
    x = graph.pool("max", convolution(x, "Conv2d_2b_3x3", same=True), 3, 2, 0)
    x = convolution(convolution(x, "Conv2d_3b_1x1"), "Conv2d_4a_3x3")
    x = graph.pool("max", x, 3, 2, 0)
    triple = [f"branch3x3dbl_{i}" for i in (1, 2, 3)]
    for block in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
        x = graph.add("concatenate", chain(x, block, "branch1x1"), chain(x, block, "branch5x5_1", "branch5x5_2"), chain(x, block, *triple), pooled(x, block))
    x = graph.add("concatenate", chain(x, "Mixed_6a", "branch3x3", last=2), chain(x, "Mixed_6a", *triple, last=2), graph.pool("max", x, 3, 2, 0))
    for block in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
        x = graph.add("concatenate", chain(x, block, "branch1x1"), chain(x, block, *[f"branch7x7_{i}" for i in (1, 2, 3)]),
                      chain(x, block, *[f"branch7x7dbl_{i}" for i in (1, 2, 3, 4, 5)]), pooled(x, block))
    x = graph.add("concatenate", chain(x, "Mixed_7a", "branch3x3_1", "branch3x3_2", last=2),
                  chain(x, "Mixed_7a", *[f"branch7x7x3_{i}" for i in (1, 2, 3, 4)], last=2), graph.pool("max", x, 3, 2, 0))
    # The network that FID was published with takes a maximum in its last block; it is part of the definition.
    for block, kind in (("Mixed_7b", "average"), ("Mixed_7c", "max")):
        x = graph.add("concatenate", chain(x, block, "branch1x1"), forked(x, block, "branch3x3_2", "branch3x3_1"),
                      forked(x, block, "branch3x3dbl_3", "branch3x3dbl_1", "branch3x3dbl_2"), pooled(x, block, kind))
    graph.add("global_average", x)
    weights.require_empty()
    last = [weight.shape[0] for name, weight in graph.tensors.items() if re.search(r"Mixed_7c\.(branch1x1|.*_[23][ab]|branch_pool)\.weight", name)]
    pixels = {"side": 299, "resize": "tensorflow", "scale": 1, "mean": [128] * 3, "deviation": [128] * 3}
    return graph.tensors, {"input": pixels, "width": sum(last), "operations": graph.operations}


def csd(tensors):
    """CLIP's vision tower with a head for style (Somepalli et al. 2024), from OpenAI's names to transformers'."""
    tensors = {name.removeprefix("module."): tensor for name, tensor in tensors.items()}
    weights = Weights(tensors, "CSD's vision tower with its heads")
    found, tower = {}, "vision_model."

    def keep(name, tensor):
        found[name] = tensor.float().contiguous()

    def layer(ours, theirs, dimensions=2):
        keep(f"{tower}{ours}.weight", weights.take(f"backbone.{theirs}.weight", dimensions))
        keep(f"{tower}{ours}.bias", weights.take(f"backbone.{theirs}.bias", 1))

    style = weights.take("last_layer_style", 2)
    weights.drop(r"^last_layer_content|^backbone\.proj$")
    keep("visual_projection.weight", style.T)
    patches = weights.take("backbone.conv1.weight", 4)
    positions = weights.take("backbone.positional_embedding", 2)
    keep(tower + "embeddings.patch_embedding.weight", patches)
    keep(tower + "embeddings.class_embedding", weights.take("backbone.class_embedding", 1))
    keep(tower + "embeddings.position_embedding.weight", positions)
    layer("pre_layrnorm", "ln_pre", 1)
    layer("post_layernorm", "ln_post", 1)
    width, patch = patches.shape[0], patches.shape[2]
    count = inner = 0
    while weights.has(f"backbone.transformer.resblocks.{count}.ln_1.weight"):
        ours, theirs = f"encoder.layers.{count}", f"transformer.resblocks.{count}"
        for part, dimensions in (("weight", 2), ("bias", 1)):
            together = weights.take(f"backbone.{theirs}.attn.in_proj_{part}", dimensions)
            for name, piece in zip("qkv", together.chunk(3)):
                keep(f"{tower}{ours}.self_attn.{name}_proj.{part}", piece)
        layer(ours + ".self_attn.out_proj", theirs + ".attn.out_proj")
        layer(ours + ".layer_norm1", theirs + ".ln_1", 1)
        layer(ours + ".layer_norm2", theirs + ".ln_2", 1)
        layer(ours + ".mlp.fc1", theirs + ".mlp.c_fc")
        layer(ours + ".mlp.fc2", theirs + ".mlp.c_proj")
        inner = found[f"{tower}{ours}.mlp.fc1.weight"].shape[0]
        count += 1
    weights.require_empty()
    side = patch * round((positions.shape[0] - 1) ** 0.5)
    # OpenAI's heads are 64 wide.
    vision = {"hidden_size": width, "intermediate_size": inner, "num_hidden_layers": count, "num_attention_heads": width // 64,
              "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5, "image_size": side, "patch_size": patch}
    pixels = {"size": side, "crop_size": side, "image_mean": CLIP["mean"], "image_std": CLIP["deviation"]}
    return found, {"preprocessor": pixels, "vision_config": vision, "projection_dim": style.shape[1]}


def convert(network, path, out):
    tensors, described = {"sscd": sscd, "csd": csd, "inception": inception}[network](read(path))
    source = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / "model.safetensors", {"network": network})
    text = json.dumps({"network": network, "format": FORMAT, "source": source, **described}, indent=1)
    # Lists of numbers on one line.
    text = re.sub(r"\[[\s\d.,-]+\]", lambda m: re.sub(r"\s+", " ", m[0]), text)
    (out / "network.json").write_text(text + "\n")
    return tensors


def main(arguments):
    if len(arguments) != 3 or arguments[0] not in ("sscd", "csd", "inception"):
        sys.exit("usage: convert sscd|csd|inception WEIGHTS FOLDER")
    network, path, out = arguments[0], Path(arguments[1]), Path(arguments[2])
    try:
        tensors = convert(network, path, out)
    except Unfit as e:
        sys.exit(f"{path}: {e}")
    print(f"{out}: {sum(t.numel() for t in tensors.values()):,} numbers; set evaluation.{network}={out}")


if __name__ == "__main__":
    main(sys.argv[1:])
