"""GLoRA, IA3, OFT, BOFT, norms and biases on the tiny UNet and text encoder, by LyCORIS (biases by torch): the adapter as its file has it,
the prediction, every gradient, and the prediction after one step of gradient descent.

Tensors in.adapter.* have kohya's names. LyCORIS names networks' modules as in its own files (lycoris_...), which are renamed here.
"""

import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from lycoris import LycorisNetwork, create_lycoris
from transformers import CLIPTextModel

from common import DIFFUSION, MODELS, normal, save
from lora import batch

OUT = DIFFUSION / "networks-methods"
RATE = 0.05
UNET = dict(glora=r"(mid_block|up_blocks\.0).*(to_q|to_out\.0|proj_in|conv1|conv_shortcut|ff\.net\.2)$", ia3=r".*(to_k|to_v|ff\.net\.2|conv1|proj_in)$",
            oft=r"(mid_block|up_blocks\.0).*(to_q|to_v|proj_out|conv1|ff\.net\.2)$", boft=r"(mid_block|up_blocks\.0).*(to_q|to_v|proj_out|conv1|ff\.net\.2)$")
ALGORITHMS = dict(glora="glora", ia3="ia3", oft="diag-oft", boft="boft")


def lycoris(network, name, path_of, prefix, norms):
    """Modules of one algorithm on the layers that path_of names, and on all norms where those are asked for."""
    import re
    how = dict(constraint=0.02, rescaled=True) if name == "boft" else dict(train_on_input=False)
    LycorisNetwork.apply_preset(dict(target_module=["Linear", "Conv2d"] + (["GroupNorm", "LayerNorm"] if norms else [])))
    size = 4 if name == "oft" else 8 if name == "boft" else 2
    wrapper = create_lycoris(network, 1.0, algo=ALGORITHMS[name], linear_dim=size, linear_alpha=3.0, conv_dim=size, conv_alpha=3.0, train_norm=norms, **how)
    paths = {f"lycoris_{path}".replace(".", "_"): path for path, _ in network.named_modules()}
    wrapper.loras = [lora for lora in wrapper.loras if lora.name == "norm" or re.match(path_of, paths[lora.lora_name])]
    for lora in wrapper.loras:
        lora.apply_to()
    trained = {}
    for lora in wrapper.loras:
        for key, p in lora.named_parameters():
            trained[f"{prefix}{paths[lora.lora_name].replace('.', '_')}.{key}"] = p
    with torch.no_grad():
        for key, p in sorted(trained.items()):
            noise = normal(*p.shape, of=("methods_networks", name, key))
            small = key.endswith((".w_norm", ".b_norm", ".rescale")) or name == "ia3"
            p.copy_(noise * 0.2 + (1.0 if key.endswith("rescale") else 0.0) if small else noise / p[0].numel() ** 0.5)
    fixed = {}
    for lora in wrapper.loras:
        at = f"{prefix}{paths[lora.lora_name].replace('.', '_')}"
        for key, value in lora.state_dict().items():
            if f"{at}.{key}" not in trained:
                fixed[f"{at}.{key}"] = value.float()
    return trained, fixed


def biases(network, prefix):
    """Every bias of a linear layer or convolution, as a difference: diff_b in kohya's format. That of keys has no effect: it adds the same
    to all that a softmax is taken of."""
    trained = {}
    for path, module in network.named_modules():
        if isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)) and module.bias is not None and not path.endswith("k_proj"):
            base = module.bias.detach().clone()
            key = f"{prefix}{path.replace('.', '_')}.diff_b"
            difference = torch.nn.Parameter(0.1 * normal(*base.shape, of=("methods_networks", "biases", key)))
            del module._parameters["bias"]
            module.register_forward_pre_hook(lambda m, _, base=base, difference=difference: object.__setattr__(m, "bias", base + difference))
            trained[key] = difference
    return trained, {}


def record(case, network, trained, fixed, forward, **facts):
    """forward gives what is compared and the scalar whose gradient is taken."""
    seen, loss = forward()
    loss.backward()
    tensors = {"out.seen": seen, "out.loss": loss} | {f"in.adapter.{k}": v.detach().clone() for k, v in (trained | fixed).items()}
    tensors |= {f"grad.{k}": p.grad.clone() for k, p in trained.items()}
    with torch.no_grad():
        for p in trained.values():
            p -= RATE * p.grad
        after, _ = forward()
    save(OUT / f"{case}.safetensors", tensors | {"out.after": after} | facts.pop("inputs"), rate=RATE, reference="lycoris-lora 4.1.3", **facts)


def unet(case, name, norms=False):
    network = UNet2DConditionModel.from_pretrained(MODELS / "sd1" / "unet", torch_dtype=torch.float32).requires_grad_(False).eval()
    trained, fixed = biases(network, "lora_unet_") if name == "biases" else lycoris(network, name, UNET[name], "lora_unet_", norms)
    b = batch("sd1", 8, 8, case)

    def forward():
        prediction = network(b["sample"], b["timesteps"], b["text"], return_dict=False)[0]
        return prediction, F.mse_loss(prediction, b["target"])

    record(case, network, trained, fixed, forward, inputs={f"in.{k}": v for k, v in b.items()}, model="sd1", method=name)


def text(case, name, norms=False):
    encoder = CLIPTextModel.from_pretrained(MODELS / "sd1" / "text_encoder").requires_grad_(False).eval()
    trained, fixed = biases(encoder, "lora_te_") if name == "biases" else lycoris(encoder, name, r".*(q_proj|out_proj|fc2)$", "lora_te_", norms)
    ids = torch.randint(0, encoder.config.vocab_size - 2, (2, 20), generator=torch.Generator().manual_seed(8))
    outer = normal(2, 20, encoder.config.hidden_size, of=(case, "outer")) * 0.1

    def forward():
        states = encoder(ids).last_hidden_state
        return states, (states * outer).sum()

    record(case, encoder, trained, fixed, forward, inputs={"in.ids": ids, "in.last_gradient": outer}, model="sd1", method=name)


def main():
    for name in ALGORITHMS:
        unet(f"{name}-unet", name, norms=name == "ia3")
        text(f"{name}-text", name, norms=name == "ia3")
    unet("biases-unet", "biases")
    text("biases-text", "biases")


if __name__ == "__main__":
    main()
