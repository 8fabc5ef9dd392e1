"""LoRA by PEFT on the tiny UNets: prediction, loss and the gradient of every adapter tensor; merged weights; initialisations."""

import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from peft import LoraConfig
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import CLIPTextModel

from common import DIFFUSION, MODELS, normal, save

OUT = DIFFUSION / "adapters"
GROUPS = {
    "attention": ["to_q", "to_k", "to_v", "to_out.0"],
    "feed_forward": ["ff.net.0.proj", "ff.net.2"],
    "projections": ["proj_in", "proj_out"],
    "resnets": ["conv1", "conv2", "conv_shortcut", "time_emb_proj"],
}
STYLE = ["attention", "feed_forward", "projections"]


def load(name):
    unet = UNet2DConditionModel.from_pretrained(MODELS / name / "unet", torch_dtype=torch.float32)
    return unet.requires_grad_(False).eval()


def targets(groups):
    return [suffix for group in groups for suffix in GROUPS[group]]


def adapted(name, groups, rank, alpha, seed, **more):
    """A UNet with PEFT's adapter; both halves random, because an adapter whose B is zero has no gradient in A."""
    unet = load(name)
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets(groups), **more))
    with torch.no_grad():
        for key, p in adapter(unet).items():
            if "lora_magnitude" not in key:
                p.copy_(normal(*p.shape, of=(seed, key)) * (0.5 / p[0].numel() ** 0.5 if "lora_B" in key else 1 / p[0].numel() ** 0.5))
    return unet


def adapter(unet):
    """Trained tensors by diffusers' dotted path of the module + .lora_A, .lora_B or .dora_scale."""
    short = lambda n: n.replace(".default", "").replace(".lora_magnitude_vector", ".dora_scale").removesuffix(".weight")
    return {short(n): p for n, p in unet.named_parameters() if "lora_" in n}


def batch(name, height, width, seed):
    c = load(name).config
    return {
        "sample": normal(2, c.in_channels, height, width, of=(seed, "sample")),
        "timesteps": torch.tensor([123, 870]),
        "text": normal(2, 77, c.cross_attention_dim, of=(seed, "text")),
        "target": normal(2, c.out_channels, height, width, of=(seed, "target")),
    }


def gradients(case, name, groups, rank, alpha, height, width, **more):
    unet = adapted(name, groups, rank, alpha, case, **more)
    b = batch(name, height, width, case)
    prediction = unet(b["sample"], b["timesteps"], b["text"], return_dict=False)[0]
    loss = F.mse_loss(prediction, b["target"])
    loss.backward()
    trained = adapter(unet)
    tensors = {f"in.{k}": v for k, v in b.items()} | {"out.prediction": prediction, "out.loss": loss}
    tensors |= {f"in.adapter.{k}": p for k, p in trained.items()} | {f"grad.{k}": p.grad for k, p in trained.items()}
    save(OUT / f"{case}.safetensors", tensors, model=name, groups=groups, rank=rank, alpha=alpha, modules=len({k.rpartition(".")[0] for k in trained}),
         names="in.adapter.<diffusers' dotted module path>.lora_A | .lora_B; the gradient of each is grad.<the same name>",
         loss="mean squared error of prediction and target", **{k: v for k, v in more.items()})
    return unet


def merged(case, unet, name):
    """The weights after merging, of four modules of different kinds, and the prediction with all of them merged."""
    b = batch(name, 8, 8, case)
    layers = {n: m for n, m in unet.named_modules() if isinstance(m, BaseTunerLayer)}
    for m in layers.values():
        m.merge()
    picks = [n for n in layers if n.endswith(("attentions.0.transformer_blocks.0.attn2.to_k", "attentions.0.proj_in", "resnets.0.conv1", "ff.net.2")) and
             n.startswith("down_blocks.0")]
    with torch.no_grad():
        prediction = unet(b["sample"], b["timesteps"], b["text"], return_dict=False)[0]
    save(OUT / f"{case}-merged.safetensors", {"out.prediction": prediction} | {f"out.weight.{n}": layers[n].base_layer.weight for n in picks},
         adapter=f"{case}.safetensors")


def text_encoder(case, name, rank, alpha, text_targets=("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")):
    """Adapters on every linear layer of the text encoder; names are transformers' dotted paths, text_model.encoder.layers.0..."""
    encoder = CLIPTextModel.from_pretrained(MODELS / name / "text_encoder").requires_grad_(False).eval()
    encoder.add_adapter(LoraConfig(r=rank, lora_alpha=alpha, target_modules=list(text_targets)))
    trained = adapter(encoder)
    with torch.no_grad():
        for key, p in trained.items():
            p.copy_(normal(*p.shape, of=(case, key)) / p[0].numel() ** 0.5)
    ids = torch.randint(0, encoder.config.vocab_size - 2, (2, 20), generator=torch.Generator().manual_seed(8))
    states = encoder(ids).last_hidden_state
    outer = normal(*states.shape, of=(case, "outer"))
    states.backward(outer)
    save(OUT / f"{case}.safetensors", {"in.ids": ids, "in.last_gradient": outer, "out.last": states} | {f"in.adapter.{k}": p for k, p in trained.items()} |
         {f"grad.{k}": p.grad for k, p in trained.items()}, model=name, rank=rank, alpha=alpha, targets=list(text_targets),
         gradients="of sum(last * last_gradient)")


def maximum_norm():
    """kohya's scale_weight_norms: both halves by sqrt(wanted / norm), where norm is that of alpha / rank * up @ down, at least half the limit."""
    tensors = {}
    for i, size in enumerate((0.5, 3.0, 0.05)):
        down, up = normal(3, 8, of=("norm.down", i)), normal(6, 3, of=("norm.up", i))
        up *= size / (up @ down).norm() / 2
        norm = (2 * up @ down).norm().clamp(min=1.0 / 2)
        ratio = (norm.clamp(max=1.0) / norm).sqrt()
        tensors |= {f"in.{i}.lora_down": down, f"in.{i}.lora_up": up, f"out.{i}.lora_down": down * ratio, f"out.{i}.lora_up": up * ratio}
    save(OUT / "maximum-norm.safetensors", tensors, alpha=6, rank=3, maximum=1.0, source="kohya sd-scripts, apply_max_norm_regularization")


def main():
    unet = gradients("lora-sd1", "sd1", [*STYLE, "resnets"], 3, 6, 8, 8)
    merged("lora-sd1", unet, "sd1")
    gradients("lora-sd2", "sd2", STYLE, 2, 2, 12, 12)
    gradients("lora-odd", "odd", ["attention", "projections"], 2, 1, 12, 20)
    gradients("rslora-sd1", "sd1", ["attention"], 4, 2, 8, 8, use_rslora=True)
    gradients("dora-sd1", "sd1", ["attention", "projections"], 2, 4, 8, 8, use_dora=True)
    text_encoder("lora-text-sd1", "sd1", 2, 4)
    maximum_norm()


if __name__ == "__main__":
    main()
