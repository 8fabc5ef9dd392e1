"""Stable Diffusion 1.x, 2.x, XL and XL's refiner in full structure but narrow: every block and every name, few weights."""

import sys
from pathlib import Path

import torch
from diffusers import (AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler, PNDMScheduler, StableDiffusionPipeline,
                       StableDiffusionXLPipeline, UNet2DConditionModel)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))
from support import ROOT  # noqa: E402

TOKENIZER = ROOT / "diffusion/src/test/resources/golden/models/sd1/tokenizer"
ATTENTION, PLAIN = "CrossAttn", ""


def unet(widths, levels, width, heads, **more):
    down = [f"{kind}DownBlock2D" for kind in levels]
    up = [f"{kind}UpBlock2D" for kind in reversed(levels)]
    return UNet2DConditionModel(block_out_channels=widths, down_block_types=down, up_block_types=up, cross_attention_dim=width,
                                attention_head_dim=heads, layers_per_block=2, **more)


def vae(scale):
    return AutoencoderKL(block_out_channels=(32, 32, 64, 64), down_block_types=["DownEncoderBlock2D"] * 4,
                         up_block_types=["UpDecoderBlock2D"] * 4, latent_channels=4, layers_per_block=2, scaling_factor=scale)


def text(width, layers, projection, act="quick_gelu"):
    """With the small vocabulary of the golden models, whose last two ids are beginning and end."""
    config = CLIPTextConfig(vocab_size=714, hidden_size=width, intermediate_size=width // 2, num_hidden_layers=layers,
                            num_attention_heads=width // 64, hidden_act=act, projection_dim=width, bos_token_id=712, eos_token_id=713)
    return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config)


def make(family):
    torch.manual_seed({"sd1": 1, "sd2": 2, "sdxl": 3}[family])
    tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER)
    betas = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    if family == "sdxl":
        net = unet((32, 64, 128), [PLAIN, ATTENTION, ATTENTION], 2048, [1, 1, 2], transformer_layers_per_block=[1, 2, 10],
                   use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=256,
                   projection_class_embeddings_input_dim=1280 + 6 * 256)
        return StableDiffusionXLPipeline(vae(0.13025), text(768, 2, False), text(1280, 2, True, "gelu"), tokenizer, tokenizer, net,
                                         EulerDiscreteScheduler(**betas))
    levels = [ATTENTION, ATTENTION, ATTENTION, PLAIN]
    common = dict(safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    if family == "sd1":
        net = unet((32, 64, 128, 128), levels, 768, 8)
        return StableDiffusionPipeline(vae(0.18215), text(768, 2, False), tokenizer, net, PNDMScheduler(**betas, skip_prk_steps=True), **common)
    net = unet((32, 64, 128, 128), levels, 1024, [1, 1, 2, 2], use_linear_projection=True)
    return StableDiffusionPipeline(vae(0.18215), text(1024, 3, False, "gelu"), tokenizer, net,
                                   DDIMScheduler(**betas, prediction_type="v_prediction"), **common)


NETWORKS = {"sd1": ("unet", "vae", "text_encoder"), "sd2": ("unet", "vae", "text_encoder"),
            "sdxl": ("unet", "vae", "text_encoder", "text_encoder_2")}


@torch.no_grad()
def inputs(pipe):
    """What the pipeline's own text encoders make of one prompt, so that every network counts, and a noisy sample."""
    generator = torch.Generator().manual_seed(3)
    given = {"sample": torch.randn(1, pipe.unet.config.in_channels, 16, 16, generator=generator), "timesteps": torch.tensor([700])}
    if hasattr(pipe, "text_encoder_2"):
        given["text"], _, given["pooled"], _ = pipe.encode_prompt("a red cat", device="cpu", do_classifier_free_guidance=False)
        given["time_ids"] = torch.tensor([[512.0, 512, 0, 0, 512, 512]])
    else:
        given["text"], _ = pipe.encode_prompt("a red cat", "cpu", 1, False)
    return given


@torch.no_grad()
def predict(pipe):
    """The UNet's answer to those inputs."""
    x = inputs(pipe)
    added = {"text_embeds": x["pooled"], "time_ids": x["time_ids"]} if "pooled" in x else None
    return pipe.unet(x["sample"], x["timesteps"], x["text"], added_cond_kwargs=added, return_dict=False)[0]


@torch.no_grad()
def decode(pipe):
    """The autoencoder's picture of a fixed latent."""
    latent = torch.randn(1, pipe.vae.config.latent_channels, 8, 8, generator=torch.Generator().manual_seed(4))
    return pipe.vae.decode(latent, return_dict=False)[0]
