"""SDXL's UNet at its full size (2.6 billion parameters, random, stored as fp16 shards): one forward pass, Atelier against diffusers, fp32.

    check_sdxl.py              both halves
    check_sdxl.py peer FOLDER  writes the model and diffusers' answer; about 11 GB of memory, 6 GB of disk
    check_sdxl.py ours FOLDER  Atelier's answer beside it

The two are never in memory together. The small parts of the model are those of the narrow XL, which the forward pass does not use.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "weights"))
import torch
from safetensors.torch import load_file, save_file
from support import THREADS, java, relative, row, workspace

SIZES = dict(sample_size=128, block_out_channels=(320, 640, 1280), cross_attention_dim=2048, attention_head_dim=[5, 10, 20],
             down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
             up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), transformer_layers_per_block=[1, 2, 10],
             use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816)


def network():
    """Without torch's own initialisation, which would take minutes; weights keep activations near one, rounded to fp16."""
    from diffusers import UNet2DConditionModel
    with torch.device("meta"):
        unet = UNet2DConditionModel(**SIZES)
    unet.to_empty(device="cpu").eval()
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for name, p in unet.named_parameters():
            if p.dim() > 1:
                # One block of numbers laid end to end: to draw them all would take longer than the pass.
                block = torch.randn(min(p.numel(), 1 << 20), generator=generator) * (0.8 / p[0].numel() ** 0.5)
                flat = block.half().float().repeat(-(-p.numel() // block.numel()))[:p.numel()]
                p.copy_(flat.reshape(p.shape))
            elif name.endswith("weight"):
                p.copy_((1 + 0.1 * torch.randn(p.shape, generator=generator)).half().float())
            else:
                p.copy_((0.05 * torch.randn(p.shape, generator=generator)).half().float())
    return unet


def given():
    g = torch.Generator().manual_seed(12)
    return {"sample": torch.randn(1, 4, 16, 16, generator=g), "timesteps": torch.tensor([601]), "text": torch.randn(1, 77, 2048, generator=g),
            "pooled": torch.randn(1, 1280, generator=g), "time_ids": torch.tensor([[1024.0, 1024, 0, 0, 1024, 1024]])}


def store(unet, folder, limit=2 << 30):
    """diffusers' sharded layout, fp16, one shard in memory at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"_class_name": "UNet2DConditionModel", **{k: v for k, v in unet.config.items() if not k.startswith("_")}}))
    shards, size = [{}], 0
    for name, p in unet.state_dict().items():
        if size + 2 * p.numel() > limit:
            shards.append({})
            size = 0
        shards[-1][name] = p
        size += 2 * p.numel()
    index = {}
    for i, shard in enumerate(shards, 1):
        file = f"diffusion_pytorch_model-{i:05d}-of-{len(shards):05d}.safetensors"
        save_file({k: v.half().contiguous() for k, v in shard.items()}, folder / file, {"format": "pt"})
        index |= {k: file for k in shard}
    (folder / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))


@torch.no_grad()
def peer(folder):
    from narrow import make
    torch.set_num_threads(THREADS)
    make("sdxl").save_pretrained(folder / "model")
    shutil.rmtree(folder / "model/unet")
    unet, x = network(), given()
    added = {"text_embeds": x["pooled"], "time_ids": x["time_ids"]}
    answer = unet(x["sample"], x["timesteps"], x["text"], added_cond_kwargs=added, return_dict=False)[0]
    save_file({f"in.{k}": v for k, v in x.items()}, folder / "in.safetensors")
    save_file({"prediction": answer, "parameters": torch.tensor(sum(p.numel() for p in unet.parameters()))}, folder / "expected.safetensors")
    store(unet, folder / "model/unet")


def ours(folder):
    out, expected = folder / "out.safetensors", load_file(folder / "expected.safetensors")
    size = expected["parameters"].item() / 1e9
    for dtype, bar in (("fp32", 1e-4), ("bf16", None)):
        java("atelier.diffusion.conformance.Parity", model=folder / "model", part="unet", inputs=folder / "in.safetensors", outputs=out, dtype=dtype)
        error = relative(load_file(out)["out.prediction"], expected["prediction"])
        row(f"SDXL unet, {size:.2f} billion parameters in fp16 shards, {dtype}, largest relative error", "stated" if bar is None else f"<= {bar:.0e}",
            f"{error:.1e}", None if bar is None else error <= bar)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        {"peer": peer, "ours": ours}[sys.argv[1]](Path(sys.argv[2]))
    else:
        with workspace("sdxl") as space:
            # A process of its own gives all its memory back.
            subprocess.run([sys.executable, __file__, "peer", str(space)], check=True)
            ours(space)
