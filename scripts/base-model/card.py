"""Writes the model card's figures: checkpoints/base/README.md from card.md, training.json and measured.json."""

import argparse
import json
from pathlib import Path
from string import Template

import prepare


def figures(model):
    training = json.loads((model / "training.json").read_text())
    measured = json.loads((model / "measured.json").read_text())
    captions, psnr, dark = (measured[key] for key in ("captions", "psnr_db", "share_of_pixels_darker_than_64"))
    size = sum(file.stat().st_size for file in model.rglob("*") if file.is_file())
    return {
        **training, "size": f"{size / 1e6:.1f}", "out_of": measured["out_of"], "asked": measured["asked"],
        "nearest": f"{100 * captions['nearest']:.0f} %", "within_five": f"{100 * captions['within_five']:.0f} %",
        "missed": ", ".join(captions["missed"]) or "none",
        "psnr_noto": f"{psnr['noto']:.1f}", "psnr_twemoji": f"{psnr['twemoji']:.1f}",
        "psnr_openmoji": f"{psnr['openmoji']:.1f}", "steps": measured["sampler"]["steps"],
        "guidance": measured["sampler"]["guidance_scale"],
        "dark_base": f"{100 * dark['drawn by the base']:.1f} %", "dark_openmoji": f"{100 * dark['openmoji']:.1f} %",
        "dark_noto": f"{100 * dark['noto']:.1f} %", "dark_twemoji": f"{100 * dark['twemoji']:.1f} %"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    args = parser.parse_args()
    template = (Path(__file__).parent / "card.md").read_text("utf-8")
    text = Template(template).substitute(figures(args.model))
    prepare.save(args.model / "README.md", lambda file: file.write(text.encode()))


if __name__ == "__main__":
    main()
