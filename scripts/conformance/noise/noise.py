"""Golden values of torch's CPU generator and of diffusers' noise schedules, for the tests of atelier.diffusion.noise.

    python scripts/conformance/noise/noise.py
writes diffusion/src/test/resources/atelier/diffusion/noise/{random,schedules}.json (torch 2.7.1, diffusers 0.35.2).
"""
import json
from pathlib import Path

import torch
from diffusers import DDIMScheduler

OUT = Path(__file__).parents[3] / "diffusion/src/test/resources/atelier/diffusion/noise"


def bits(tensor):
    return tensor.contiguous().view(torch.int32).flatten().tolist()


def normals(seed, lengths):
    torch.manual_seed(seed)
    return {"seed": seed, "lengths": lengths, "bits": [bits(torch.randn(n)) for n in lengths]}


def random():
    cases = [normals(s, l) for s, l in [
        (0, [16]), (1, [15]), (42, [64, 3, 3, 64]), (2**32 + 5, [17, 31]), (-1, [33, 1, 1, 1]), (7, [1000])]]
    torch.manual_seed(3)
    uniform = bits(torch.rand(20))
    torch.manual_seed(1234)
    # A latent's checksum covers the long path with numbers few enough to keep.
    latent = torch.randn(1, 4, 64, 64)
    return {"normal": cases, "uniform": {"seed": 3, "bits": uniform},
            "latent": {"seed": 1234, "count": latent.numel(), "sum": latent.double().sum().item(),
                       "squares": latent.double().square().sum().item(), "last": bits(latent.flatten()[-8:])}}


def schedules():
    cases = []
    for config in [
        dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
        dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", rescale_betas_zero_snr=True),
        dict(beta_schedule="linear"),
        dict(beta_schedule="squaredcos_cap_v2"),
        dict(beta_schedule="linear", num_train_timesteps=7, beta_start=0.01, beta_end=0.2),
    ]:
        scheduler = DDIMScheduler(**config)
        n = len(scheduler.alphas_cumprod)
        steps = sorted({0, 1, 2, n // 3, n // 2 - 1, n // 2, n // 2 + 1, n - 3, n - 2, n - 1} & set(range(n)))
        torch.manual_seed(0)
        x, e = torch.randn(2, 6)
        t = n // 2
        cases.append({"config": config, "steps": steps, "alpha_bar": bits(scheduler.alphas_cumprod[steps]),
                      "x": bits(x), "noise": bits(e), "t": t,
                      "noised": bits(scheduler.add_noise(x, e, torch.tensor([t]))),
                      "velocity": bits(scheduler.get_velocity(x, e, torch.tensor([t])))})
    return cases


OUT.mkdir(parents=True, exist_ok=True)
for name, value in [("random", random()), ("schedules", schedules())]:
    (OUT / f"{name}.json").write_text(json.dumps(value) + "\n")
