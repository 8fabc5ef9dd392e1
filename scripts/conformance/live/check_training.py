"""100 steps of training by transformers, diffusers and PEFT, here and now, and by Atelier: text encoders in the loop, SDXL, a whole UNet."""

from support import java, row, workspace

import common
import text_curves

TITLES = {
    "text-sd1": "SD 1.x, LoRA on UNet and text encoder, AdamW, two rates",
    "text-sdxl": "SDXL, LoRA on UNet and both text encoders, pooled text and sizes, AdamW, two rates",
    "full-sd1": "SD 1.x, all weights of the UNet, AdamW",
}


def main():
    with workspace("training") as space:
        common.ROOT = space
        text_curves.OUT = space
        text_curves.main()
        found = java("atelier.trainer.run.TextCurve", module="trainer", cases=space)
    for case, title in TITLES.items():
        errors = found[case]
        row(f"{title}: loss at each of 100 steps, fp32", "<= 1e-4", f"{errors['loss']:.1e}", errors["loss"] <= 1e-4)
        if errors["gradients"]:
            row(f"{title}: gradients of {errors['gradients']} tensors at the first step", "<= 1e-4", f"{errors['gradient']:.1e}",
                errors["gradient"] <= 1e-4 and errors["strays"] == 0)
        else:
            row(f"{title}: 12 weights after 100 steps", "<= 1e-3", f"{errors['weight']:.1e}", errors["weight"] <= 1e-3)


if __name__ == "__main__":
    main()
