"""Models of full size that take no disk: every weight's name and shape, and nothing but zeros, in files of holes.

On the stub only shapes matter: launches, memory and synchronisations are those of the real model.

    whole.py FAMILY FOLDER [full]     full: random numbers, for a real GPU
"""

import json
import shutil
import struct
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

ROOT = Path(__file__).resolve().parents[3]
# Their tokenizers are small; on the stub any ids serve.
NARROW = {"sd15": "sd1", "sd21": "sd2", "sdxl": "sdxl"}
MODELS = ROOT / "diffusion/src/test/resources/golden/models"

XL = dict(sample_size=128, block_out_channels=(320, 640, 1280), cross_attention_dim=2048, attention_head_dim=[5, 10, 20],
          down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
          up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), transformer_layers_per_block=[1, 2, 10],
          use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816)
UNETS = {
    "sd15": dict(sample_size=64, cross_attention_dim=768),
    "sd21": dict(sample_size=96, cross_attention_dim=1024, attention_head_dim=[5, 10, 20, 20], use_linear_projection=True),
    "sdxl": XL,
}


def vae(family):
    return AutoencoderKL(block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
                         down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
                         scaling_factor=0.13025 if family == "sdxl" else 0.18215)


def text(width, layers, heads, act="quick_gelu", projected=False):
    config = CLIPTextConfig(vocab_size=49408, hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers, num_attention_heads=heads,
                            hidden_act=act, max_position_embeddings=77, projection_dim=width, bos_token_id=712, eos_token_id=713, pad_token_id=0)
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def parts(family):
    """The networks on no device at all."""
    with torch.device("meta"):
        made = {"unet": UNet2DConditionModel(**UNETS[family]), "vae": vae(family)}
        if family == "sd21":
            made["text_encoder"] = text(1024, 23, 16, "gelu")
        else:
            made["text_encoder"] = text(768, 12, 12)
        if family == "sdxl":
            made["text_encoder_2"] = text(1280, 32, 20, "gelu", projected=True)
    return made


def hollow(model, file, full):
    """A safetensors file of fp16 zeros, of which only the header takes room; or of random numbers, which take time and power to multiply."""
    header, at = {}, 0
    for name, tensor in model.state_dict().items():
        size = 2 * tensor.numel()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + size]}
        at += size
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with file.open("wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        f.truncate(8 + len(head) + at)
        for name, tensor in model.state_dict().items() if full else ():
            # One block of numbers laid end to end: to draw them all would take long.
            n = tensor.numel()
            block = torch.randn(min(n, 1 << 20), generator=torch.Generator().manual_seed(n))
            values = block * (0.8 / max(1, n // tensor.shape[0]) ** 0.5) if tensor.dim() > 1 else 1 + 0.1 * block if name.endswith("weight") else 0.05 * block
            raw = values.half().numpy().tobytes()
            f.seek(8 + len(head) + header[name]["data_offsets"][0])
            for start in range(0, 2 * n, len(raw)):
                f.write(raw[: min(len(raw), 2 * n - start)])


def write(family, folder, full=False):
    if (folder / "model_index.json").exists():
        return folder
    narrow = MODELS / NARROW[family]
    for part in narrow.iterdir():
        if part.is_dir() and part.name.startswith(("tokenizer", "scheduler")):
            shutil.copytree(part, folder / part.name, dirs_exist_ok=True)
    for part, model in parts(family).items():
        (folder / part).mkdir(parents=True, exist_ok=True)
        if part.startswith("text"):
            (folder / part / "config.json").write_text(json.dumps({**model.config.to_dict(), "architectures": [type(model).__name__]}))
        else:
            (folder / part / "config.json").write_text(json.dumps({"_class_name": type(model).__name__, **{k: v for k, v in model.config.items() if not k.startswith("_")}}))
        hollow(model, folder / part / ("model.safetensors" if part.startswith("text") else "diffusion_pytorch_model.safetensors"), full)
    shutil.copy(narrow / "model_index.json", folder / "model_index.json")
    return folder


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]), "full" in sys.argv[3:])
