"""UNets of fewer blocks than the published ones, as SSD-1B and BK-SDM have them: weights, configuration, and what diffusers predicts.

    PYTHONPATH=scripts/conformance/golden python scripts/conformance/forms/unets.py
writes diffusion/src/test/resources/golden/unets/NAME. Needs requirements.txt beside this file.
"""
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

from common import DIFFUSION, normal, randomise

OUT = DIFFUSION / "unets"
COMMON = dict(sample_size=8, in_channels=4, out_channels=4, norm_num_groups=4, block_out_channels=(8, 16), cross_attention_dim=12,
              attention_head_dim=2)
CASES = {
    # SSD-1B: another depth for each transformer, and no transformer in the middle.
    "ssd": COMMON | dict(down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
                         layers_per_block=2, transformer_layers_per_block=[[1, 1], [2, 1]], use_linear_projection=True,
                         reverse_transformer_layers_per_block=[[1, 1, 2], 1], mid_block_type="UNetMidBlock2D"),
    # BK-SDM-Small: one layer a level and no middle.
    "bk": COMMON | dict(down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
                        layers_per_block=1, mid_block_type=None),
    # BK-SDM-Base: one layer a level.
    "base": COMMON | dict(down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
                          up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"), layers_per_block=1),
}

for name, config in CASES.items():
    model = randomise(UNet2DConditionModel(**config), f"forms.unet.{name}")
    model.save_pretrained(OUT / name)
    sample, text = normal(2, 4, 8, 8, of=("forms.unet", "x")), normal(2, 5, 12, of=("forms.unet", "text"))
    with torch.no_grad():
        out = model(sample, torch.tensor([7, 800]), text).sample
    save_file({"in.sample": sample, "in.text": text, "out.prediction": out.contiguous()}, OUT / name / "golden.safetensors",
              metadata={"facts": "{}"})
    print(name, sum(p.numel() for p in model.parameters()))
