"""Every adapter method on one small layer: output, merged weight, gradients of input and parameters, by LyCORIS or PEFT.

Names of the parameters are those in LyCORIS's and kohya's files: lora_down, lora_up, lora_mid, hada_w1_a, ..., lokr_w1, ..., dora_scale.
LyCORIS 4.1.3 runs LoHa and LoKr with alpha / rank but merges them with its square: its cases have alpha = rank, those by PEFT show the scale.
DoRA differs between the two: PEFT takes the norm of the merged weight as a constant in the gradient, as the paper's section 4.3 proposes;
LyCORIS sends the gradient through it. LyCORIS can also take the norm by input column (dora_scale of shape [1, in]).
"""

import torch
from lycoris.modules.boft import ButterflyOFTModule
from lycoris.modules.diag_oft import DiagOFTModule
from lycoris.modules.glora import GLoRAModule
from lycoris.modules.ia3 import IA3Module
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from peft import LoHaConfig, LoKrConfig, LoraConfig, inject_adapter_in_model
from torch import nn

from common import DIFFUSION, normal, randomise, save

OUT = DIFFUSION / "methods"
LAYERS = {
    "linear": lambda: nn.Linear(12, 20),
    "conv1": lambda: nn.Conv2d(12, 8, 1),
    "conv3": lambda: nn.Conv2d(6, 8, 3, padding=1),
    "conv3-stride2": lambda: nn.Conv2d(6, 8, 3, stride=2, padding=1),
}


def layer(kind):
    return randomise(LAYERS[kind](), f"methods.{kind}")


def randomly(named, case):
    """Fan-in scaled values, and magnitudes moved away from the norm, so that no gradient vanishes."""
    with torch.no_grad():
        for key, p in named.items():
            noise = normal(*p.shape, of=(case, key))
            if "dora_scale" in key or "rescale" in key:
                p.mul_(1 + 0.2 * noise)
            elif key == "multipliers":
                p.copy_(0.2 * noise)
            else:
                p.copy_(noise / p[0].numel() ** 0.5)


def run(case, kind, base, forward, named, merged, **facts):
    shape = (3, 5, 12) if kind == "linear" else (2, base.in_channels, 6, 6)
    x = normal(*shape, of=("methods", kind, "x")).requires_grad_()
    y = forward(x)
    outer = normal(*y.shape, of=("methods", kind, "outer"))
    y.backward(outer)
    tensors = {"in.weight": base.weight, "in.bias": base.bias, "in.x": x, "in.y_gradient": outer, "out.y": y, "out.merged": merged(), "grad.x": x.grad}
    tensors |= {f"in.{k}": p for k, p in named.items()} | {f"grad.{k}": p.grad for k, p in named.items()}
    with torch.no_grad():
        again = nn.functional.linear(x, tensors["out.merged"], base.bias) if kind == "linear" else \
            nn.functional.conv2d(x, tensors["out.merged"], base.bias, base.stride, base.padding)
        torch.testing.assert_close(again, y.detach(), rtol=1e-4, atol=1e-5)
    geometry = {} if kind == "linear" else {"stride": base.stride[0], "padding": base.padding[0]}
    save(OUT / f"{case}.safetensors", tensors, layer=kind, **geometry, **facts)


def lycoris(case, kind, module, rank, alpha, **how):
    base = layer(kind)
    more = {k: v for k, v in how.items() if k != "blocks"}
    # OFT and BOFT take the size of their blocks where others take a rank.
    adapter = module("case", base, 1.0, how.get("blocks", rank), alpha, **more)
    adapter.apply_to()
    # IA3's is called as the layer's own.
    named = {"multipliers" if k == "weight" else k: p for k, p in adapter.named_parameters()}
    if how.get("weight_decompose"):
        # Declared as a Parameter, but .float() of one that needs no copy returns the Parameter itself.
        assert "dora_scale" in named
    randomly(named, case)
    run(case, kind, base, adapter, named, lambda: adapter.get_merged_weight(1.0, adapter.shape)[0], reference="lycoris-lora 4.1.3",
        method=module.name, rank=rank, alpha=alpha, norm_in_gradient=True if how.get("weight_decompose") else None, **how)


def peft(case, kind, config, names, rank, alpha):
    base = layer(kind)
    model = inject_adapter_in_model(config, nn.Sequential(base)).eval()
    renamed = {}
    for key, p in model.named_parameters():
        for theirs, ours in names.items():
            if f".{theirs}." in key:
                renamed[ours] = p
    randomly(renamed, case)
    wrapped = model[0]

    def merged():
        wrapped.merge()
        weight = wrapped.get_base_layer().weight.detach().clone()
        wrapped.unmerge()
        return weight

    plain = layer(kind)
    more = {k: getattr(config, k) for k in ("use_dora", "use_rslora", "decompose_factor", "decompose_both") if getattr(config, k, None)}
    run(case, kind, plain, model, renamed, merged, reference="peft 0.18.1", method=type(config).__name__, rank=rank, alpha=alpha,
        norm_in_gradient=False if config.to_dict().get("use_dora") else None, **more)


def initialisations():
    """PiSSA is defined up to the sign of each singular pair, OLoRA up to the sign of each row of R: compare lora_B @ lora_A and the rest."""
    base = layer("linear")
    for name in ("pissa", "olora"):
        model = inject_adapter_in_model(LoraConfig(r=4, lora_alpha=8, target_modules=["0"], init_lora_weights=name), nn.Sequential(layer("linear")))
        a, b = model[0].lora_A["default"].weight, model[0].lora_B["default"].weight
        save(OUT / f"{name}.safetensors", {"in.weight": base.weight, "out.lora_down": a, "out.lora_up": b, "out.product": b @ a,
                                           "out.residual": model[0].get_base_layer().weight},
             rank=4, alpha=8, reference="peft 0.18.1", residual="the base weight less alpha / rank * lora_up @ lora_down")


def main():
    for kind in LAYERS:
        lycoris(f"locon-{kind}", kind, LoConModule, 3, 6)
    lycoris("locon-tucker", "conv3", LoConModule, 3, 6, use_tucker=True)
    for kind in ("linear", "conv3"):
        lycoris(f"dora-lycoris-{kind}", kind, LoConModule, 3, 6, weight_decompose=True)
        lycoris(f"loha-{kind}", kind, LohaModule, 3, 3)
        lycoris(f"lokr-{kind}", kind, LokrModule, 1, 1, factor=2)
        lycoris(f"lokr-full-{kind}", kind, LokrModule, 2, 2, factor=2, full_matrix=True)
        lora = dict(r=3, lora_alpha=6, target_modules=["0"])
        peft(f"lora-peft-{kind}", kind, LoraConfig(**lora), {"lora_A": "lora_down", "lora_B": "lora_up"}, 3, 6)
        peft(f"dora-peft-{kind}", kind, LoraConfig(**lora, use_dora=True),
             {"lora_A": "lora_down", "lora_B": "lora_up", "lora_magnitude_vector": "dora_scale"}, 3, 6)
    for kind in ("linear", "conv1", "conv3"):
        lycoris(f"glora-{kind}", kind, GLoRAModule, 3, 6)
        lycoris(f"ia3-{kind}", kind, IA3Module, 0, 1, train_on_input=False)
        lycoris(f"oft-{kind}", kind, DiagOFTModule, 0, 1, blocks=4)
        lycoris(f"boft-{kind}", kind, ButterflyOFTModule, 0, 1, blocks={"linear": 10, "conv1": 2, "conv3": 4}[kind])
    for kind in ("linear", "conv3"):
        lycoris(f"ia3-input-{kind}", kind, IA3Module, 0, 1, train_on_input=True)
        lycoris(f"oft-bound-{kind}", kind, DiagOFTModule, 0, 1, blocks=4, constraint=0.05, rescaled=True)
        lycoris(f"boft-bound-{kind}", kind, ButterflyOFTModule, 0, 1, blocks=4 if kind != "linear" else 10, constraint=0.05, rescaled=True)
    lycoris("dora-lycoris-by-input", "linear", LoConModule, 3, 6, weight_decompose=True, wd_on_out=False)
    lycoris("loha-dora", "linear", LohaModule, 3, 3, weight_decompose=True)
    lycoris("loha-tucker", "conv3", LohaModule, 3, 3, use_tucker=True)
    lycoris("lokr-both", "linear", LokrModule, 1, 1, factor=4, decompose_both=True)
    lycoris("lokr-tucker", "conv3", LokrModule, 1, 1, factor=2, use_tucker=True)
    lycoris("lokr-dora", "linear", LokrModule, 1, 1, factor=2, weight_decompose=True)
    hada = {n: n for n in ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")}
    kron = {n: n for n in ("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b")}
    peft("loha-peft", "linear", LoHaConfig(r=3, alpha=6, target_modules=["0"]), hada, 3, 6)
    peft("lokr-peft", "linear", LoKrConfig(r=2, alpha=6, target_modules=["0"], decompose_factor=2), kron, 2, 6)
    initialisations()


if __name__ == "__main__":
    main()
