"""The comparisons: what is run, on which side, and the ratio that is asked for.

A side is (kind, options). The product's kinds are train and picture (its own commands, keys as a user gives them) and
forward; peer_* are the scripts beside this file. tuned means bf16, channels_last and the allocator's settings; plain means fp32 with the machine's defaults, as diffusers' example runs.
Where a row does not say otherwise, the product's steps have model.prepack=all.
"""

from dataclasses import dataclass

from sides import DEMO, MODEL, PICTURES, ROOT, SCRATCH

PLAIN = dict(dtype="fp32")
TUNED = dict(dtype="bf16", channels_last=True)
BASE = ROOT / "checkpoints/base"


@dataclass(frozen=True)
class Row:
    name: str
    figure: str
    product: tuple
    peer: tuple
    bar: float | None = None
    memory_bar: float | None = None
    # steady: a step in the middle of a run; whole: the process from its start to its end.
    measure: str = "steady"
    full_size: bool = True


def step(px=256, batch=1, rank=16, targets="attention", method="lora", checkpointing=False, steps=8, prepack="all", dtype="bf16", **more):
    return "train", {
        "data": "demo", "model": "tiny", "recipe": "demo", "model.path": MODEL, "model.dtype": dtype, "model.prepack": prepack, "device": "cpu", "data.resolution": px, "train.batch_size": batch, "adapter.rank": rank,
        "adapter.alpha": rank, "adapter.targets": f"[{targets}]", "adapter.method": method, "train.gradient_checkpointing": checkpointing,
        "train.steps": steps, "train.save_every": 0, "sample.prompts": "[]", "export.merged": False, "data.pairs": SCRATCH / "few.csv", "data.images": DEMO, "train.cache_dir": SCRATCH / "cache"} | more


def peer_step(**options):
    return "peer_step", dict(px=256, batch=1, rank=16, targets="attention", steps=6) | options


def forward(part, px, **options):
    return "forward", dict(part=part, px=px, dtype="bf16", steps=8) | options


def peer_forward(part, px, **options):
    return "peer_forward", dict(part=part, px=px, steps=6) | TUNED | options


def openvino(part, px=256, steps=8):
    return "peer_openvino", dict(part=part, px=px, steps=steps)


# Tenths of a second: more of them make a median.
TEXT, TEXT_INT8 = forward("text", 256, steps=40), forward("text", 256, steps=40, dtype="int8")
PEER_TEXT, OPENVINO_TEXT = peer_forward("text", 256, steps=40), openvino("text", steps=40)
LATENTS = dict(model=MODEL, images=PICTURES, px=512)
PEER_LATENTS = "peer_latents", LATENTS | TUNED | dict(count=250, out=SCRATCH / "latents.pt")


def job(dtype="fp32"):
    return "peer_job", dict(model=BASE, pairs=DEMO / "captions.csv", images=DEMO, px=128, steps=300, batch=8, rank=16, lr=2e-3, dtype=dtype,
                            targets="attention,feed_forward,projections", out=SCRATCH / "peer-job")


def picture(px, steps=20, count=3, dtype="bf16"):
    return "picture", {"model.path": MODEL, "model.dtype": dtype, "device": "cpu", "prompt": "a red fox in the snow, watercolour", "sampler": "ddim",
                       "steps": steps, "width": px, "height": px, "count": count, "safety": "off", "watermark": "false"}


def peer_picture(px, engine="torch", steps=20, count=3):
    return "peer_picture", dict(model=MODEL, px=px, steps=steps, count=count, engine=engine, dtype="bf16")


ROWS = [
    Row("step-plain", "LoRA step, 256 px, against fp32 as the example script runs", step(), peer_step(**PLAIN, steps=4), 0.25),
    Row("step", "LoRA step, 256 px, against the tuned peer", step(), peer_step(**TUNED), 0.6, 0.6),
    Row("step-fine", "LoRA step, 256 px, model.prepack=fine (as configured for SD 1.5)", step(prepack="fine"), peer_step(**TUNED), 0.6, 0.6),
    Row("step-least", "LoRA step, 256 px, model.prepack=none", step(prepack="none"), peer_step(**TUNED), 0.6, 0.6),
    Row("step-int8", "LoRA step, 256 px, model.dtype=int8", step(dtype="int8"), peer_step(**TUNED), 0.6, 0.6),
    Row("step-int8-least", "LoRA step, 256 px, model.dtype=int8 model.prepack=none", step(dtype="int8", prepack="none"), peer_step(**TUNED), 0.6, 0.6),
    Row("step-plain-int8", "LoRA step, 256 px, model.dtype=int8, against fp32 as the example script runs", step(dtype="int8"), peer_step(**PLAIN, steps=4), 0.25),
    Row("step-512", "LoRA step, 512 px", step(px=512, steps=5), peer_step(**TUNED, px=512, steps=4), 0.65),
    Row("step-512-int8", "LoRA step, 512 px, model.dtype=int8", step(px=512, steps=5, dtype="int8"), peer_step(**TUNED, px=512, steps=4), 0.65),
    Row("step-batch4", "LoRA step, 256 px, batch 4", step(batch=4, steps=5), peer_step(**TUNED, batch=4, steps=4), 0.75),
    Row("step-batch4-int8", "LoRA step, 256 px, batch 4, model.dtype=int8", step(batch=4, steps=5, dtype="int8"), peer_step(**TUNED, batch=4, steps=4), 0.75),
    Row("step-dora", "DoRA step, 256 px", step(method="dora"), peer_step(**TUNED, dora=True), 0.75),
    Row("step-convolutions", "LoRA step, 256 px, adapters on the residual blocks' convolutions too", step(targets="attention,resnets"),
        peer_step(**TUNED, targets="attention,resnets"), 0.75),
    Row("step-convolutions-int8", "LoRA step, 256 px, adapters on the residual blocks' convolutions too, model.dtype=int8",
        step(targets="attention,resnets", dtype="int8"), peer_step(**TUNED, targets="attention,resnets"), 0.75),
    Row("step-checkpointing", "LoRA step, 512 px, gradient checkpointing on", step(px=512, checkpointing=True, steps=5),
        peer_step(**TUNED, px=512, checkpointing=True, steps=4), 0.75, 0.45),
    Row("step-checkpointing-least", "LoRA step, 512 px, gradient checkpointing on, model.prepack=none", step(px=512, checkpointing=True, steps=5, prepack="none"),
        peer_step(**TUNED, px=512, checkpointing=True, steps=4), 0.75, 0.45),
    Row("step-checkpointing-int8", "LoRA step, 512 px, gradient checkpointing on, model.dtype=int8 model.prepack=fine", step(px=512, checkpointing=True, steps=5, dtype="int8", prepack="fine"),
        peer_step(**TUNED, px=512, checkpointing=True, steps=4), 0.75, 0.45),
    Row("unet", "UNet forward with guidance (batch 2), 256 px", forward("unet", 256), peer_forward("unet", 256), 0.7),
    Row("unet-512", "UNet forward with guidance (batch 2), 512 px", forward("unet", 512, steps=5), peer_forward("unet", 512, steps=4), 0.7),
    Row("unet-512-int8", "UNet forward with guidance, 512 px, model.dtype=int8, against the tuned peer in bf16", forward("unet", 512, steps=5, dtype="int8"),
        peer_forward("unet", 512, steps=4), 0.7),
    Row("unet-openvino", "UNet forward with guidance, 256 px, against OpenVINO", forward("unet", 256), openvino("unet"), 1.0),
    Row("unet-512-openvino", "UNet forward with guidance, 512 px, against OpenVINO", forward("unet", 512, steps=5), openvino("unet", 512, 5), 1.0),
    Row("unet-int8", "UNet forward with guidance, 256 px, model.dtype=int8, against the tuned peer in bf16", forward("unet", 256, dtype="int8"),
        peer_forward("unet", 256), 0.7),
    Row("unet-int8-openvino", "UNet forward with guidance, 256 px, model.dtype=int8, against OpenVINO in bf16", forward("unet", 256, dtype="int8"), openvino("unet"), 1.0),
    Row("vae-encode", "VAE encode, 256 px", forward("vae_encode", 256), peer_forward("vae_encode", 256), 0.7),
    Row("vae-encode-512", "VAE encode, 512 px", forward("vae_encode", 512, steps=5), peer_forward("vae_encode", 512, steps=4), 0.7),
    Row("vae-encode-int8", "VAE encode, 256 px, train.cache_dtype=int8, against the tuned peer in bf16", forward("vae_encode", 256, dtype="int8"), peer_forward("vae_encode", 256), 0.7),
    Row("vae-encode-512-int8", "VAE encode, 512 px, train.cache_dtype=int8, against the tuned peer in bf16", forward("vae_encode", 512, steps=5, dtype="int8"),
        peer_forward("vae_encode", 512, steps=4), 0.7),
    Row("vae-decode", "VAE decode, 256 px", forward("vae_decode", 256), peer_forward("vae_decode", 256), 0.7),
    Row("vae-decode-512", "VAE decode, 512 px", forward("vae_decode", 512, steps=5), peer_forward("vae_decode", 512, steps=4), 0.7),
    Row("vae-decode-openvino", "VAE decode, 256 px, against OpenVINO", forward("vae_decode", 256), openvino("vae_decode"), 1.0),
    Row("vae-decode-512-openvino", "VAE decode, 512 px, against OpenVINO", forward("vae_decode", 512, steps=5), openvino("vae_decode", 512, 5), 1.0),
    Row("vae-encode-openvino", "VAE encode, 256 px, against OpenVINO", forward("vae_encode", 256), openvino("vae_encode"), 1.0),
    Row("vae-encode-512-openvino", "VAE encode, 512 px, against OpenVINO", forward("vae_encode", 512, steps=5), openvino("vae_encode", 512, 5), 1.0),
    # The peer's loop keeps nothing that could slow it down: a quarter of them tell its time.
    Row("latents", "latent cache, a picture of 512 px: read, resized, encoded, kept", ("latents", LATENTS | dict(count=1000, dtype="bf16")), PEER_LATENTS, 0.75),
    Row("latents-int8", "latent cache, a picture of 512 px, train.cache_dtype=int8", ("latents", LATENTS | dict(count=250, dtype="int8")), PEER_LATENTS, 0.75),
    Row("text", "text encoder, batch 2", TEXT, PEER_TEXT, 0.7),
    Row("text-openvino", "text encoder, batch 2, against OpenVINO", TEXT, OPENVINO_TEXT, 1.0),
    Row("text-int8", "text encoder, batch 2, train.cache_dtype=int8, against the tuned peer in bf16", TEXT_INT8, PEER_TEXT, 0.7),
    Row("text-int8-openvino", "text encoder, batch 2, train.cache_dtype=int8, against OpenVINO in bf16", TEXT_INT8, OPENVINO_TEXT, 1.0),
    Row("picture", "text to image, 256 px, 20 steps, against diffusers", picture(256), peer_picture(256), 0.7, 0.6),
    Row("picture-openvino", "text to image, 256 px, 20 steps, against OpenVINO", picture(256), peer_picture(256, "openvino"), 1.0, 0.6),
    Row("picture-512", "text to image, 512 px, 20 steps, against diffusers", picture(512, count=2), peer_picture(512, count=2), 0.7, 0.6),
    Row("picture-512-openvino", "text to image, 512 px, 20 steps, against OpenVINO", picture(512, count=2), peer_picture(512, "openvino", count=2), 1.0, 0.6),
    Row("picture-int8", "text to image, 256 px, model.dtype=int8, against diffusers in bf16", picture(256, dtype="int8"), peer_picture(256), 0.7, 0.6),
    Row("picture-int8-openvino", "text to image, 256 px, model.dtype=int8, against OpenVINO in bf16", picture(256, dtype="int8"), peer_picture(256, "openvino"), 1.0, 0.6),
    Row("picture-512-int8", "text to image, 512 px, model.dtype=int8, against diffusers in bf16", picture(512, count=2, dtype="int8"),
        peer_picture(512, count=2), 0.7, 0.6),
    Row("picture-512-int8-openvino", "text to image, 512 px, model.dtype=int8, against OpenVINO in bf16", picture(512, count=2, dtype="int8"), peer_picture(512, "openvino", count=2), 1.0, 0.6),
    Row("job", "the demonstration's whole job, 300 steps of 8 pictures, command to adapter, against diffusers' script on the same data and model",
        ("train", {"sample.prompts": "[]", "export.merged": False}), job(), 0.3, measure="whole", full_size=False),
    Row("job-bf16", "the demonstration's whole job with model.dtype=bf16, the script in fp32, as it runs",
        ("train", {"model.dtype": "bf16", "sample.prompts": "[]", "export.merged": False}), job(), 0.3, measure="whole", full_size=False),
]

# Cost as work grows: one of these at a time away from 256 px, batch 1, rank 16.
GROWTH = [Row(f"growth-px-{px}", f"{px} px", step(px=px, steps=5), peer_step(**TUNED, px=px, steps=4)) for px in (256, 512, 768)]
GROWTH += [Row(f"growth-batch-{n}", f"batch {n}", step(batch=n, steps=5), peer_step(**TUNED, batch=n, steps=4)) for n in (2, 4, 8)]
GROWTH += [Row(f"growth-rank-{r}", f"rank {r}", step(rank=r, steps=6), peer_step(**TUNED, rank=r, steps=5)) for r in (4, 64, 128)]

# Minutes instead of an hour: that a measurement works, not what it says.
SHORT = [
    Row("picture-short", "text to image, 256 px, 2 steps: that the measurement works", picture(256, 2, 2), peer_picture(256, "torch", 2, 2)),
    Row("picture-short-openvino", "the same against OpenVINO", picture(256, 2, 2), peer_picture(256, "openvino", 2, 2)),
]
