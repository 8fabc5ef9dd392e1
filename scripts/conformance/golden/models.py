"""Tiny models with random weights in diffusers' layout: the forms of SD 1.x, SD 2.x (v), SDXL, and one that is odd on purpose."""

import gzip
import json

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from common import MODELS, ROOT, randomise, write_json

MERGES = 200
# CLIP's whole table: 49,408 entries less twice 256 bytes and two special tokens.
CLIP_MERGES = 49408 - 512 - 2


def clip_merges(count):
    """The first merges of CLIP's own table, as the project bundles it."""
    with gzip.open(ROOT / "diffusion/src/main/resources/atelier/diffusion/text/clip-merges.txt.gz", "rt", encoding="utf-8") as f:
        return [tuple(line.split()) for line in f.read().split("\n")[1 : count + 1]]


def byte_alphabet():
    """The printable stand-in of each byte, in the order in which CLIP numbers them."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(len(others))]


def vocabulary(merges):
    alphabet = byte_alphabet()
    words = alphabet + [c + "</w>" for c in alphabet] + ["".join(m) for m in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return {word: number for number, word in enumerate(words)}


def write_tokenizer(folder, merges, pad="<|endoftext|>"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary(merges), ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")
    special = lambda text: {"__type": "AddedToken", "content": text, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    write_json(folder / "tokenizer_config.json", {
        "add_prefix_space": False, "bos_token": special("<|startoftext|>"), "do_lower_case": True, "eos_token": special("<|endoftext|>"),
        "errors": "replace", "model_max_length": 77, "pad_token": pad, "tokenizer_class": "CLIPTokenizer", "unk_token": special("<|endoftext|>"),
    })
    write_json(folder / "special_tokens_map.json", {
        "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": pad, "unk_token": "<|endoftext|>"})


def text_encoder(seed, width, layers, heads, act, eos, projection=None, pad=0):
    size = 512 + MERGES + 2
    config = CLIPTextConfig(
        vocab_size=size, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=layers, num_attention_heads=heads,
        hidden_act=act, max_position_embeddings=77, projection_dim=projection or width, bos_token_id=size - 2, eos_token_id=eos, pad_token_id=pad)
    kind = CLIPTextModelWithProjection if projection else CLIPTextModel
    return randomise(kind(config), seed)


def vae(seed, channels, layers, groups, mid_attention=True, scaling=0.18215):
    n = len(channels)
    model = AutoencoderKL(
        block_out_channels=channels, layers_per_block=layers, norm_num_groups=groups, latent_channels=4, sample_size=8 * 2 ** (n - 1),
        down_block_types=("DownEncoderBlock2D",) * n, up_block_types=("UpDecoderBlock2D",) * n, mid_block_add_attention=mid_attention,
        scaling_factor=scaling)
    return randomise(model, seed)


def unets():
    """The configurations; heads and widths differ from block to block so that a wrong reading of the configuration shows."""
    cross, plain = "CrossAttn{}Block2D".format, "{}Block2D".format
    return {
        "sd1": dict(
            sample_size=8, block_out_channels=(16, 32), norm_num_groups=8, layers_per_block=2, cross_attention_dim=32, attention_head_dim=4,
            down_block_types=(cross("Down"), plain("Down")), up_block_types=(plain("Up"), cross("Up"))),
        "sd2": dict(
            sample_size=12, block_out_channels=(8, 16), norm_num_groups=4, layers_per_block=2, cross_attention_dim=24, attention_head_dim=[2, 4],
            use_linear_projection=True, down_block_types=(cross("Down"), plain("Down")), up_block_types=(plain("Up"), cross("Up"))),
        "odd": dict(
            sample_size=16, block_out_channels=(8, 16, 24), norm_num_groups=4, layers_per_block=1, cross_attention_dim=20,
            attention_head_dim=[1, 2, 6], transformer_layers_per_block=2, flip_sin_to_cos=False, freq_shift=1, norm_eps=1e-6,
            down_block_types=(cross("Down"),) * 3, up_block_types=(cross("Up"),) * 3),
        "sdxl": dict(
            sample_size=8, block_out_channels=(8, 16), norm_num_groups=4, layers_per_block=2, cross_attention_dim=40, attention_head_dim=[2, 4],
            transformer_layers_per_block=[1, 2], use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 24, down_block_types=(plain("Down"), cross("Down")), up_block_types=(cross("Up"), plain("Up"))),
    }


def schedules():
    common = dict(num_train_timesteps=1000, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
    scaled = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    return {
        "sd1": DDIMScheduler(**common, **scaled),
        "sd2": DDIMScheduler(**common, **scaled, prediction_type="v_prediction"),
        "odd": DDIMScheduler(**common, beta_start=0.0001, beta_end=0.02, beta_schedule="linear"),
        "sdxl": DDIMScheduler(**common, **scaled, timestep_spacing="leading"),
    }


def parts(name):
    """The networks of one tiny model by the name of their folder."""
    last = 512 + MERGES + 1
    encoders = {
        # eos 2 is what the published SD 1.x configurations say; transformers then takes the largest id for the pooled state.
        "sd1": dict(text_encoder=lambda: text_encoder("sd1.te", 32, 3, 4, "quick_gelu", 2)),
        "sd2": dict(text_encoder=lambda: text_encoder("sd2.te", 24, 2, 3, "gelu", last)),
        "odd": dict(text_encoder=lambda: text_encoder("odd.te", 20, 1, 2, "quick_gelu", last)),
        "sdxl": dict(text_encoder=lambda: text_encoder("sdxl.te1", 16, 3, 2, "quick_gelu", 2),
                     text_encoder_2=lambda: text_encoder("sdxl.te2", 24, 3, 3, "gelu", last, projection=24)),
    }[name]
    vaes = {
        "sd1": lambda: vae("sd1.vae", (8, 16), 2, 4),
        "sd2": lambda: vae("sd2.vae", (8, 8), 1, 4),
        "odd": lambda: vae("odd.vae", (4, 8, 12), 1, 2, mid_attention=False, scaling=1.0),
        "sdxl": lambda: vae("sdxl.vae", (8, 8), 1, 4, scaling=0.13025),
    }
    # A gain below one keeps the residual stream of a random network near unit scale.
    return {**encoders, "vae": vaes[name], "unet": lambda: randomise(UNet2DConditionModel(**unets()[name]), name + ".unet", gain=0.8)}


def build(name, merges):
    folder = MODELS / name
    half = name in ("odd", "sdxl")
    index = {"_class_name": "StableDiffusionXLPipeline" if name == "sdxl" else "StableDiffusionPipeline", "_diffusers_version": "0.35.2",
             "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"], "scheduler": ["diffusers", "DDIMScheduler"]}
    for part, make in parts(name).items():
        model = make()
        model.to(torch.float16 if half else torch.float32).save_pretrained(folder / part, safe_serialization=True)
        size = sum(p.numel() * p.element_size() for p in model.parameters())
        print(f"{name}/{part}: {size // 1024} KiB")
        if part.startswith("text_encoder"):
            index[part] = ["transformers", type(model).__name__]
            tokenizer = part.replace("text_encoder", "tokenizer")
            index[tokenizer] = ["transformers", "CLIPTokenizer"]
            write_tokenizer(folder / tokenizer, merges, "!" if name == "sd2" or part.endswith("_2") else "<|endoftext|>")
    schedules()[name].save_pretrained(folder / "scheduler")
    if name != "sdxl":
        index.update(safety_checker=[None, None], feature_extractor=[None, None], image_encoder=[None, None], requires_safety_checker=False)
    write_json(folder / "model_index.json", index)


def main():
    merges = clip_merges(MERGES)
    for name in ("sd1", "sd2", "odd", "sdxl"):
        build(name, merges)


if __name__ == "__main__":
    main()
