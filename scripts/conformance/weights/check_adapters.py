"""Adapters written here in the programs that read them, and adapters written there read here: the prediction of each program against
that of weights merged here. One row a family, method and reader."""

import hashlib
import os
import sys
from io import BytesIO
from pathlib import Path

import torch
from diffusers.utils import logging
from safetensors import safe_open
from safetensors.torch import load_file, save, save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))
from narrow import decode, inputs, make, predict  # noqa: E402
from support import java, relative, row, workspace  # noqa: E402

logging.set_verbosity_error()
FAMILIES = os.environ.get("ATELIER_FAMILIES", "sd1 sd2 sdxl").split()
BAR = 1e-4


def merged(space, source, adapter, name):
    """The family's pipeline on weights that Java merged."""
    out = space / f"merged-{name}"
    java("atelier.diffusion.conformance.Convert", model=source, adapter=adapter, out=out)
    return out


def prediction(pipeline, folder):
    return predict(pipeline.from_pretrained(folder, **quiet(pipeline)))


def ours(space, pipeline, folder):
    """Atelier's own prediction of a merged folder, on what its text encoders gave."""
    pipe = pipeline.from_pretrained(folder, **quiet(pipeline))
    save_file({f"in.{k}": v.contiguous() for k, v in inputs(pipe).items()}, space / "in.safetensors")
    java("atelier.diffusion.conformance.Parity", model=folder, part="unet", inputs=space / "in.safetensors", outputs=space / "out.safetensors", dtype="fp32")
    return load_file(space / "out.safetensors")["out.prediction"]


def single_file(space, pipeline, source, adapter, label, reference, base, text):
    """Merged weights as one LDM file in from_single_file: every network, bit for bit as in the folder, and the prediction."""
    out = space / "single.safetensors"
    java("atelier.diffusion.conformance.Convert", model=source, adapter=adapter, out=out)
    pipe = pipeline.from_single_file(out, config=str(source), local_files_only=True)
    compare(f"{label}: prediction of the single file in from_single_file", predict(pipe), reference, base)
    folder = pipeline.from_pretrained(text, **quiet(pipeline))
    same = torch.equal(decode(pipe), decode(folder))
    wrong = [n for n in ("unet", "vae", "text_encoder", "text_encoder_2") if getattr(pipe, n, None) is not None
             and any(not torch.equal(v, getattr(folder, n).state_dict()[k]) for k, v in getattr(pipe, n).state_dict().items())]
    row(f"{label}: single file against folder, UNet, VAE and text encoders", "bit for bit", f"differ: {wrong}" if wrong else "0 networks differ", same and not wrong)


def quiet(pipeline):
    return {} if "XL" in pipeline.__name__ else {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def compare(label, measured, reference, base):
    """The error is taken relative to what the adapter changes, which is what could be wrong."""
    error, moved = relative(measured, reference), relative(reference, base)
    row(label, f"<= {BAR:.0e}, moved by > 1e-2", f"{error:.1e}, moved by {moved:.1e}", error <= BAR and moved > 1e-2)


def adapters_in(pipe):
    from peft.tuners.tuners_utils import BaseTunerLayer
    return sum(isinstance(m, BaseTunerLayer) for net in ("unet", "text_encoder", "text_encoder_2") if getattr(pipe, net, None) is not None
               for m in getattr(pipe, net).modules())


def in_diffusers(space, pipeline, source, file, label, reference, base):
    pipe = pipeline.from_pretrained(source, **quiet(pipeline))
    pipe.load_lora_weights(str(file))  # raises when a key is left over
    with safe_open(file, "pt") as f:
        written = sum(k.endswith(("lora_down.weight", "lora_A.weight")) for k in f.keys())
    got = adapters_in(pipe)
    row(f"{label}: modules of diffusers' load_lora_weights", "all", f"{got} of {written}", got == written)
    compare(f"{label}: prediction in diffusers", predict(pipe), reference, base)


def in_peft(space, pipeline, source, folder, label, reference, base):
    from peft import PeftModel
    pipe = pipeline.from_pretrained(source, **quiet(pipeline))
    parts = {"unet": folder} if (folder / "adapter_config.json").exists() else {p.name: p for p in folder.iterdir()}
    for name, part in parts.items():
        PeftModel.from_pretrained(getattr(pipe, name), part)  # injects in place
    compare(f"{label}: prediction in PEFT", predict(pipe), reference, base)


def in_lycoris(space, pipeline, source, file, label, reference, base):
    from lycoris import create_lycoris_from_weights
    pipe = pipeline.from_pretrained(source, **quiet(pipeline))
    weights = load_file(file)
    if "XL" in pipeline.__name__:
        # kohya's files have XL's layers under LDM's names; diffusers' own table brings them to those of its UNet.
        from diffusers.loaders.lora_conversion_utils import _maybe_map_sgm_blocks_to_diffusers
        weights = _maybe_map_sgm_blocks_to_diffusers(weights, pipe.unet.config)
        for theirs, name in (("input_blocks", "down_blocks"), ("middle_block", "mid_block"), ("output_blocks", "up_blocks")):
            weights = {k.replace(theirs, name): v for k, v in weights.items()}
    assert all(k.startswith("lora_unet_") for k in weights)
    weights = {k.replace("lora_unet_", "lycoris_"): v for k, v in weights.items()}
    network, _ = create_lycoris_from_weights(1.0, "", pipe.unet, weights_sd=weights)
    network.apply_to()
    row(f"{label}: modules of LyCORIS", "all", f"{len(network.loras)}", len(network.loras) == len({k.split('.')[0] for k in weights}))
    compare(f"{label}: prediction in LyCORIS", predict(pipe), reference, base)


def hashes(file, label):
    """kohya's two hashes by their definition."""
    with safe_open(file, "pt") as f:
        tensors, metadata = {k: f.get_tensor(k) for k in f.keys()}, f.metadata()
    raw = save(tensors, {k: v for k, v in metadata.items() if k.startswith("ss_")})
    length = int.from_bytes(raw[:8], "little")
    model = hashlib.sha256(raw[8 + length:]).hexdigest()
    stream = BytesIO(raw)
    stream.seek(0x100000)
    legacy = hashlib.sha256(stream.read(0x10000)).hexdigest()[:8]
    right = metadata["sshs_model_hash"] == model and metadata["sshs_legacy_hash"] == legacy
    row(f"{label}: sshs_model_hash and sshs_legacy_hash", "as kohya's functions compute", "equal" if right else f"{metadata} {model} {legacy}", right)


def written_here(space, pipeline, source, family, base):
    cases = [("lora", False, True), ("lora", True, False), ("dora", False, True), ("dora", False, False), ("loha", True, False), ("lokr", True, False)]
    if family == "sdxl":
        # LyCORIS reads diffusers' names, and the table that brings LDM's to them covers the transformers.
        cases += [("lora", False, False), ("loha", False, False), ("lokr", False, False)]
    for method, convolutions, text in cases:
        name = f"{method}-{'convolutions' if convolutions else 'attention'}{'-text' if text else ''}"
        out = space / name
        java("atelier.diffusion.conformance.RandomAdapter", model=source, out=out, method=method, convolutions=str(convolutions).lower(),
             text=str(text).lower(), alpha=2 if method != "lokr" else 4)
        label = f"{family} {method}{', resnets too' if convolutions else ''}{', text encoders too' if text else ''}"
        folder = merged(space, source, out / "kohya.safetensors", name)
        reference = prediction(pipeline, folder)
        hashes(out / "kohya.safetensors", label)
        if text:
            compare(f"{label}: Atelier's own prediction against diffusers'", ours(space, pipeline, folder), reference, base)
            single_file(space, pipeline, source, out / "kohya.safetensors", label, reference, base, folder)
        if method == "dora":
            row(f"{label}, kohya: in diffusers", "stated", "diffusers drops dora_scale from kohya's files, and says so; the diffusers form carries it", None)
        if method == "lora":
            in_diffusers(space, pipeline, source, out / "kohya.safetensors", f"{label}, kohya", reference, base)
        if method in ("lora", "dora"):
            in_diffusers(space, pipeline, source, out / "diffusers.safetensors", f"{label}, diffusers", reference, base)
        if not text and not (convolutions and family == "sdxl"):
            in_lycoris(space, pipeline, source, out / "kohya.safetensors", f"{label}, kohya", reference, base)
        in_peft(space, pipeline, source, out / "peft", f"{label}, peft", reference, base)


def randomise(module):
    torch.manual_seed(9)
    with torch.no_grad():
        for name, p in module.named_parameters():
            if any(part in name for part in ("lora_", "hada_", "lokr_", "lycoris")) and "magnitude" not in name and "dora_scale" not in name:
                p.copy_(torch.randn_like(p) * 0.15)


def written_there(space, pipeline, source, family, base):
    from peft import LoraConfig, get_peft_model, LoHaConfig
    targets = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "ff.net.2"]
    for name, config in (("LoRA with rsLoRA and a rank pattern", LoraConfig(r=4, lora_alpha=3, target_modules=targets, use_rslora=True,
                                                                             rank_pattern={"to_k": 2}, alpha_pattern={"to_v": 7})),
                         ("DoRA", LoraConfig(r=4, lora_alpha=3, target_modules=targets, use_dora=True)),
                         ("LoHa", LoHaConfig(r=4, alpha=3, target_modules=targets))):
        pipe = pipeline.from_pretrained(source, **quiet(pipeline))
        model = get_peft_model(pipe.unet, config)
        randomise(model)
        folder = space / f"peft-{len(name)}"
        model.save_pretrained(folder)
        compare(f"{family} {name}, written by PEFT, merged here", prediction(pipeline, merged(space, source, folder, folder.name)), predict(pipe), base)
    pipe = pipeline.from_pretrained(source, **quiet(pipeline))
    pipe.unet.add_adapter(LoraConfig(r=4, lora_alpha=6, target_modules=targets))
    randomise(pipe.unet)
    from peft.utils import get_peft_model_state_dict
    from diffusers.training_utils import _collate_lora_metadata
    folder = space / "by-diffusers"
    type(pipe).save_lora_weights(folder, unet_lora_layers=get_peft_model_state_dict(pipe.unet), **_collate_lora_metadata({"unet": pipe.unet}))
    file = folder / "pytorch_lora_weights.safetensors"
    compare(f"{family} LoRA, written by diffusers, merged here", prediction(pipeline, merged(space, source, file, "by-diffusers")), predict(pipe), base)
    from lycoris import create_lycoris
    for algo, more in (("locon", {}), ("loha", {}), ("lokr", {"factor": 4}), ("locon", {"dora_wd": True}), ("locon", {"use_tucker": True})):
        pipe = pipeline.from_pretrained(source, **quiet(pipeline))
        network = create_lycoris(pipe.unet, 1.0, linear_dim=4, linear_alpha=4, conv_dim=4, conv_alpha=4, algo=algo, **more)
        network.apply_to()
        randomise(network)
        file = space / f"lycoris-{algo}-{len(more)}-{'-'.join(more)}.safetensors"
        network.save_weights(str(file), torch.float32, {})
        compare(f"{family} {algo} {more or ''}, written by LyCORIS, merged here", prediction(pipeline, merged(space, source, file, file.stem)),
                predict(pipe), base)


if __name__ == "__main__":
    for family in FAMILIES:
        with workspace(f"adapters-{family}") as space:
            pipe = make(family)
            source = space / "source"
            pipe.save_pretrained(source)
            base = predict(pipe)
            written_here(space, type(pipe), source, family, base)
            written_there(space, type(pipe), source, family, base)
