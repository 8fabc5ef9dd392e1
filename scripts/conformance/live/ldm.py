"""Writes the single-file layout of the original Stable Diffusion (LDM) from diffusers' networks, to test its readers: SD 1.x and 2.x.

The names follow CompVis's and Stability's published modules (openaimodel.py, model.py, open_clip's text tower).
"""

import re

import torch
from safetensors.torch import save_file


def unet_names(config):
    """Pairs (diffusers' prefix, LDM's prefix), the longest first, so that the first match is the right one."""
    n, layers = len(config["block_out_channels"]), config["layers_per_block"]
    per = layers + 1
    names = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2", "conv_in": "input_blocks.0.0",
             "conv_norm_out": "out.0", "conv_out": "out.2", "mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1",
             "mid_block.resnets.1": "middle_block.2"}
    for i in range(n):
        for j in range(layers):
            names[f"down_blocks.{i}.resnets.{j}"] = f"input_blocks.{per * i + j + 1}.0"
            names[f"down_blocks.{i}.attentions.{j}"] = f"input_blocks.{per * i + j + 1}.1"
        names[f"down_blocks.{i}.downsamplers.0.conv"] = f"input_blocks.{per * (i + 1)}.0.op"
        for j in range(per):
            names[f"up_blocks.{i}.resnets.{j}"] = f"output_blocks.{per * i + j}.0"
            names[f"up_blocks.{i}.attentions.{j}"] = f"output_blocks.{per * i + j}.1"
        attends = "CrossAttn" in config["up_block_types"][i]
        names[f"up_blocks.{i}.upsamplers.0.conv"] = f"output_blocks.{per * i + layers}.{2 if attends else 1}.conv"
    return names


RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0", "conv2": "out_layers.3",
          "conv_shortcut": "skip_connection"}


def swap(key, names):
    for old in sorted(names, key=len, reverse=True):
        if key.startswith(old + "."):
            return names[old] + key[len(old):]
    raise KeyError(key)


def unet(state, config):
    names = unet_names(config)
    result = {}
    for key, value in state.items():
        new = swap(key, names)
        if ".resnets." in key:
            head, part, tail = re.fullmatch(r"(.*)\.(\w+)\.(weight|bias)", new).groups()
            new = f"{head}.{RESNET[part]}.{tail}"
        result["model.diffusion_model." + new] = value
    return result


def vae(state, config):
    n = len(config["block_out_channels"])
    result = {}
    for key, value in state.items():
        new = key.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
        new = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", new)
        new = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", new)
        new = re.sub(r"up_blocks\.(\d+)\.resnets\.(\d+)", lambda m: f"up.{n - 1 - int(m[1])}.block.{m[2]}", new)
        new = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda m: f"up.{n - 1 - int(m[1])}.upsample", new)
        new = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", new)
        if "mid_block.attentions.0" in new:
            new = new.replace("mid_block.attentions.0", "mid.attn_1")
            for old, short in (("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out")):
                new = new.replace(f"attn_1.{old}.", f"attn_1.{short}.")
            if value.dim() == 2:
                value = value[:, :, None, None]
        result["first_stage_model." + new] = value
    return result


def text_v1(state, config):
    return {"cond_stage_model.transformer." + k: v for k, v in state.items()}


def text_v2(state, config):
    """open_clip's tower, with one more layer than is used, as the published files have."""
    out, prefix = {}, "cond_stage_model.model."
    layers, width = config["num_hidden_layers"], config["hidden_size"]
    state = {k.removeprefix("text_model."): v for k, v in state.items()}
    out["token_embedding.weight"] = state["embeddings.token_embedding.weight"]
    out["positional_embedding"] = state["embeddings.position_embedding.weight"]
    for i in range(layers + 1):
        source = f"encoder.layers.{min(i, layers - 1)}."
        block = f"transformer.resblocks.{i}."
        for kind in ("weight", "bias"):
            out[f"{block}attn.in_proj_{kind}"] = torch.cat([state[f"{source}self_attn.{x}_proj.{kind}"] for x in "qkv"])
            for old, new in (("self_attn.out_proj", "attn.out_proj"), ("layer_norm1", "ln_1"), ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"),
                             ("mlp.fc2", "mlp.c_proj")):
                value = state[f"{source}{old}.{kind}"]
                # A reader that runs the spare layer must not pass by luck.
                out[f"{block}{new}.{kind}"] = -value if i == layers else value
    for kind in ("weight", "bias"):
        out[f"ln_final.{kind}"] = state[f"final_layer_norm.{kind}"]
    out["text_projection"] = torch.zeros(width, width)
    out["logit_scale"] = torch.tensor(4.6)
    return {prefix + k: v for k, v in out.items()}


def write(path, unet_model, vae_model, text_model, version):
    text = text_v1 if version == 1 else text_v2
    state = {**unet(unet_model.state_dict(), unet_model.config), **vae(vae_model.state_dict(), vae_model.config),
             **text(text_model.state_dict(), text_model.config.to_dict())}
    save_file({k: v.contiguous().clone() if v.is_shared() else v.contiguous() for k, v in state.items()}, path)
