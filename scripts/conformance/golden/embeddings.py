"""A step of textual inversion on the tiny models sd1 and sdxl, as diffusers' scripts train it: new tokens in the tokenizers and tables, the
text's way through the encoders and the UNet, the loss, the gradients of the new rows, AdamW's step on them, and the rows brought to the
vocabulary's median norm afterwards (OneTrainer's preserve_embedding_norm).

A token of several vectors is written in the prompt as diffusers' pipelines write it: <cat> <cat>_1.
"""

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from common import MODELS, TRAINER, normal, save

OUT = TRAINER / "embeddings"
TOKENS = ["<cat>", "<cat>_1", "wug"]
PROMPTS = ["a picture of <cat>, red", "wug and <cat>"]
RATE = 0.01


def encoders(name):
    yield "text_encoder", "tokenizer", CLIPTextModel
    if name == "sdxl":
        yield "text_encoder_2", "tokenizer_2", CLIPTextModelWithProjection


def case(name):
    tensors, rows, tables, states, pooled = {}, {}, {}, [], None
    for part, words, cls in encoders(name):
        encoder = cls.from_pretrained(MODELS / name / part).requires_grad_(False).eval()
        tokenizer = CLIPTokenizer.from_pretrained(MODELS / name / words)
        assert tokenizer.add_tokens(TOKENS) == len(TOKENS)
        table = encoder.get_input_embeddings().weight
        vocabulary = table.shape[0]
        own = torch.nn.Parameter(0.5 * normal(len(TOKENS), table.shape[1], of=("embeddings", name, part)))
        rows[part], tables[part] = own, table.detach().clone()
        tensors[f"in.start.{part}"] = own.detach().clone()
        ids = tokenizer([p.replace("<cat>", "<cat> <cat>_1") for p in PROMPTS], padding="max_length", max_length=77, truncation=True,
                        return_tensors="pt").input_ids
        first = tokenizer.convert_tokens_to_ids(TOKENS[0])
        # The tiny vocabulary's table and the tokenizer need not be of one length: the rows behind the table are the new ones.
        ids = torch.where(ids >= first, ids - first + vocabulary, ids)
        encoder.get_input_embeddings().forward = lambda i, t=table, o=own: F.embedding(i, torch.cat([t, o]))
        if name == "sdxl":
            out = encoder(ids, output_hidden_states=True)
            states.append(out.hidden_states[-2])
            pooled = out[0]
        else:
            states.append(encoder(ids)[0])
        tensors[f"out.ids.{part}"] = ids
    text = torch.cat(states, dim=-1)
    unet = UNet2DConditionModel.from_pretrained(MODELS / name / "unet", torch_dtype=torch.float32).requires_grad_(False).eval()
    schedule = DDPMScheduler.from_pretrained(MODELS / name / "scheduler")
    latents, noise = (normal(2, 4, 8, 8, of=("embeddings", name, k)) for k in ("latents", "noise"))
    timesteps = torch.tensor([77, 640])
    noisy = schedule.add_noise(latents, noise, timesteps)
    sizes = torch.tensor([[64, 64, 0, 0, 64, 64], [48, 80, 0, 8, 64, 64]], dtype=torch.float32)
    added = {"text_embeds": pooled, "time_ids": sizes} if name == "sdxl" else None
    prediction = unet(noisy, timesteps, text, added_cond_kwargs=added).sample
    loss = F.mse_loss(prediction, noise)
    loss.backward()
    tensors |= {"in.noisy": noisy, "in.noise": noise, "in.timesteps": timesteps, "in.sizes": sizes, "out.prediction": prediction, "out.loss": loss}
    tensors |= {f"grad.{k}": p.grad.clone() for k, p in rows.items()}
    torch.optim.AdamW(rows.values(), lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0).step()
    for part, own in rows.items():
        median = torch.norm(tables[part], dim=1).median()
        tensors[f"out.after.{part}"] = own
        tensors[f"out.kept.{part}"] = own * (median / torch.norm(own, dim=1, keepdim=True))
    save(OUT / f"{name}.safetensors", tensors, model=name, prompts=PROMPTS, tokens={"<cat>": 2, "wug": 1}, rate=RATE)


if __name__ == "__main__":
    case("sd1")
    case("sdxl")
