"""What a run leaves, read by diffusers: adapter.safetensors through load_lora_weights, merged/ through from_pretrained.

    check_exports.py [RUN]     a run's folder; without one, a short run on the tiny SD 1.x model is made first
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from diffusers.utils import logging
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from support import LAUNCHER, ROOT, java, relative, row, workspace

TINY = ROOT / "diffusion/src/test/resources/golden/models/sd1"
logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(1)


def pipeline(folder):
    return StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def inputs(config):
    g = torch.Generator().manual_seed(3)
    size = config["sample_size"]
    return {"sample": torch.randn(2, config["in_channels"], size, size, generator=g), "timesteps": torch.tensor([20, 700]),
            "text": torch.randn(2, 77, config["cross_attention_dim"], generator=g)}


@torch.no_grad()
def predict(unet):
    x = inputs(unet.config)
    return unet(x["sample"], x["timesteps"], x["text"], return_dict=False)[0]


def product(folder):
    """The product's own prediction of a diffusers folder."""
    with workspace("prediction") as space:
        config = json.loads((folder / "unet/config.json").read_text())
        save_file({f"in.{k}": v for k, v in inputs(config).items()}, space / "in.safetensors")
        java("atelier.diffusion.conformance.Parity", model=folder, part="unet", inputs=space / "in.safetensors", outputs=space / "out.safetensors", dtype="fp32")
        return load_file(space / "out.safetensors")["out.prediction"]


def tensors(file):
    with safe_open(file, "pt") as f:
        return {k: f.get_tensor(k) for k in f.keys()}, f.metadata() or {}


def by_hand(base, adapter):
    """The merged weights by the formula alone: W + alpha / rank * up @ down, from kohya's names."""
    state = {k: v.clone() for k, v in base.state_dict().items()}
    flat = {"lora_unet_" + k.removesuffix(".weight").replace(".", "_"): k for k in state if k.endswith(".weight")}
    for key in [k for k in adapter if k.endswith(".lora_down.weight")]:
        name = key.removesuffix(".lora_down.weight")
        down, up = adapter[key].float(), adapter[f"{name}.lora_up.weight"].float()
        scale = adapter[f"{name}.alpha"].item() / down.shape[0]
        weight = state[flat[name]]
        state[flat[name]] = weight + scale * (up.flatten(1) @ down.flatten(1)).reshape(weight.shape)
    return state


def check(run, model, label):
    file = run / "adapter.safetensors"
    adapter, metadata = tensors(file)
    kinds = {re.sub(r"^[^.]*\.", "", k) for k in adapter}
    plain = pipeline(model)
    base = predict(plain.unet)
    # Raises when a key is left over.
    plain.load_lora_weights(file)
    modules = [n for n, m in plain.unet.named_modules() if hasattr(m, "lora_A")]
    written = [k for k in adapter if k.endswith(".lora_down.weight")]
    row(f"{label}: adapter.safetensors in diffusers' load_lora_weights", "no key left over", f"{len(modules)} modules of {len(written)}; {len(kinds)} kinds of tensor",
        len(modules) == len(written))
    adapted = predict(plain.unet)
    merged = pipeline(run / "merged")
    error = relative(predict(merged.unet), adapted)
    row(f"{label}: prediction of merged/ in from_pretrained against base + adapter in diffusers", "<= 1e-4", f"{error:.1e}", error <= 1e-4)
    row(f"{label}: how far the adapter moves the prediction", "> 0", f"{relative(adapted, base):.1e}", relative(adapted, base) > 0)
    error = relative(product(run / "merged"), adapted)
    row(f"{label}: Atelier's prediction of merged/ against base + adapter in diffusers", "<= 1e-4", f"{error:.1e}", error <= 1e-4)
    state, expected = merged.unet.state_dict(), by_hand(pipeline(model).unet, adapter)
    worst = max(relative(state[k], expected[k]) for k in expected)
    row(f"{label}: merged weights against W + alpha / rank * up @ down", "<= 1e-5", f"{worst:.1e}", worst <= 1e-5)
    needed = {"ss_network_module", "ss_network_dim", "ss_network_alpha", "sshs_model_hash", "modelspec.architecture"}
    row(f"{label}: metadata of the adapter", ", ".join(sorted(needed)), f"{len(metadata)} entries, lacks {sorted(needed - set(metadata)) or 'none'}",
        needed <= set(metadata))
    card(metadata, file, label)
    all_forms(run, label)


def card(metadata, file, label):
    """What A1111's Lora cards take from the metadata, by its code: nested values as JSON, tags with counts, sizes, pictures, the hash."""
    nested = {k: json.loads(v) for k, v in metadata.items() if v[:1] == "{"}
    tags = {tag: int(n) for counts in nested["ss_tag_frequency"].values() for tag, n in counts.items()}
    sizes = {tuple(b["resolution"]): int(b["count"]) for b in nested["ss_bucket_info"]["buckets"].values()}
    pictures = sum(int(d.get("img_count", 0)) for d in nested["ss_dataset_dirs"].values())
    raw = file.read_bytes()
    model = hashlib.sha256(raw[8 + int.from_bytes(raw[:8], "little"):]).hexdigest()
    right = bool(tags) and pictures > 0 and sum(sizes.values()) == int(metadata["ss_num_train_images"]) and metadata["sshs_model_hash"] == model \
        and metadata["ss_v2"] == "False" and metadata["modelspec.thumbnail"].startswith("data:image/jpeg;base64,")
    row(f"{label}: what A1111 shows of the adapter", "tags, sizes, number of pictures, hash, thumbnail",
        f"{len(tags)} tags, sizes {sorted(sizes)}, {pictures} pictures, hash {'equal' if metadata['sshs_model_hash'] == model else 'differs'}", right)


def all_forms(run, label):
    """Every form that export writes, each file opened by safetensors' own library."""
    command = [LAUNCHER, "export", f"run={run}", "format=[kohya,peft,diffusers,merged,single_file]", "max_shard_size=50KB"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}\n{done.stderr[-3000:]}")
    files = sorted(run.rglob("*.safetensors"))
    opened = 0
    for file in files:
        with safe_open(file, "pt") as f:
            opened += all(f.get_tensor(k) is not None for k in f.keys())
    row(f"{label}: files of the run and of export, opened by safetensors' own library", "all", f"{opened} of {len(files)}", opened == len(files) > 10)


def short_run(space):
    """Eight steps on the tiny model with pictures of the demonstration set, fp32."""
    command = [LAUNCHER, "train", "model=tiny", "recipe=demo", f"model.path={TINY}", "model.dtype=fp32", "device=cpu", "data.resolution=16", "train.steps=8",
               "train.batch_size=2", "train.save_every=8", f"train.cache_dir={space / 'cache'}", "train.sample_every=0", "adapter.rank=4", "adapter.alpha=8", "optimizer.lr=0.01",
               f"run.dir={space}", "run.name=exports"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    return space / "exports"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run = Path(sys.argv[1]).resolve()
        index = (run / "resolved.conf").read_text()
        path = re.search(r'path\s*[=:]\s*"?([^"\s,}]+)', index)
        check(run, ROOT / path.group(1) if path else TINY, run.name)
    else:
        with workspace("exports") as space:
            check(short_run(space), TINY, "tiny SD 1.x")
