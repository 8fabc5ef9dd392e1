"""The comparisons: what is run, on which side, and the ratio that is asked for.

A side is (kind, options). Kinds: step and forward are the product's mains, peer_* the scripts beside this file. tuned means bf16, channels_last
and the allocator's settings; plain means fp32 with the machine's defaults, as diffusers' example script runs on a CPU.
"""

from dataclasses import dataclass, field

PLAIN = dict(dtype="fp32")
TUNED = dict(dtype="bf16", channels_last=True)


@dataclass(frozen=True)
class Row:
    name: str
    figure: str
    product: tuple
    peer: tuple
    seconds_bar: float | None = None
    memory_bar: float | None = None
    more: dict = field(default_factory=dict)


def step(**options):
    return "step", dict(px=256, batch=1, rank=16, targets="attention", method="lora", checkpointing=False, dtype="bf16", steps=8) | options


def peer_step(**options):
    return "peer_step", dict(px=256, batch=1, rank=16, targets="attention", steps=6) | options


def forward(part, px, **options):
    return "forward", dict(part=part, px=px, dtype="bf16", steps=8) | options


def peer_forward(part, px, **options):
    return "peer_forward", dict(part=part, px=px, steps=6) | TUNED | options


ROWS = [
    Row("step-plain", "LoRA step, 256 px, against fp32 as the example script runs", step(), peer_step(**PLAIN, steps=4), 0.25),
    Row("step", "LoRA step, 256 px, against the tuned peer", step(), peer_step(**TUNED), 0.6, 0.6),
    Row("step-512", "LoRA step, 512 px", step(px=512, steps=5), peer_step(**TUNED, px=512, steps=4), 0.65),
    Row("step-batch4", "LoRA step, 256 px, batch 4", step(batch=4, steps=5), peer_step(**TUNED, batch=4, steps=4), 0.75),
    Row("step-dora", "DoRA step, 256 px", step(method="dora"), peer_step(**TUNED, dora=True), 0.75),
    Row("step-convolutions", "LoRA step, 256 px, adapters on the residual blocks' convolutions too",
        step(targets="attention,resnets"), peer_step(**TUNED, targets="attention,resnets"), 0.75),
    Row("step-checkpointing", "LoRA step, 512 px, gradient checkpointing on", step(px=512, checkpointing=True, steps=5),
        peer_step(**TUNED, px=512, checkpointing=True, steps=4), 0.75, 0.45),
    Row("unet", "UNet forward with guidance (batch 2), 256 px", forward("unet", 256), peer_forward("unet", 256), 0.7),
    Row("unet-512", "UNet forward with guidance (batch 2), 512 px", forward("unet", 512, steps=5), peer_forward("unet", 512, steps=4), 0.7),
    Row("unet-openvino", "UNet forward with guidance, 256 px, against OpenVINO", forward("unet", 256), ("peer_openvino", dict(part="unet", px=256, steps=8)), 1.0),
    Row("vae-encode", "VAE encode, 256 px", forward("vae_encode", 256), peer_forward("vae_encode", 256), 0.7),
    Row("vae-encode-512", "VAE encode, 512 px", forward("vae_encode", 512, steps=5), peer_forward("vae_encode", 512, steps=4), 0.7),
    Row("vae-decode", "VAE decode, 256 px", forward("vae_decode", 256), peer_forward("vae_decode", 256), 0.7),
    Row("vae-decode-512", "VAE decode, 512 px", forward("vae_decode", 512, steps=5), peer_forward("vae_decode", 512, steps=4), 0.7),
    Row("vae-decode-openvino", "VAE decode, 256 px, against OpenVINO", forward("vae_decode", 256), ("peer_openvino", dict(part="vae_decode", px=256, steps=8)), 1.0),
    Row("text", "text encoder, batch 2", forward("text", 256), peer_forward("text", 256), 0.7),
]
