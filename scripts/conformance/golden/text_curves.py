"""Training with the text encoders in the loop, by transformers, diffusers and PEFT on the tiny models; and a whole UNet's fine-tuning.

text-sd1 and text-sdxl: LoRA on the UNet's attention and on every linear layer of the text encoders, two learning rates; the gradient of every
adapter tensor at the first step, and the loss of 100 steps of AdamW. SDXL's second encoder gives the pooled text, and each picture has its
six sizes. full-sd1: no adapter, all weights of the UNet learn; the loss of 100 steps and some weights at the end.
"""

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from peft import LoraConfig
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from common import MODELS, TRAINER, normal, save
from lora import adapter, load, targets

OUT = TRAINER / "curves"
STEPS, BATCH, RANK, ALPHA = 100, 2, 2, 4
UNET_RATE, TEXT_RATE, DECAY, FULL_RATE = 2e-3, 5e-4, 0.01, 1e-4
CAPTIONS = ["red fox", "a blue house by the sea", "", "tree", "an old boat, gouache", "two cats", "night sky over a hill", "lemon"]
TEXT_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]


def encoders(name):
    kinds = {"text_encoder": CLIPTextModel, "text_encoder_2": CLIPTextModelWithProjection}
    return {part: kind.from_pretrained(MODELS / name / part, torch_dtype=torch.float32).requires_grad_(False)
            for part, kind in kinds.items() if (MODELS / name / part).is_dir()}


def adapt(network, part, suffixes):
    """Both halves random, up small: every tensor has a gradient at the first step."""
    network.add_adapter(LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=suffixes))
    with torch.no_grad():
        for key, p in adapter(network).items():
            p.copy_(normal(*p.shape, of=("text curve", part, key)) * (0.2 if key.endswith("lora_B") else 1) / p[0].numel() ** 0.5)
    return {f"{part}.{key}": p for key, p in adapter(network).items()}


def inputs(name):
    g = torch.Generator().manual_seed(12)
    data = {
        "latents": torch.randn(STEPS, BATCH, 4, 4, 4, generator=g),
        "noise": torch.randn(STEPS, BATCH, 4, 4, 4, generator=g),
        "timesteps": torch.randint(0, 1000, (STEPS, BATCH), generator=g),
    }
    if name == "sdxl":
        data["sizes"] = torch.randint(0, 64, (STEPS, BATCH, 6), generator=g).float()
    return data


def ids(name, step, part):
    folder = MODELS / name / part.replace("text_encoder", "tokenizer")
    captions = [CAPTIONS[(step * BATCH + i) % len(CAPTIONS)] for i in range(BATCH)]
    return CLIPTokenizer.from_pretrained(folder)(captions, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids


def predict(name, unet, texts, noisy, t, data, step):
    if name != "sdxl":
        return unet(noisy, t, texts["text_encoder"](ids(name, step, "text_encoder")).last_hidden_state, return_dict=False)[0]
    outs = {part: network(ids(name, step, part), output_hidden_states=True) for part, network in texts.items()}
    states = torch.cat([o.hidden_states[-2] for o in outs.values()], -1)
    added = {"text_embeds": outs["text_encoder_2"].text_embeds, "time_ids": data["sizes"][step]}
    return unet(noisy, t, states, added_cond_kwargs=added, return_dict=False)[0]


def steps(name, unet, texts, optimiser, data, after_first=None):
    schedule = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000)
    losses = []
    for i in range(STEPS):
        x, n, t = data["latents"][i], data["noise"][i], data["timesteps"][i]
        loss = F.mse_loss(predict(name, unet, texts, schedule.add_noise(x, n, t), t, data, i), n)
        loss.backward()
        if i == 0 and after_first:
            after_first()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    print(f"  {name}: {losses[0]:.4f} -> {sum(losses[-10:]) / 10:.4f}")
    return torch.tensor(losses, dtype=torch.float64)


def text(name):
    unet, texts, data = load(name), encoders(name), inputs(name)
    trained = adapt(unet, "unet", targets(["attention"]))
    words = {}
    for part, network in texts.items():
        words |= adapt(network, part, TEXT_TARGETS)
    start = {f"in.adapter.{k}": p.detach().clone() for k, p in (trained | words).items()}
    gradients = {}

    def keep():
        # The last layer before the penultimate states has none.
        gradients.update({f"grad.{k}": p.grad.clone() for k, p in (trained | words).items() if p.grad is not None})

    optimiser = torch.optim.AdamW([{"params": list(trained.values()), "lr": UNET_RATE}, {"params": list(words.values()), "lr": TEXT_RATE}],
                                  betas=(0.9, 0.999), eps=1e-8, weight_decay=DECAY)
    losses = steps(name, unet, texts, optimiser, data, keep)
    save(OUT / f"text-{name}.safetensors", {f"in.{k}": v for k, v in data.items()} | start | gradients | {"out.loss": losses},
         model=name, rank=RANK, alpha=ALPHA, unet_lr=UNET_RATE, text_lr=TEXT_RATE, weight_decay=DECAY, captions=CAPTIONS,
         text="example j of step i takes captions[(2 i + j) % 8]", schedule="scaled_linear 0.00085 to 0.012, epsilon")


def full(name):
    unet, texts, data = load(name).requires_grad_(True), encoders(name), inputs(name)
    optimiser = torch.optim.AdamW(unet.parameters(), lr=FULL_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=DECAY)
    losses = steps(name, unet, texts, optimiser, data)
    kept = ["conv_in.weight", "time_embedding.linear_1.bias", "down_blocks.0.resnets.0.conv1.weight", "down_blocks.0.resnets.0.norm1.weight",
            "down_blocks.0.attentions.0.proj_in.weight", "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight",
            "down_blocks.0.attentions.0.transformer_blocks.0.norm2.bias", "down_blocks.0.downsamplers.0.conv.weight",
            "mid_block.resnets.1.time_emb_proj.weight", "up_blocks.0.upsamplers.0.conv.bias", "conv_norm_out.weight", "conv_out.weight"]
    weights = dict(unet.named_parameters())
    save(OUT / f"full-{name}.safetensors", {f"in.{k}": v for k, v in data.items()} | {"out.loss": losses} | {f"out.{k}": weights[k] for k in kept},
         model=name, lr=FULL_RATE, weight_decay=DECAY, captions=CAPTIONS, text="as in the others")


def main():
    text("sd1")
    text("sdxl")
    full("sd1")


if __name__ == "__main__":
    main()
