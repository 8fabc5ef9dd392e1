"""Adapters as LyCORIS, PEFT and diffusers write them today, with the weights that they make of a small network.

    PYTHONPATH=scripts/conformance/golden python scripts/conformance/forms/adapters.py
writes diffusion/src/test/resources/golden/forms: NAME/ is what the other program saved, NAME/golden.safetensors holds in.* (the network's
weights) and out.* (what the program merges). Needs requirements.txt beside this file.
"""
import json
import shutil
import warnings

import peft
import torch
from lycoris import LycorisNetwork, create_lycoris
from peft import IA3Config, LoHaConfig, LoraConfig, OFTConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from common import DIFFUSION, normal, randomise

warnings.simplefilter("ignore")
OUT = DIFFUSION / "forms"


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_q = nn.Linear(12, 16, bias=False)
        self.to_k = nn.Linear(12, 16, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(16, 12)])


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn1 = Attention()
        self.norm1 = nn.LayerNorm(12)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer_blocks = nn.ModuleList([Block(), Block()])


class Resnet(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.GroupNorm(2, 6)
        self.conv1 = nn.Conv2d(6, 8, 3, padding=1)


class Middle(nn.Module):
    def __init__(self):
        super().__init__()
        self.attentions = nn.ModuleList([Transformer()])
        self.resnets = nn.ModuleList([Resnet()])


class Net(nn.Module):
    """Paths as in a UNet, so that every name has its place there."""

    def __init__(self):
        super().__init__()
        self.mid_block = Middle()
        self.conv_in = nn.Conv2d(4, 6, 3, padding=1)

    def forward(self, x):
        return self.mid_block.resnets[0].conv1(self.mid_block.resnets[0].norm1(self.conv_in(x)))


def net():
    return randomise(Net(), "forms.net")


def text(cls=CLIPTextModel):
    config = CLIPTextConfig(vocab_size=20, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
                            max_position_embeddings=8, projection_dim=8)
    return randomise(cls(config), "forms.text")


def disturb(module, case, size=0.3):
    with torch.no_grad():
        for key, p in sorted(module.named_parameters()):
            if p.requires_grad:
                p.add_(size * normal(*p.shape, of=("forms", case, key)))


def golden(case, before, after):
    tensors = {f"in.{k}": v for k, v in before.items()}
    tensors |= {f"out.{k}": after[k] for k in before if not torch.equal(after[k], before[k])}
    changed = [k for k in tensors if k.startswith("out.")]
    assert changed, case
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, OUT / case / "golden.safetensors")
    print(case, len(changed), "tensors")


def folder(case):
    shutil.rmtree(OUT / case, ignore_errors=True)
    (OUT / case).mkdir(parents=True)
    return OUT / case


def lycoris(case, algo, rename=None, preset=None, dtype=None, **how):
    model = net()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    LycorisNetwork.apply_preset(dict(target_module=["Linear", "Conv2d"] + (["GroupNorm", "LayerNorm"] if how.get("train_norm") else []),
                                     **(preset or {})))
    wrapper = create_lycoris(model, 1.0, algo=algo, linear_dim=4, linear_alpha=2.0, conv_dim=4, conv_alpha=2.0, **how)
    paths = {f"lycoris_{path}".replace(".", "_"): path for path, _ in model.named_modules()}
    if algo == "full":  # its parameters are the base's and the difference together once it is applied
        wrapper.apply_to()
    disturb(nn.ModuleDict({lora.lora_name: lora for lora in wrapper.loras}), case)
    tensors = {}
    for lora in wrapper.loras:
        for key, value in lora.state_dict().items():
            tensors[f"{lora.lora_name}.{key}"] = value
    out = folder(case)
    save_file({(k.replace("lycoris_", rename) if rename else k): (v.to(dtype) if dtype and k.endswith("alpha") else v).clone().contiguous()
               for k, v in tensors.items()}, out / "adapter.safetensors")
    if algo == "full":
        after = dict(before)
        for lora in wrapper.loras:
            after |= {f"{paths[lora.lora_name]}.{key}": p.data for key, p in lora.named_parameters()}
    else:
        wrapper.merge_to(1.0)
        after = model.state_dict()
    golden(case, before, after)


def by_peft(case, config, model=None, prefix="", adapter="default", keep_name=False):
    model = model or net()
    before = {prefix + k: v.clone() for k, v in model.state_dict().items()}
    wrapped = get_peft_model(model, config, adapter_name=adapter)
    disturb(wrapped, case)
    out = folder(case)
    wrapped.save_pretrained(out)
    for path in [out / "README.md"] + ([out / adapter] if adapter != "default" else []):
        if path.is_dir():
            for file in path.iterdir():
                shutil.move(file, out / file.name)
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    if keep_name:  # as torch.save of the whole state has the names
        state = {k: v for k, v in wrapped.state_dict().items() if f".{adapter}" in k}
        save_file({k: v.clone().contiguous() for k, v in state.items()}, out / "adapter_model.safetensors")
    settings = json.loads((out / "adapter_config.json").read_text())
    (out / "adapter_config.json").write_text(json.dumps({k: v for k, v in settings.items() if v is not None}, indent=1) + "\n")
    merged = wrapped.merge_and_unload()
    golden(case, before, {prefix + k: v for k, v in merged.state_dict().items()})


Q = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
ALL = ["to_q", "to_k", "to_out.0", "conv1"]

lycoris("lycoris-glora", "glora")
lycoris("lycoris-ia3", "ia3", rename="lora_unet_")
lycoris("lycoris-ia3-input", "ia3", train_on_input=True)
lycoris("lycoris-oft", "diag-oft", rename="oft_unet_")
lycoris("lycoris-oft-rescaled", "diag-oft", rescaled=True, constraint=0.02)
lycoris("lycoris-full", "full", rename="lora_unet_")
lycoris("lycoris-norms", "lora", train_norm=True, rename="lora_unet_", dtype=torch.int64)
by_peft("peft-ia3", IA3Config(target_modules=ALL, feedforward_modules=["conv1", "to_k"]))
by_peft("peft-oft", OFTConfig(r=0, oft_block_size=4, target_modules=["to_q", "to_out.0"]))
by_peft("peft-oft-exact", OFTConfig(r=0, oft_block_size=4, target_modules=["to_q", "to_k"], use_cayley_neumann=False, block_share=True))
by_peft("peft-patterns", LoraConfig(
    r=2, lora_alpha=3, target_modules=ALL, rank_pattern={r"attn\d\.to_[qk]": 3, "conv1": 1},
    alpha_pattern={r"transformer_blocks\.1\.attn1\.(to_q|to_out\.0)": 7, r"^mid_block\.resnets\.0\.conv1": 5, "to_k": 0.5}))
by_peft("peft-rslora-bias", LoraConfig(r=4, lora_alpha=6, target_modules=["to_out.0", "conv1"], lora_bias=True, use_rslora=True,
                                       alpha_pattern={".*conv.*": 2}))
by_peft("peft-saved", LoraConfig(r=2, target_modules=["to_q"], modules_to_save=["conv_in", "norm1"]))
by_peft("peft-named", LoraConfig(r=2, lora_alpha=4, target_modules=["to_q", "conv1"], use_dora=True), adapter="style", keep_name=True)
by_peft("peft-loha-named", LoHaConfig(r=2, alpha=4, target_modules=["to_q"]), keep_name=True)
by_peft("peft-text-5", LoraConfig(r=2, lora_alpha=3, target_modules=["q_proj", "fc1", "token_embedding"], alpha_pattern={
    r"encoder\.layers\.0\..*q_proj": 1}), text(), prefix="text_model.")
by_peft("peft-text-projection", LoraConfig(r=2, target_modules=["q_proj", "text_projection"]), text(CLIPTextModelWithProjection))
