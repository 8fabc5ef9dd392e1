"""Every way of training, drawing, evaluating and exporting on a pretended card: each must end as it does on a CPU.

No kernel runs under the stub, so nothing is said about numbers; but PyTorch's own checks of layouts, types, shapes and devices are
made, and its choice of kernels. A cell that does not run is named with its error.

    check_matrix.py [WORD ...]   only the groups whose name holds one of the words
"""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("gpu", "live")]
import stub
from PIL import Image
from support import row, workspace

TINY = stub.ROOT / "diffusion/src/test/resources/golden/models"
BASE = stub.ROOT / "checkpoints/base"
ADAPTERS = sorted(p.stem for p in (stub.ROOT / "configs/adapter").glob("*.conf") if p.stem != "base")
OPTIMISERS = sorted(p.stem for p in (stub.ROOT / "configs/optimizer").glob("*.conf") if p.stem != "base")
OBJECTIVES = sorted(p.stem for p in (stub.ROOT / "configs/objective").glob("*.conf") if p.stem != "base")
SAMPLERS = ["ddpm", "ddim", "pndm", "euler", "euler_ancestral", "heun", "lms", "dpm2", "dpm2_ancestral", "dpmpp_2s_ancestral", "dpmpp_2m", "dpmpp_sde", "dpmpp_2m_sde",
            "dpmpp_3m_sde", "unipc", "deis", "lcm"]
DTYPES = ["fp32", "fp16", "bf16"]


def cause(done):
    """Why a process ended as it did, in its own words."""
    if done.code < 0 or done.code > 128:
        crash = [line.strip("# ") for line in done.said.splitlines() if "SIG" in line or "Problematic frame" in line]
        return f"a crash ({done.code}): " + " / ".join(crash[:2])
    errors = [line.removeprefix("error: ").strip() for line in done.said.splitlines() if line.startswith("error:") or "Error" in line or "Exception" in line]
    return f"exit {done.code}: " + (" / ".join(errors[:3]) or " / ".join(done.said.strip().splitlines()[-2:]))


class Matrix:
    def __init__(self, space, words):
        self.space, self.count, self.groups = space, 0, {}
        self.data = stub.pictures(space / "data", 16, 6)
        self.wanted = lambda name: not words or any(w in name for w in words)

    def report(self, name, cells, failed):
        told = f"{cells - len(failed)} of {cells} run" + "".join(f"; {cell}: {why}" for cell, why in failed.items())
        row(name, "each ends as on a CPU", told.replace(str(self.space), "FOLDER"), not failed)

    def training(self, *keys, model=TINY / "sd1", side=16):
        self.count += 1
        return stub.training(model, self.data, side, self.space / f"runs{self.count}", self.space / "cache", "train.steps=2", "train.batch_size=2", "adapter.rank=2",
                             "adapter.alpha=2", *keys)

    def sweep(self, name, words, key, values, **card):
        self.cells(name, {value: [*words, f"{key}={value}", *([f"run.name={key}-{value}"] if words[0] == "train" else [])] for value in values}, **card)

    def cells(self, name, cells, ends=(0,), **card):
        """Words by the cell's name, to be run with others that want the same card; a group may end in other ways than well."""
        if self.wanted(name):
            self.groups.setdefault(tuple(sorted(card.items())), []).append((name, cells, ends))

    def run(self):
        """All that was asked for: a process for each kind of card."""
        for card, groups in self.groups.items():
            expected = [(group, cell) for group in groups for cell in group[1]]
            ended, failed = iter(expected), {}

            def tell(done):
                (name, cells, ends), cell = next(ended)
                if done.code not in ends:
                    failed[cell] = cause(done)
                if cell == list(cells)[-1]:
                    self.report(name, len(cells), failed)
                    failed.clear()

            stub.cells([group[1][cell] for group, cell in expected], tell, **dict(card))
        self.groups = {}


def train(m):
    for model in ("sd1", "sd2", "sdxl"):
        for dtype in DTYPES:
            m.sweep(f"train, adapters, {model}, {dtype}", m.training(f"model.dtype={dtype}", "adapter.text_encoders=true", model=TINY / model), "adapter", ADAPTERS)
    for dtype in DTYPES:
        m.sweep(f"train, optimisers, {dtype}", m.training(f"model.dtype={dtype}"), "optimizer", OPTIMISERS)
        m.sweep(f"train, objectives, {dtype}", m.training(f"model.dtype={dtype}"), "objective", OBJECTIVES)
    m.sweep("train, full fine-tune", m.training("train.full_finetune=true", "export.merged=true", "train.batch_size=2", "train.gradient_checkpointing=true"), "model.dtype", ["fp32"])
    m.sweep("train, full fine-tune by optimiser", m.training("train.full_finetune=true", "export.merged=true", "model.dtype=fp32"), "optimizer", OPTIMISERS)
    m.sweep("train, how matrices begin", m.training("model.dtype=fp16"), "adapter.init", ["default", "gaussian", "orthogonal", "pissa", "olora"])
    m.sweep("train, timesteps", m.training("model.dtype=bf16"), "objective.timesteps", ["uniform", "logit_normal", "stratified"])
    m.sweep("train, prediction", m.training("model.dtype=bf16"), "objective.prediction_type", ["epsilon", "v_prediction", "sample"])
    m.sweep("train, cached in", m.training("model.dtype=fp16"), "train.cache_dtype", DTYPES)
    options = {
        "checkpointing": ["train.gradient_checkpointing=true"],
        "checkpointing of some blocks": ["train.gradient_checkpointing=true", "train.checkpointed_blocks=[down_blocks.0]"],
        "accumulation": ["train.gradient_accumulation=3"],
        "a moving average": ["optimizer.ema_decay=0.9"],
        "dropout": ["adapter.dropout=0.2"],
        "dropout of ranks": ["adapter.rank_dropout=0.2"],
        "dropout of modules": ["adapter.module_dropout=0.2"],
        "largest norm": ["adapter.max_norm=0.1"],
        "loha's row lengths": ["adapter=loha", "adapter.weight_decompose=true"],
        "Tucker": ["adapter=locon", "adapter.use_tucker=true"],
        "lokr of low rank twice": ["adapter=lokr", "adapter.decompose_both=true"],
        "resnets and samplers": ["adapter.targets=[attention,feed_forward,projections,resnets,samplers,time_embedding,other]"],
        "validation": ["validation.fraction=0.34", "validation.every=1"],
        "samples": ["sample.prompts=[picture]", "train.sample_every=1", "sample.steps=2"],
        "merged": ["export.merged=true", "export.formats=[kohya,peft,diffusers,single_file]"],
        "masks": ["data.mask=alpha", "objective.masked_loss=true"],
        "prior preservation": [f"data.prior_pairs={m.data}/pairs.csv", f"data.prior_images={m.data}", "objective.prior_loss_weight=0.5"],
        "buckets": ["data.buckets=true", "data.bucket_min=8", "data.bucket_max=32", "data.bucket_step=8"],
        "long captions": ["data.max_token_length=150"],
        "noise": ["objective.noise_offset=0.05", "objective.multires_noise_iterations=3", "objective.input_perturbation=0.1"],
        "saves": ["train.save_every=1", "train.keep_states=2"],
        "LoRA+": ["optimizer.lora_plus_ratio=4"],
    }
    for dtype in ("fp16", "bf16"):
        m.cells(f"train, options, {dtype}", {name: m.training(f"model.dtype={dtype}", *keys) for name, keys in options.items()})
    for card, sm in (("of 2018 (7.5)", "75"), ("of 2017 (6.1)", "61"), ("of 2022 (9.0)", "90")):
        m.sweep(f"train, a card {card}", m.training(), "model.dtype", DTYPES, FAKE_SM=sm)
    m.sweep("train, two cards", m.training("train.devices=[cuda:1]", "train.gradient_accumulation=2"), "model.dtype", DTYPES, devices=2)
    m.sweep("train, two cards, text encoders", m.training("train.devices=[cuda:1]", "adapter.text_encoders=true", "model.dtype=fp16", model=TINY / "sdxl"), "adapter", ADAPTERS, devices=2)


def resume(m):
    values = ["adamw", "adamw_8bit", "adafactor", "prodigy", "muon", "schedule_free_adamw"]
    for begins in (True, False):
        cells = {}
        for optimiser in values:
            words = m.training("model.dtype=fp16", f"optimizer={optimiser}", "optimizer.ema_decay=0.9", f"run.dir={m.space}/resumed", f"run.name={optimiser}")
            cells[optimiser] = words if begins else ["train", f"resume={m.space}/resumed/{optimiser}", "train.steps=4", "train.resume_anyway=true"]
        m.cells("train, resumed: the first half" if begins else "train, resumed: the second half", cells)


def generate(m):
    picture, mask = m.space / "picture.png", m.space / "mask.png"
    Image.new("RGB", (64, 64), (90, 120, 30)).save(picture)
    Image.new("L", (64, 64), 255).save(mask)

    def words(*keys, model=TINY / "sd1"):
        m.count += 1
        return ["generate", "device=cuda", f"model.path={model}", "prompt=red apple", "steps=4", f"out={m.space}/drawn{m.count}", *keys]

    for model in ("sd1", "sd2", "sdxl"):
        m.sweep(f"draw, {model}", words(model=TINY / model), "model.dtype", DTYPES)
    m.sweep("draw, the base model", words("batch_size=2", "count=3", model=BASE), "model.dtype", DTYPES)
    for dtype in ("fp16", "bf16"):
        m.sweep(f"draw, samplers, {dtype}", words(f"model.dtype={dtype}"), "sampler", SAMPLERS)
    cells = {
        "from a picture": [f"init_image={picture}", "strength=0.7"],
        "in a mask": [f"init_image={picture}", f"mask={mask}"],
        "hires": ["hires_scale=2"],
        "tiles": ["width=256", "height=256", "vae_tile=128"],
        "rescaled guidance": ["guidance_rescale=0.5", "guidance_start=0.2", "guidance_end=0.8"],
        "no guidance": ["guidance_scale=1"],
        "clip skip": ["clip_skip=1"],
        "the card's noise": ["rng=cuda"],
        "previews": ["preview_every=1"],
        "a long, weighted prompt": ["prompt=(red:1.3) apple, " + "very " * 90 + "ripe"],
    }
    m.cells("draw, options", {name: words("model.dtype=fp16", *keys, model=BASE) for name, keys in cells.items()})


def after(m):
    """What is done with a run: drawing with its adapter, evaluating, auditing, exporting."""
    m.count += 1
    runs = m.space / f"runs{m.count}"
    few = ["evaluation.prompts=4", "evaluation.seeds=1", "evaluation.neutral_seeds=1", "evaluation.steps=2", "evaluation.draws=100", "evaluation.references=20",
           "evaluation.loss_levels=2", "audit.images=8", "audit.steps=2", "audit.seeds=4", "audit.candidates=2", "audit.clique=3"]
    demo = ["train", "device=cuda", "model.dtype=fp16", "train.steps=2", "train.batch_size=4", "train.sample_every=0", "sample.steps=2", f"run.dir={runs}", "run.name=run",
            f"train.cache_dir={m.space}/cache"]
    run = f"run={runs}/run"
    tuned = runs / "run/merged"
    m.cells("a run's life", {
        "train": demo,
        "draw with the adapter": ["generate", "device=cuda", "model.dtype=fp16", "prompt=red apple", "steps=2", f"adapters=[{runs}/run/adapter.safetensors:0.8]",
                                  "adapter_strengths=[0,1]", f"out={runs}/drawn"],
        "evaluate": ["evaluate", "device=cuda", run, "evaluation.audit=false", *few],
        "export": ["export", run, "format=[kohya,peft,diffusers,merged,single_file]"],
        "export of a rank": ["export", run, "rank=4", f"out={runs}/smaller"],
        "extract": ["export", "run=null", f"tuned={tuned}", f"model.path={BASE}", "rank=4", f"out={runs}/extracted"],
    })
    # Whatever the verdict over black pictures is: 3 is one too.
    m.cells("a run's audit", {
        "evaluate with the audit": ["evaluate", "device=cuda", run, f"out={runs}/audited", *few],
        "train with the audit": [*demo, "run.name=audited", "audit.required=true", *[w for w in few if w.startswith("audit.")]],
    }, ends=(0, 3))


def refusals(m):
    """What cannot work is said, with what helps."""
    def said(name, bar, words, code, needed, **card):
        if m.wanted(name):
            done = stub.product(words, **card)
            errors = " / ".join(line.removeprefix("error: ") for line in done.said.splitlines() if line.startswith("error:"))
            row(name, bar, f"exit {done.code}: {errors or done.said[-300:]}".replace(str(m.space), "FOLDER"), done.code == code and all(any(n in errors for n in word.split("|")) for word in needed))

    said("no card", "exit 1, and why", m.training("model.dtype=fp16"), 1, ["cuda|GPU"], FAKE_NOGPU="1")
    said("a card too small", "exit 1, names checkpointing", m.training("model.dtype=fp32", "data.resolution=256", "train.batch_size=4", model=BASE), 1, ["memory", "gradient_checkpointing"], memory=0.06)


def main(words):
    stub.prepare()
    with workspace("gpu-stub") as space:
        m = Matrix(space, words)
        for part in (train, resume, generate, after):
            part(m)
        m.run()
        refusals(m)


if __name__ == "__main__":
    main(sys.argv[1:])
