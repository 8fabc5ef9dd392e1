"""Models through the single-file layout and back, read by diffusers on the way; bit for bit, every network."""

import json
import struct
import sys
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from diffusers.utils import logging
from safetensors import safe_open
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))
from narrow import NETWORKS, make  # noqa: E402
from support import java, row, workspace  # noqa: E402

logging.set_verbosity_error()
PIPELINES = {"sd1": StableDiffusionPipeline, "sd2": StableDiffusionPipeline, "sdxl": StableDiffusionXLPipeline}
CONFIG_KEYS = {
    "unet": ["in_channels", "out_channels", "block_out_channels", "down_block_types", "up_block_types", "layers_per_block",
             "cross_attention_dim", "attention_head_dim", "use_linear_projection", "addition_embed_type", "norm_num_groups",
             "projection_class_embeddings_input_dim"],
    "vae": ["block_out_channels", "latent_channels", "layers_per_block", "scaling_factor"],
    "text_encoder": ["hidden_size", "num_hidden_layers", "num_attention_heads", "hidden_act", "intermediate_size", "vocab_size"],
    "text_encoder_2": ["hidden_size", "num_hidden_layers", "num_attention_heads", "hidden_act", "projection_dim"],
}


def different(ours, theirs, networks):
    """Tensors that are missing, surplus or not the same bits."""
    wrong = []
    for name in networks:
        a, b = getattr(ours, name).state_dict(), getattr(theirs, name).state_dict()
        wrong += [f"{name}.{key}" for key in a.keys() ^ b.keys()]
        wrong += [f"{name}.{key}" for key in a.keys() & b.keys() if not torch.equal(a[key], b[key])]
    return wrong


def show(label, bar, wrong):
    row(label, bar, "0 tensors differ" if not wrong else f"{len(wrong)} differ: {wrong[:3]}", not wrong)


def bare(file):
    """Without our metadata: as others' files are, so that the configuration must be read off the shapes."""
    save_file(load_file(file), file.with_name("bare.safetensors"))
    return file.with_name("bare.safetensors")


def normal(value):
    return [normal(v) for v in value] if isinstance(value, (list, tuple)) else value


def configs(bare_file, folder, source, family):
    wrong = []
    for name in NETWORKS[family]:
        ours = json.loads((folder / name / "config.json").read_text())
        theirs = json.loads((source / name / "config.json").read_text())
        for key in CONFIG_KEYS[name]:
            a, b = ours.get(key), theirs.get(key)
            if key == "attention_head_dim" and not isinstance(b, list):
                b = [b] * len(theirs["block_out_channels"])
            if normal(a) != normal(b):
                wrong.append(f"{name}.{key}: {a} for {b}")
    row(f"{family}: configuration read off the shapes alone", "as diffusers' config.json", "; ".join(wrong) or "all keys equal", not wrong)


def check(family):
    with workspace(f"layouts-{family}") as space:
        pipe = make(family)
        pipe.save_pretrained(space / "source")
        java("atelier.diffusion.conformance.Convert", model=space / "source", out=space / "single.safetensors")
        # The shape of diffusers' own keys decides how it reads the file, so no hints are given but the configurations' folder.
        single = PIPELINES[family].from_single_file(space / "single.safetensors", config=str(space / "source"), local_files_only=True)
        show(f"{family}: our single file in diffusers' from_single_file", "bit for bit", different(single, pipe, NETWORKS[family]))
        java("atelier.diffusion.conformance.Convert", model=space / "single.safetensors", out=space / "back.safetensors", dtype="F32")
        with safe_open(space / "single.safetensors", "pt") as a, safe_open(space / "back.safetensors", "pt") as b:
            same = a.keys() == b.keys() and all(torch.equal(a.get_tensor(k), b.get_tensor(k)) for k in a.keys())
        row(f"{family}: single file read and written again", "bit for bit", "the same" if same else "differs", same)
        for name in ("tokenizer", "tokenizer_2"):
            if (space / "source" / name).exists():
                (space / name).symlink_to(space / "source" / name)
        file = bare(space / "single.safetensors")
        java("atelier.diffusion.conformance.Convert", model=file, out=space / "folder", shard=20_000_000)
        folder = PIPELINES[family].from_pretrained(space / "folder")
        shards = len(list((space / "folder/unet").glob("*.safetensors")))
        show(f"{family}: the same as a folder of {shards} UNet shards in from_pretrained", "bit for bit", different(folder, pipe, NETWORKS[family]))
        configs(file, space / "folder", space / "source", family)
        if family != "sdxl":
            import ldm
            ldm.write(space / "other.safetensors", pipe.unet, pipe.vae, pipe.text_encoder, 1 if family == "sd1" else 2)
            java("atelier.diffusion.conformance.Convert", model=space / "other.safetensors", out=space / "other")
            show(f"{family}: a single file by another writer, read here", "bit for bit",
                 different(PIPELINES[family].from_pretrained(space / "other"), pipe, NETWORKS[family]))


if __name__ == "__main__":
    for family in NETWORKS:
        check(family)
