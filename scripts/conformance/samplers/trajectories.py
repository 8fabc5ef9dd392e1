"""Golden trajectories of every sampler, for the tests of atelier.inference.sampler.

    python scripts/conformance/samplers/trajectories.py
writes inference/src/test/resources/atelier/inference/sampler/trajectories.json. Needs diffusers 0.35.2, torch 2.7.1,
scipy, torchsde 0.2.6, k-diffusion 0.1.1.post1 (the last two for the samplers that come from there).

The model is a formula, so that the golden file needs no weights: out = 0.7 x cos(t / 1000) + 0.1 tanh(x).
"""
import importlib
import inspect
import json
import sys
import types
from pathlib import Path

import diffusers
import torch
from diffusers.configuration_utils import FrozenDict

OUT = Path(__file__).parents[3] / "inference/src/test/resources/atelier/inference/sampler/trajectories.json"
SHAPE = (1, 4, 2, 2)
SEED = 42

SD1 = dict(_class_name="PNDMScheduler", beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
           clip_sample=False, num_train_timesteps=1000, set_alpha_to_one=False, skip_prk_steps=True, steps_offset=1)
SD2 = dict(_class_name="DDIMScheduler", beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
           clip_sample=False, num_train_timesteps=1000, set_alpha_to_one=False, skip_prk_steps=True, steps_offset=1,
           prediction_type="v_prediction")
ZERO = dict(SD2, rescale_betas_zero_snr=True, timestep_spacing="trailing")
BARE = dict(_class_name="DDPMScheduler")
COSINE = dict(_class_name="DDPMScheduler", beta_schedule="squaredcos_cap_v2", prediction_type="sample")
PRK = dict(SD1, skip_prk_steps=False)
SAMPLE = dict(SD1, prediction_type="sample")
MODELS = dict(sample=SAMPLE, sd1=SD1, sd2=SD2, zero=ZERO, bare=BARE, cosine=COSINE, prk=PRK)

CLASSES = dict(ddpm="DDPM", ddim="DDIM", pndm="PNDM", euler="EulerDiscrete", euler_ancestral="EulerAncestralDiscrete",
               heun="HeunDiscrete", lms="LMSDiscrete", dpm2="KDPM2Discrete", dpm2_ancestral="KDPM2AncestralDiscrete",
               dpmpp_2s_ancestral="LMSDiscrete", dpmpp_2m="DPMSolverMultistep", dpmpp_sde="DPMSolverSDE",
               dpmpp_2m_sde="DPMSolverMultistep", dpmpp_3m_sde="LMSDiscrete", unipc="UniPCMultistep",
               deis="DEISMultistep", lcm="LCM")
ALL = list(CLASSES)
SPACED = [k for k in ALL if "use_karras_sigmas" in inspect.signature(
    (getattr(diffusers, CLASSES[k] + "Scheduler", None) or diffusers.HeunDiscreteScheduler).__init__).parameters]


def k_diffusion():
    """k-diffusion's samplers without the rest of the package, whose dependencies are many."""
    import importlib.util
    package = types.ModuleType("k_diffusion")
    package.__path__ = [str(Path(importlib.util.find_spec("torchsde").origin).parents[1] / "k_diffusion")]
    sys.modules["k_diffusion"] = package
    for name in ["torchdiffeq", "torchvision", "torchvision.transforms"]:
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules["torchdiffeq"].odeint = None
    sys.modules["torchvision"].transforms = sys.modules["torchvision.transforms"]
    sys.modules["torchvision.transforms"].functional = None
    return importlib.import_module("k_diffusion.sampling"), importlib.import_module("k_diffusion.external")


def model(x, t):
    t = torch.as_tensor(t, dtype=torch.float64)
    return 0.7 * x * torch.cos(t / 1000).to(torch.float32) + 0.1 * torch.tanh(x)


def scheduler(kind, config, sigmas, spacing, own_too, **more):
    own = getattr(diffusers, config["_class_name"]).from_config(config)
    new = dict(own.config)  # what diffusers' Stable Diffusion pipelines do to the scheduler they are given
    if new.get("steps_offset", 1) != 1:
        new["steps_offset"] = 1
    if new.get("clip_sample", False):
        new["clip_sample"] = False
    if own_too:
        own._internal_dict = FrozenDict(new)
        return own
    if sigmas != "plain":
        more[f"use_{sigmas}_sigmas"] = True
    if spacing:
        more["timestep_spacing"] = spacing
    name = CLASSES[kind]
    module = importlib.import_module("diffusers.schedulers.scheduling_dpmsolver_sde") if name == "DPMSolverSDE" \
        else diffusers
    return getattr(module, name + "Scheduler").from_config(new, **more)


def by_diffusers(kind, config, steps, sigmas, spacing, start, own):
    more = {}
    if kind == "dpmpp_2m_sde":
        more["algorithm_type"] = "sde-dpmsolver++"
    if kind == "dpmpp_sde":
        more["noise_sampler_seed"] = SEED
    s = scheduler(kind, config, sigmas, spacing, own, **more)
    s.set_timesteps(steps)
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(SHAPE, generator=generator)
    first = start * s.order
    if start:
        if hasattr(s, "set_begin_index"):
            s.set_begin_index(first)
        x = s.add_noise(0.5 * torch.cos(torch.arange(16.0)).reshape(SHAPE), noise, s.timesteps[first:first + 1])
    else:
        x = noise * s.init_noise_sigma
    extra = {"generator": generator} if "generator" in inspect.signature(s.step).parameters else {}
    trace = []
    initial = x
    for t in s.timesteps[first:]:
        x = s.step(model(s.scale_model_input(x, t), t), t, x, **extra).prev_sample
        trace.append(x.flatten()[:4].tolist())
    return initial, [float(t) for t in s.timesteps[first:]], trace, x


def by_k_diffusion(kind, config, steps, sigmas, spacing, start, own):
    assert start == 0
    sampling, external = k_diffusion()
    s = scheduler(kind, config, sigmas, spacing, own)
    s.set_timesteps(steps)
    wrapper = external.DiscreteVDDPMDenoiser if s.config.prediction_type == "v_prediction" \
        else external.DiscreteEpsDDPMDenoiser
    asked = []

    def ask(x, t):
        asked.append(t.item())
        return model(x, t)

    denoiser = wrapper(ask, s.alphas_cumprod, quantize=False)
    generator = torch.Generator().manual_seed(SEED)
    initial = torch.randn(SHAPE, generator=generator) * s.sigmas[0]
    if kind == "dpmpp_2s_ancestral":
        noise = lambda a, b: torch.randn(SHAPE, generator=generator)
    else:
        noise = sampling.BrownianTreeNoiseSampler(initial, s.sigmas[s.sigmas > 0].min(), s.sigmas.max(), SEED)
    x = getattr(sampling, "sample_" + kind)(denoiser, initial, s.sigmas, noise_sampler=noise, disable=True)
    return initial, asked, [], x


def case(kind, name, steps, sigmas="plain", spacing=None, start=0, own=False):
    run = by_k_diffusion if kind in ("dpmpp_2s_ancestral", "dpmpp_3m_sde") else by_diffusers
    initial, timesteps, trace, x = run(kind, MODELS[name], steps, sigmas, spacing, start, own)
    short = lambda values: [float(f"{v:.8g}") for v in values]
    return dict(sampler=kind, model=name, steps=steps, sigmas=sigmas, spacing=spacing, start=start, seed=SEED, own=own,
                initial=short(initial.flatten().tolist()), timesteps=short(timesteps),
                trace=[short(t) for t in trace], final=short(x.flatten().tolist()))


def cases():
    for kind in ALL:
        for steps in (4, 20):
            yield case(kind, "sd1", steps)
            yield case(kind, "sd2", steps)
        for spacing in [] if kind == "lcm" else ["leading", "linspace", "trailing"]:
            yield case(kind, "sd1", 9, spacing=spacing)
        if kind not in ("dpmpp_2s_ancestral", "dpmpp_3m_sde", "lcm"):
            yield case(kind, "sd1", 10, start=4)
        yield case(kind, "bare", 7)
        if kind not in ("pndm", "euler_ancestral", "dpm2", "dpm2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde",
                        "dpmpp_3m_sde"):
            # Heun's method magnifies the rounding of the cosine schedule's first noise level, 20,000, too much.
            yield case(kind, "sample" if kind == "heun" else "cosine", 8)
    for kind in ["ddpm", "ddim", "euler", "euler_ancestral", "dpmpp_2m", "dpmpp_2m_sde", "unipc"]:
        yield case(kind, "zero", 12)
    for kind in SPACED:
        for sigmas in ("karras", "exponential", "beta"):
            yield case(kind, "sd1", 6, sigmas=sigmas)
    yield case("pndm", "prk", 11)
    for kind, name in [("ddpm", "bare"), ("pndm", "sd1"), ("ddim", "zero")]:
        yield case(kind, name, 5, own=True)


OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(dict(models=MODELS, cases=list(cases()))).replace('{"sampler"', '\n{"sampler"') + "\n")
