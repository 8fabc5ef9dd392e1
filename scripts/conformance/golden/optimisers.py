"""Optimisers over 100 steps on given gradients, and learning-rate schedules as tables.

The gradient of parameter NAME at step t (from 0) is in.gradient.NAME[t % 7] * in.scale[t], in fp32. out.STEP.NAME is the parameter after STEP steps.
"""

import os
import sys
from pathlib import Path

import torch
from lion_pytorch import Lion
from prodigyopt import Prodigy
from schedulefree import AdamWScheduleFree
from transformers import optimization

from common import TRAINER, normal, save

OUT = TRAINER / "optimisers"
STEPS, CYCLE, KEPT = 100, 7, (1, 2, 10, 50, 100)
SHAPES = {"matrix": (12, 5), "wide": (3, 10), "convolution": (4, 3, 3, 3), "vector": (9,)}
MATRICES = {k: v for k, v in SHAPES.items() if len(v) > 1}


class Muon(torch.optim.Optimizer):
    """Keller Jordan, "Muon: An optimizer for hidden layers in neural networks" (2024), the step of torch.optim.Muon, which torch 2.7 has not:
    Nesterov momentum, five quintic Newton-Schulz iterations, decoupled weight decay. Iterations in fp32 here, not in bf16."""

    def __init__(self, params, lr, momentum, weight_decay, nesterov, steps, adjust):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov, steps=steps, adjust=adjust))

    @staticmethod
    def orthogonal(g, steps, a=3.4445, b=-4.7750, c=2.0315):
        x = g / g.norm().clamp(min=1e-7)
        tall = x.shape[0] > x.shape[1]
        x = x.T if tall else x
        for _ in range(steps):
            gram = x @ x.T
            x = a * x + (b * gram + c * gram @ gram) @ x
        return x.T if tall else x

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                average = self.state[p].setdefault("momentum", torch.zeros_like(p))
                average.lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(average, group["momentum"]) if group["nesterov"] else average
                flat = self.orthogonal(update.flatten(1), group["steps"])
                rows, columns = flat.shape
                factor = max(1, rows / columns) ** 0.5 if group["adjust"] == "original" else 0.2 * max(rows, columns) ** 0.5
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(flat.view_as(p), alpha=-group["lr"] * factor)


def parameters(shapes, case):
    return {k: torch.nn.Parameter(normal(*s, of=("parameter", k)) * 0.3) for k, s in shapes.items()}


def run(case, make, shapes=SHAPES, steps=STEPS, around=lambda opt, train: None, more=lambda opt, params: {}, **facts):
    params = parameters(shapes, case)
    # The cycle's gradients differ by two orders of magnitude, as training's do.
    cycle = {k: normal(CYCLE, *s, of=("gradient", k)) * torch.logspace(-2, 0, CYCLE).view(-1, *[1] * len(s)) for k, s in shapes.items()}
    scale = (normal(STEPS, of="scale") * 0.5).exp()
    tensors = {f"in.parameter.{k}": p for k, p in params.items()} | {f"in.gradient.{k}": g for k, g in cycle.items()} | {"in.scale": scale}
    tensors = {k: v.detach().clone() for k, v in tensors.items()}
    opt = make(list(params.values()))
    around(opt, True)
    for t in range(steps):
        for k, p in params.items():
            p.grad = cycle[k][t % CYCLE] * scale[t]
        opt.step()
        if t + 1 in KEPT:
            around(opt, False)
            tensors |= {f"out.{t + 1}.{k}": p.detach().clone() for k, p in params.items()}
            around(opt, True)
    tensors |= more(opt, params)
    save(OUT / f"{case}.safetensors", tensors, settings={k: v for k, v in opt.defaults.items() if isinstance(v, (int, float, bool, str, tuple, type(None)))},
         **facts)


def adamw8bit():
    """bitsandbytes lives apart: diffusers and PEFT import it when they find it, which costs every start seconds."""
    sys.path.append(os.environ.get("ATELIER_BITSANDBYTES", str(Path(sys.prefix) / "bitsandbytes")))
    import bitsandbytes

    def states(opt, params):
        kept = {}
        for k, p in params.items():
            kept |= {f"out.state.{k}.{n}": opt.state[p][n] for n in ("state1", "state2", "absmax1", "absmax2")}
        first = opt.state[next(iter(params.values()))]
        return kept | {"out.code.signed": first["qmap1"], "out.code.unsigned": first["qmap2"]}

    make = lambda p: bitsandbytes.optim.AdamW8bit(p, lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, min_8bit_size=1)
    run("adamw8bit", make, {"matrix": (20, 30), "short": (7, 9)}, more=states, reference=f"bitsandbytes {bitsandbytes.__version__}, CPU", block=256)


def optimisers():
    run("adamw", lambda p: torch.optim.AdamW(p, lr=1e-2, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.05), reference="torch 2.7.1")
    run("sgd-nesterov", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01), reference="torch 2.7.1, coupled weight decay")
    fixed = dict(scale_parameter=False, relative_step=False, warmup_init=False, eps=(1e-30, 1e-3), clip_threshold=1.0, decay_rate=-0.8)
    adafactor = optimization.Adafactor
    run("adafactor", lambda p: adafactor(p, lr=1e-2, beta1=None, weight_decay=0.0, **fixed), reference="transformers 4.57.6")
    run("adafactor-momentum", lambda p: adafactor(p, lr=1e-2, beta1=0.9, weight_decay=0.01, **fixed), reference="transformers 4.57.6")
    run("adafactor-relative", lambda p: adafactor(p, lr=None, scale_parameter=True, relative_step=True, warmup_init=True), reference="transformers 4.57.6")
    run("prodigy", lambda p: Prodigy(p, lr=1.0, weight_decay=0.01, d0=1e-3), reference="prodigyopt 1.1.2")
    run("prodigy-safeguard", lambda p: Prodigy(p, lr=1.0, betas=(0.9, 0.99), weight_decay=0.01, use_bias_correction=True, safeguard_warmup=True, d0=1e-3,
                                               d_coef=2.0), reference="prodigyopt 1.1.2")
    run("lion", lambda p: Lion(p, lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1), reference="lion-pytorch 0.2.5")
    schedulefree = dict(around=lambda opt, train: opt.train() if train else opt.eval(), reference="schedulefree 1.4.1",
                        kept="out.STEP.NAME is the averaged parameter x; training evaluates gradients at y = lerp(x, z, 1 - beta1)",
                        more=lambda opt, params: {f"out.y.{k}": p.detach().clone() for k, p in params.items()})
    run("schedule-free-adamw", lambda p: AdamWScheduleFree(p, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.01, warmup_steps=10), **schedulefree)
    for adjust in ("original", "match_rms_adamw"):
        run(f"muon-{adjust.replace('_', '-')}", lambda p: Muon(p, 1e-2, 0.95, 0.05, True, 5, adjust), MATRICES,
            reference="the published algorithm, written out in this generator; convolutions as matrices [out, in * kh * kw]")
    adamw8bit()


def rates():
    """The factor on the base rate for each of 100 steps (10 of warm-up); the rate of step t is that set before its update."""
    def table(make):
        opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule, rates = make(opt), []
        for _ in range(STEPS):
            rates.append(opt.param_groups[0]["lr"])
            opt.step()
            schedule.step()
        return torch.tensor(rates, dtype=torch.float64)

    o = optimization
    rex = lambda x: (1 - x) / (0.5 + 0.5 * (1 - x))
    save(OUT / "schedules.safetensors", {
        "out.constant": table(lambda p: o.get_constant_schedule_with_warmup(p, 10)),
        "out.linear": table(lambda p: o.get_linear_schedule_with_warmup(p, 10, STEPS)),
        "out.cosine": table(lambda p: o.get_cosine_schedule_with_warmup(p, 10, STEPS)),
        "out.restarts": table(lambda p: o.get_cosine_with_hard_restarts_schedule_with_warmup(p, 10, STEPS, num_cycles=3)),
        "out.polynomial": table(lambda p: o.get_polynomial_decay_schedule_with_warmup(p, 10, STEPS, lr_end=1e-3, power=2.0)),
        "out.cosine_minimum": table(lambda p: o.get_cosine_with_min_lr_schedule_with_warmup(p, 10, STEPS, min_lr_rate=0.1)),
        "out.one_cycle": table(lambda p: torch.optim.lr_scheduler.OneCycleLR(p, max_lr=1.0, total_steps=STEPS + 1, pct_start=0.3, cycle_momentum=False)),
        "out.rex": torch.tensor([t / 10 if t < 10 else rex((t - 10) / (STEPS - 10)) for t in range(STEPS)], dtype=torch.float64),
    }, steps=STEPS, warmup=10, restarts="3 cycles", polynomial="power 2, end 1e-3 of the base rate", cosine_minimum="tenth of the base rate",
        one_cycle="torch OneCycleLR(max_lr=1, total_steps=101, pct_start=0.3), no warm-up of its own, 1/25 of the rate at the start",
        rex="Chen et al. 2021, REX: (1 - x) / (1/2 + (1 - x)/2) after linear warm-up; x the share of the steps after it", reference="transformers 4.57.6, torch 2.7.1")


if __name__ == "__main__":
    optimisers()
    rates()
