"""Objectives, loss weights and noise shapes as small tables in float64, each from its published formula.

The signal-to-noise ratio is abar / (1 - abar) of the stored in.alphas_cumprod; use that table, because 1 - abar loses digits at small timesteps.
"""

import math

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from diffusers.schedulers.scheduling_ddpm import rescale_zero_terminal_snr

from common import TRAINER, normal, save

OUT = TRAINER / "objectives"
T = torch.tensor([0, 1, 10, 100, 250, 500, 750, 900, 999])
f64 = torch.float64


def ratio():
    abar = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear").alphas_cumprod
    return abar, (abar.double() / (1 - abar.double()))[T]


def weights():
    abar, snr = ratio()
    capped = snr.clamp(max=1000)
    out = {"out.snr": snr}
    for gamma in (1.0, 5.0, 20.0):
        out[f"out.min_snr.epsilon.{gamma:g}"] = snr.clamp(max=gamma) / snr
        out[f"out.min_snr.v.{gamma:g}"] = snr.clamp(max=gamma) / (snr + 1)
        out[f"out.min_snr.x0.{gamma:g}"] = snr.clamp(max=gamma)
    out |= {"out.debiased.epsilon": capped.rsqrt(), "out.debiased.v": 1 / (capped + 1), "out.v_like_epsilon": snr / (snr + 1)}
    for k, gamma in ((1.0, 0.5), (1.0, 1.0)):
        out[f"out.p2.{k:g}.{gamma:g}"] = (k + snr) ** -gamma
    save(OUT / "weights.safetensors", {"in.alphas_cumprod": abar, "in.timesteps": T} | out,
         min_snr="Hang et al. 2023: min(snr, gamma) / snr for epsilon, / (snr + 1) for v, min(snr, gamma) for x0",
         debiased="Yu et al. 2023, debiased estimation: 1 / sqrt(snr) for epsilon; kohya's form for v, 1 / (snr + 1); snr at most 1000 in both",
         v_like_epsilon="kohya's scale_v_pred_loss_like_noise_pred: snr / (snr + 1)", p2="Choi et al. 2022: 1 / (k + snr)^gamma; names p2.K.GAMMA")


def zero_terminal():
    for name, start, end in (("scaled_linear", 0.00085, 0.012), ("linear", 0.0001, 0.02)):
        betas = DDPMScheduler(beta_start=start, beta_end=end, beta_schedule=name).betas
        rescaled = rescale_zero_terminal_snr(betas.double())
        save(OUT / f"zero-terminal-{name}.safetensors",
             {"in.betas": betas, "out.betas": rescaled, "out.alphas_cumprod": torch.cumprod(1 - rescaled, 0)},
             source="Lin et al. 2023, algorithm 1, by diffusers 0.35.2 in float64", beta_schedule=name)


def huber():
    abar, _ = ratio()
    delta, c0, scale = torch.linspace(-3, 3, 13, dtype=f64), 0.1, 1.5
    sigma = ((1 - abar.double()) / abar.double()).sqrt()[T]
    c = {
        "constant": torch.full((len(T),), c0, dtype=f64) * scale,
        "exponential": (math.log(c0) / 1000 * T.double()).exp() * scale,
        "snr": ((1 - c0) / (1 + sigma) ** 2 + c0) * scale,
    }
    out = {f"out.c.{k}": v for k, v in c.items()}
    for k, v in c.items():
        grid = (delta[None, :] ** 2 + v[:, None] ** 2).sqrt() - v[:, None]
        out |= {f"out.huber.{k}": 2 * v[:, None] * grid, f"out.smooth_l1.{k}": 2 * grid}
    save(OUT / "huber.safetensors", {"in.alphas_cumprod": abar, "in.timesteps": T, "in.difference": delta} | out, huber_c=c0, huber_scale=scale,
         source="kohya sd-scripts: pseudo-Huber 2 c (sqrt(d^2 + c^2) - c), smooth L1 2 (sqrt(d^2 + c^2) - c); rows are timesteps, columns differences",
         c="constant c0; exponential exp(ln(c0) t / 1000); snr (1 - c0) / (1 + sigma)^2 + c0 with sigma = sqrt((1 - abar) / abar); all times huber_scale")


def noises():
    """Pyramid noise sums octaves, each enlarged bilinearly and discounted, then divides by the deviation of the whole tensor (n - 1)."""
    h, w, discount, factors = 12, 16, 0.4, [2.0, 2.5, 3.75, 2.25, 3.0, 2.0]
    base, total, tensors, sizes = normal(2, 4, h, w, of="pyramid", dtype=f64), None, {}, []
    total = base.clone()
    for i, r in enumerate(factors):
        size = max(1, int(h / r**i)), max(1, int(w / r**i))
        octave = normal(2, 4, *size, of=("octave", i), dtype=f64)
        total += F.interpolate(octave, size=(h, w), mode="bilinear", align_corners=False) * discount**i
        tensors[f"in.octave.{i}"] = octave
        sizes.append(size)
        if 1 in size:
            break
    shift, extra = normal(2, 4, 1, 1, of="offset", dtype=f64), normal(2, 4, h, w, of="perturbation", dtype=f64)
    save(OUT / "noise.safetensors", {
        "in.noise": base, **tensors, "in.offset": shift, "in.perturbation": extra, "out.pyramid": total / total.std(),
        "out.offset": base + 0.05 * shift, "out.perturbed": base + 0.1 * extra,
    }, pyramid=dict(discount=discount, factors=factors[: len(sizes)], sizes=sizes), noise_offset=0.05, input_perturbation=0.1,
        source="pyramid: Whitaker 2023, multi-resolution noise, in kohya's form: octave i has size max(1, int(side / factor_i^i)), stops at a side of 1, "
               "is weighted discount^i; offset: Guttenberg 2023, noise + strength * one number a channel; "
               "perturbation: Ning et al. 2023, the noised input takes noise + strength * extra, the target stays noise")


def masked():
    prediction, target = normal(2, 4, 6, 8, of="masked.prediction", dtype=f64), normal(2, 4, 6, 8, of="masked.target", dtype=f64)
    mask = torch.rand(2, 1, 48, 64, dtype=f64, generator=torch.Generator().manual_seed(5))
    small = F.interpolate(mask, size=(6, 8), mode="area")
    error = (prediction - target) ** 2 * small
    save(OUT / "masked.safetensors", {
        "in.prediction": prediction, "in.target": target, "in.mask": mask, "out.mask": small, "out.loss": error.mean(),
        "out.loss_a_sample": error.mean((1, 2, 3)), "out.normalised_a_sample": error.sum((1, 2, 3)) / (small.sum((1, 2, 3)) * 4),
    }, source="kohya sd-scripts: the mask, averaged to the latents' size, multiplies the squared error before the mean over all elements; "
              "normalised_a_sample divides by the mask's sum instead, so that a small mask does not weaken a sample")


def targets():
    abar, _ = ratio()
    x, n = normal(9, 2, 3, 3, of="targets.x", dtype=f64), normal(9, 2, 3, 3, of="targets.n", dtype=f64)
    a, s = abar.double()[T].sqrt().view(-1, 1, 1, 1), (1 - abar.double()[T]).sqrt().view(-1, 1, 1, 1)
    noisy, v = a * x + s * n, a * n - s * x
    save(OUT / "targets.safetensors", {"in.alphas_cumprod": abar, "in.timesteps": T, "in.latents": x, "in.noise": n, "out.noisy": noisy, "out.epsilon": n,
                                       "out.v": v, "out.x0": x, "out.x0_from_epsilon": (noisy - s * n) / a, "out.x0_from_v": a * noisy - s * v,
                                       "out.epsilon_from_v": a * v + s * noisy},
         source="Ho et al. 2020 (epsilon), Salimans and Ho 2022 (v = sqrt(abar) noise - sqrt(1 - abar) x)")


def timesteps():
    """Integer timesteps from a number u in [0, 1): floor(u * 1000); logit-normal takes u = 1 / (1 + exp(-(mean + deviation * z)))."""
    z, u = normal(16, of="timesteps.z", dtype=f64), torch.rand(16, dtype=f64, generator=torch.Generator().manual_seed(6))
    at = lambda u, low=0, high=1000: (low + (u * (high - low)).floor()).long().clamp(max=high - 1)
    i = torch.arange(16, dtype=f64)
    save(OUT / "timesteps.safetensors", {"in.z": z, "in.u": u, "out.uniform": at(u), "out.range_200_800": at(u, 200, 800),
                                         "out.logit_normal": at(torch.sigmoid(z)), "out.logit_normal_shifted": at(torch.sigmoid(0.5 + 1.5 * z)),
                                         "out.stratified": at((i + u) / 16)},
         logit_normal="mean 0, deviation 1; shifted: mean 0.5, deviation 1.5 (Esser et al. 2024)", stratified="sample i of 16 takes (i + u_i) / 16")


def ema():
    """The average after each of 20 steps, with decay min(decay, (1 + step) / (10 + step)) and without warm-up."""
    values = normal(20, 5, of="ema", dtype=f64)
    plain, warm, rows = values[0].clone(), values[0].clone(), ([], [])
    for step in range(1, 21):
        value = values[step - 1]
        warmed = min(0.95, (1 + step) / (10 + step))
        plain, warm = 0.95 * plain + 0.05 * value, warmed * warm + (1 - warmed) * value
        rows[0].append(plain), rows[1].append(warm)
    save(OUT / "ema.safetensors", {"in.values": values, "out.plain": torch.stack(rows[0]), "out.warm": torch.stack(rows[1])}, decay=0.95,
         start="the average starts at in.values[0], then takes in.values[0] to in.values[19], steps counted from 1")


if __name__ == "__main__":
    for make in (weights, zero_terminal, huber, noises, masked, targets, timesteps, ema):
        make()
