"""Writes the model card's figures: checkpoints/base/README.md from card.md, training.json and measured.json."""

import argparse
import json
from pathlib import Path
from string import Template

import captions
import prepare
import styles

BARS = {"openmoji": 29}


def percent(share):
    return f"{100 * share:.0f} %"


def figures(model):
    training = json.loads((model / "training.json").read_text())
    measured = json.loads((model / "measured.json").read_text())
    vocabulary = json.loads((model / "tokenizer/vocab.json").read_text("utf-8"))
    found, style, psnr = measured["captions"], measured["styles"], measured["psnr_db"]
    size = sum(file.stat().st_size for file in model.rglob("*") if file.is_file())
    names = {style.key: style.name for style in styles.STYLES} | {"openmoji": "OpenMoji"}
    return {
        "vae_steps": 0, "vae_minutes": 0, "decoder_steps": 0, "decoder_minutes": 0, **training,
        "size": f"{size / 1e6:.1f}",
        "vocabulary": f"{len(vocabulary):,}", "out_of": f"{measured['out_of']:,}", "asked": measured["asked"],
        "style_names": ", ".join(style.name for style in styles.TAUGHT), "colours": ", ".join(captions.COLOURS),
        "style_rows": "\n".join(
            f"| {style.name} | {style.author}, {style.package} | {style.licence} | autoencoder, UNet |"
            for style in styles.TAUGHT),
        "nearest": percent(found["nearest"]), "within_five": percent(found["within_five"]),
        "missed": ", ".join(found["missed"]) or "none", "style_right": percent(style["right"]),
        "sharpness": f"{measured['sharpness']['ratio']:.2f}",
        "psnr_rows": "\n".join(
            f"| reconstruction, {'held-out ' if key != 'openmoji' else ''}{names[key]} | {value:.1f} dB "
            f"| {BARS.get(key, 31)} dB |" for key, value in psnr.items()),
        "steps": measured["sampler"]["steps"], "guidance": measured["sampler"]["guidance_scale"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    args = parser.parse_args()
    template = (Path(__file__).parent / "card.md").read_text("utf-8")
    text = Template(template).substitute(figures(args.model))
    prepare.save(args.model / "README.md", lambda file: file.write(text.encode()))


if __name__ == "__main__":
    main()
