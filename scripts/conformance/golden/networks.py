"""Text encoder, UNet, autoencoder, noise schedule and timestep embedding of the tiny models, as transformers and diffusers compute them in fp32."""

import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from diffusers.models.embeddings import get_timestep_embedding
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from common import DIFFUSION, MODELS, normal, save

OUT = DIFFUSION / "networks"
CAPTIONS = ["a red fox in the snow", "Two cats, painted in the style of an old poster; 1920s!"]


def text(name, suffix=""):
    tokenizer = CLIPTokenizer.from_pretrained(MODELS / name / f"tokenizer{suffix}")
    kind = CLIPTextModelWithProjection if suffix else CLIPTextModel
    model = kind.from_pretrained(MODELS / name / f"text_encoder{suffix}", dtype=torch.float32).eval()
    ids = tokenizer(CAPTIONS, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
    with torch.no_grad():
        out = model(ids, output_hidden_states=True)
        pooled = out.text_embeds if suffix else out.pooler_output
        norm = model.text_model.final_layer_norm
        tensors = {"in.ids": ids, "out.last": out.last_hidden_state, "out.projected" if suffix else "out.pooled": pooled}
        for i, h in enumerate(out.hidden_states):
            tensors[f"out.hidden.{i}"] = h
        if len(out.hidden_states) > 2:
            tensors["out.penultimate_normed"] = norm(out.hidden_states[-2])
    save(OUT / f"{name}-text{suffix}.safetensors", tensors, captions=CAPTIONS,
         hidden="hidden.0 is the embedding, hidden.i the state after layer i; last is hidden of the last layer after final_layer_norm",
         penultimate_normed="final_layer_norm(hidden[-2]): clip skip 2")


def unet(name, height, width):
    model = UNet2DConditionModel.from_pretrained(MODELS / name / "unet", torch_dtype=torch.float32).eval()
    model.requires_grad_(False)
    c = model.config
    sample = normal(2, c.in_channels, height, width, of=(name, "sample")).requires_grad_()
    states = normal(2, 77, c.cross_attention_dim, of=(name, "text")).requires_grad_()
    timesteps = torch.tensor([37, 961])
    added = {}
    if c.addition_embed_type == "text_time":
        added = {"text_embeds": normal(2, 24, of=(name, "text_embeds")),
                 "time_ids": torch.tensor([[64.0, 64, 0, 0, 64, 64], [80, 48, 4, 2, 64, 64]])}
    tensors = {"in.sample": sample, "in.timesteps": timesteps, "in.text": states, **{f"in.{k}": v for k, v in added.items()}}
    seen = {}

    def keep(key):
        def hook(module, args, result):
            seen[key] = result[0] if isinstance(result, tuple) else result
        return hook

    named = {"time_embedding": model.time_embedding, "conv_in": model.conv_in, "mid_block": model.mid_block}
    named |= {f"down_blocks.{i}": b for i, b in enumerate(model.down_blocks)}
    named |= {f"up_blocks.{i}": b for i, b in enumerate(model.up_blocks)}
    hooks = [m.register_forward_hook(keep(k)) for k, m in named.items()]
    prediction = model(sample, timesteps, states, added_cond_kwargs=added or None, return_dict=False)[0]
    for h in hooks:
        h.remove()
    tensors |= {f"out.{k}": v for k, v in seen.items()}
    tensors["out.prediction"] = prediction
    outer = normal(*prediction.shape, of=(name, "outer"))
    prediction.backward(outer)
    tensors |= {"in.prediction_gradient": outer, "grad.sample": sample.grad, "grad.text": states.grad}
    with torch.no_grad():
        tensors["out.prediction_at_500"] = model(sample, 500, states, added_cond_kwargs=added or None, return_dict=False)[0]
    save(OUT / f"{name}-unet.safetensors", tensors, model=name, prediction_at_500="the same sample and text, the one timestep 500 for the whole batch",
         gradients="of sum(prediction * prediction_gradient)")


def vae(name, height, width):
    model = AutoencoderKL.from_pretrained(MODELS / name / "vae", torch_dtype=torch.float32).eval()
    image = normal(2, 3, height, width, of=(name, "image")).mul(0.5).clamp(-1, 1)
    with torch.no_grad():
        posterior = model.encode(image).latent_dist
        noise = normal(*posterior.mean.shape, of=(name, "posterior"))
        latents = normal(*posterior.mean.shape, of=(name, "latents"))
        tensors = {
            "in.image": image, "in.noise": noise, "in.latents": latents,
            "out.mean": posterior.mean, "out.logvar": posterior.logvar, "out.sampled": posterior.mean + posterior.std * noise,
            "out.image": model.decode(latents, return_dict=False)[0],
        }
    save(OUT / f"{name}-vae.safetensors", tensors, model=name, scaling_factor=model.config.scaling_factor,
         note="latents and moments are the network's own: scaling_factor not applied; logvar clamped to [-30, 20]; sampled = mean + exp(logvar / 2) * noise")


def schedules():
    latents, noise = normal(4, 4, 2, 2, of="schedule.latents"), normal(4, 4, 2, 2, of="schedule.noise")
    timesteps = torch.tensor([0, 1, 500, 999])
    for name, start, end in (("scaled_linear", 0.00085, 0.012), ("linear", 0.0001, 0.02)):
        s = DDPMScheduler(num_train_timesteps=1000, beta_start=start, beta_end=end, beta_schedule=name)
        save(OUT / f"schedule-{name}.safetensors", {
            "in.latents": latents, "in.noise": noise, "in.timesteps": timesteps, "out.betas": s.betas, "out.alphas_cumprod": s.alphas_cumprod,
            "out.noisy": s.add_noise(latents, noise, timesteps), "out.velocity": s.get_velocity(latents, noise, timesteps),
        }, beta_start=start, beta_end=end, beta_schedule=name, num_train_timesteps=1000)


def embeddings():
    steps = torch.tensor([0, 1, 37, 500, 999])
    tensors = {"in.timesteps": steps}
    for dim, flip, shift in ((16, True, 0), (320, True, 0), (8, False, 1)):
        tensors[f"out.dim{dim}"] = get_timestep_embedding(steps, dim, flip_sin_to_cos=flip, downscale_freq_shift=shift)
    save(OUT / "timestep-embedding.safetensors", tensors, dim16="flip_sin_to_cos true, freq_shift 0", dim320="flip_sin_to_cos true, freq_shift 0",
         dim8="flip_sin_to_cos false, freq_shift 1")


def main():
    for name in ("sd1", "sd2", "odd", "sdxl"):
        text(name)
    text("sdxl", "_2")
    for name, h, w in (("sd1", 8, 8), ("sd2", 12, 12), ("odd", 12, 20), ("sdxl", 8, 8)):
        unet(name, h, w)
    for name, h, w in (("sd1", 16, 24), ("sd2", 16, 16), ("odd", 24, 40), ("sdxl", 16, 16)):
        vae(name, h, w)
    schedules()
    embeddings()


if __name__ == "__main__":
    main()
