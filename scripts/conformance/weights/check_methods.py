"""GLoRA, IA3, OFT, BOFT, norms and biases: files written here in LyCORIS and PEFT, files written there merged here. Embeddings written here
in diffusers. One row a method and program; tiny models of Stable Diffusion 1's kind."""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))
from check_adapters import compare, merged, prediction, quiet, randomise  # noqa: E402
from narrow import make, predict  # noqa: E402
from support import java, row, workspace  # noqa: E402


def lycoris(pipe, algo, norms=False, **more):
    from lycoris import LycorisNetwork, create_lycoris
    LycorisNetwork.apply_preset(dict(target_module=["Linear", "Conv2d"] + (["GroupNorm", "LayerNorm"] if norms else [])))
    return create_lycoris(pipe.unet, 1.0, linear_dim=4, linear_alpha=4, conv_dim=4, conv_alpha=4, algo=algo, train_norm=norms, **more)


def in_lycoris(space, pipeline, source, file, label, reference, base):
    from lycoris import create_lycoris_from_weights
    from lycoris.modules.ia3 import IA3Module
    pipe = pipeline.from_pretrained(source, **quiet(pipeline))
    weights = {k.replace("lora_unet_", "lycoris_"): v for k, v in load_file(file).items() if not k.endswith("diff_b")}
    names = {k.split(".")[0] for k in weights}
    if any(k.endswith("on_input") for k in weights):
        # LyCORIS 4.1.3 cannot make IA3's modules of a file: the class method takes one tensor, and it is given two.
        paths = {f"lycoris_{p}".replace(".", "_"): m for p, m in pipe.unet.named_modules()}
        loras = [IA3Module(n, paths[n], train_on_input=bool(weights[n + ".on_input"])) for n in names]
        for lora in loras:
            lora.load_state_dict({k.split(".", 1)[1]: v.reshape(()) if k.endswith("on_input") else v for k, v in weights.items()
                                  if k.split(".")[0] == lora.lora_name})
            lora.apply_to()
    else:
        network, _ = create_lycoris_from_weights(1.0, "", pipe.unet, weights_sd=weights)
        network.apply_to()
        loras = network.loras
    row(f"{label}: modules of LyCORIS", "all", f"{len(loras)} of {len(names)}", len(loras) == len(names))
    compare(f"{label}: prediction in LyCORIS", predict(pipe), reference, base)


def in_peft(space, pipeline, source, folder, label, reference, base):
    from peft import PeftModel
    pipe = pipeline.from_pretrained(source, **quiet(pipeline))
    PeftModel.from_pretrained(pipe.unet, folder)  # injects in place
    compare(f"{label}: prediction in PEFT", predict(pipe), reference, base)


def written_here(space, pipeline, source, base):
    for method in ("glora", "ia3", "oft", "boft", "vectors"):
        out = space / method
        java("atelier.diffusion.conformance.RandomAdapter", model=source, out=out, method=method, convolutions=str(method != "ia3").lower(), text="false", alpha=2)
        reference = prediction(pipeline, merged(space, source, out / "kohya.safetensors", method))
        if method != "vectors":  # LyCORIS reads no biases beside LoRA
            in_lycoris(space, pipeline, source, out / "kohya.safetensors", f"{method}, kohya", reference, base)
        if method in ("ia3", "vectors"):
            label = "LoRA with norms and biases" if method == "vectors" else method
            in_peft(space, pipeline, source, out / "peft", f"{label}, peft", reference, base)


def written_there(space, pipeline, source, base):
    from peft import IA3Config, LoraConfig, get_peft_model
    targets = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.2"]
    for name, config in (("IA3", IA3Config(target_modules=["to_k", "to_v", "ff.net.2"], feedforward_modules=["ff.net.2"])),
                         ("LoRA with biases", LoraConfig(r=4, lora_alpha=3, target_modules=targets, bias="all")),
                         ("LoRA with norms", LoraConfig(r=4, lora_alpha=3, target_modules=targets, modules_to_save=["norm1", "norm2", "norm3"]))):
        pipe = pipeline.from_pretrained(source, **quiet(pipeline))
        model = get_peft_model(pipe.unet, config)
        torch.manual_seed(5)
        with torch.no_grad():
            for p in model.parameters():
                if p.requires_grad:
                    p.add_(torch.randn_like(p) * 0.15)
        folder = space / f"peft-{len(name)}"
        model.save_pretrained(folder)
        compare(f"{name}, written by PEFT, merged here", prediction(pipeline, merged(space, source, folder, folder.name)), predict(pipe), base)
    for algo, more in (("glora", {}), ("ia3", {}), ("diag-oft", {"constraint": 0.05, "rescaled": True}), ("boft", {"rescaled": True}), ("locon", {"norms": True})):
        pipe = pipeline.from_pretrained(source, **quiet(pipeline))
        network = lycoris(pipe, algo, **more)
        network.apply_to()
        torch.manual_seed(5)
        with torch.no_grad():
            for p in network.parameters():
                p.add_(torch.randn_like(p) * 0.15)
        file = space / f"lycoris-{algo}.safetensors"
        network.save_weights(str(file), torch.float32, {})
        compare(f"{algo} {more or ''}, written by LyCORIS, merged here", prediction(pipeline, merged(space, source, file, file.stem)), predict(pipe), base)


if __name__ == "__main__":
    with workspace("methods") as space:
        pipe = make("sd1")
        source = space / "source"
        pipe.save_pretrained(source)
        base = predict(pipe)
        written_here(space, type(pipe), source, base)
        written_there(space, type(pipe), source, base)
