"""SD 1.5's and SD 2.1's full size with random weights, from a diffusers folder and from an LDM file: Atelier against diffusers, fp32 and bf16."""

import gc

import torch
from support import THREADS, deviation, java, relative, row, workspace
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel

import ldm
from common import normal, randomise, write_json
from models import CLIP_MERGES, clip_merges, write_tokenizer

torch.use_deterministic_algorithms(False)
torch.set_num_threads(THREADS)
MAIN = "atelier.diffusion.conformance.Parity"
FAMILIES = {
    "SD 1.5": dict(
        version=1, unet=dict(sample_size=64, cross_attention_dim=768), prediction="epsilon",
        text=dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, hidden_act="quick_gelu", projection_dim=768)),
    "SD 2.1": dict(
        version=2, unet=dict(sample_size=96, cross_attention_dim=1024, attention_head_dim=[5, 10, 20, 20], use_linear_projection=True),
        prediction="v_prediction",
        text=dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16, hidden_act="gelu", projection_dim=512)),
}
VAE = dict(block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
           down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)


def networks(family):
    text = CLIPTextConfig(vocab_size=49408, max_position_embeddings=77, bos_token_id=49406, eos_token_id=49407, pad_token_id=0, **family["text"])
    return {"unet": randomise(UNet2DConditionModel(**family["unet"]), "full.unet", gain=0.8), "vae": randomise(AutoencoderKL(**VAE), "full.vae", gain=0.8),
            "text_encoder": randomise(CLIPTextModel(text), "full.text", gain=0.8)}


def inputs(family):
    ids = torch.full((2, 77), 49407)
    ids[:, 0] = 49406
    ids[0, 1:6] = torch.tensor([320, 1125, 539, 320, 2368])
    ids[1, 1:70] = torch.arange(1000, 1069)
    width = family["unet"]["cross_attention_dim"]
    return {"unet": {"sample": normal(2, 4, 32, 32, of="full.sample"), "timesteps": torch.tensor([37, 961]), "text": normal(2, 77, width, of="full.states")},
            "vae": {"image": normal(1, 3, 128, 128, of="full.image").mul(0.5).clamp(-1, 1), "latents": normal(1, 4, 16, 16, of="full.latents")},
            "text_encoder": {"ids": ids}}


@torch.no_grad()
def reference(part, model, x, dtype):
    cast = lambda v: v.to(dtype) if v.is_floating_point() else v
    x = {k: cast(v) for k, v in x.items()}
    if part == "unet":
        return {"prediction": model(x["sample"], x["timesteps"], x["text"], return_dict=False)[0]}
    if part == "vae":
        moments = model.encode(x["image"]).latent_dist
        return {"mean": moments.mean, "logvar": moments.logvar, "image": model.decode(x["latents"], return_dict=False)[0]}
    out = model(x["ids"], output_hidden_states=True)
    return {"last": out.last_hidden_state, "penultimate": out.hidden_states[-2]}


def save_folder(folder, models, family):
    for part, model in models.items():
        model.save_pretrained(folder / part)
    DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1,
                  prediction_type=family["prediction"]).save_pretrained(folder / "scheduler")
    write_tokenizer(folder / "tokenizer", clip_merges(CLIP_MERGES), "!" if family["version"] == 2 else "<|endoftext|>")
    write_json(folder / "model_index.json", {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.35.2", "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "DDIMScheduler"], "safety_checker": [None, None], "feature_extractor": [None, None]})


def compare(name, family, space):
    models, given = networks(family), inputs(family)
    folder, single = space / "diffusers", space / "ldm.safetensors"
    save_folder(folder, models, family)
    ldm.write(single, models["unet"], models["vae"], models["text_encoder"], family["version"])
    exact, theirs = {}, {}
    for part, model in models.items():
        exact[part] = reference(part, model, given[part], torch.float32)
        theirs[part] = reference(part, model.to(torch.bfloat16), given[part], torch.bfloat16)
        save_file({f"in.{k}": v.contiguous() for k, v in given[part].items()}, space / f"{part}.in.safetensors")
    # The Java side gets the memory that the reference held.
    del models, model
    gc.collect()
    for part in exact:
        for layout, path in (("diffusers folder", folder), ("LDM file", single)):
            ours = run(path, part, "fp32", space)
            worst = max(relative(ours[k], v) for k, v in exact[part].items())
            row(f"{name} {part}, {layout}, fp32, largest relative error", "<= 1e-4", f"{worst:.1e}", worst <= 1e-4)
        ours = run(folder, part, "bf16", space)
        mine = max(deviation(ours[k], v) for k, v in exact[part].items())
        peer = max(deviation(theirs[part][k], v) for k, v in exact[part].items())
        row(f"{name} {part}, bf16, root mean square error against fp32 (diffusers in bf16 beside it)", "stated", f"{mine:.4f} ({peer:.4f})", None)
        ours = run(folder, part, "int8", space)
        of = {k: deviation(ours[k], v) for k, v in exact[part].items()}
        row(f"{name} {part}, int8, root mean square error against fp32", "stated", ", ".join(f"{k} {v:.4f}" for k, v in of.items()), None)


def run(path, part, dtype, space):
    out = space / "out.safetensors"
    java(MAIN, model=path, part=part, inputs=space / f"{part}.in.safetensors", outputs=out, dtype=dtype)
    return {k.removeprefix("out."): v for k, v in load_file(out).items()}


if __name__ == "__main__":
    for name, family in FAMILIES.items():
        with workspace("parity") as space:
            compare(name, family, space)
