"""What every setting of every scheduler of diffusers does to a trajectory, for atelier.inference.sampler's ModelSchedulerTest.

    python scripts/conformance/forms/schedulers.py
writes inference/src/test/resources/atelier/inference/sampler/settings.json: for each class its saved configuration, and for each setting and
value where a trajectory of six steps ends, as diffusers' Stable Diffusion pipeline runs it (steps_offset 1, clip_sample false); "error" where
diffusers itself refuses. Needs requirements.txt beside this file, torchsde 0.2.6 and scipy.
"""
import importlib
import inspect
import json
import tempfile
import warnings
from pathlib import Path

import diffusers
import torch
from diffusers.configuration_utils import FrozenDict

warnings.simplefilter("ignore")
diffusers.utils.logging.set_verbosity_error()
OUT = Path(__file__).parents[3] / "inference/src/test/resources/atelier/inference/sampler/settings.json"
SHAPE, SEED, STEPS = (1, 4, 2, 2), 42, 6
BETAS = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000)

SPACINGS = dict(timestep_spacing=["leading", "linspace", "trailing"], steps_offset=[0, 1, 2])
NOISE = dict(beta_schedule=["linear", "squaredcos_cap_v2"], beta_start=[0.001], beta_end=[0.02], num_train_timesteps=[500],
             trained_betas=[[0.01 + 0.00001 * i for i in range(1000)]], prediction_type=["epsilon", "v_prediction", "sample"])
SIGMAS = dict(use_karras_sigmas=[True], use_exponential_sigmas=[True], use_beta_sigmas=[True])
CLIP = dict(clip_sample=[True], clip_sample_range=[0.5])
THRESHOLD = dict(thresholding=[True], dynamic_thresholding_ratio=[0.9], sample_max_value=[2.0])
ZERO = dict(rescale_betas_zero_snr=[True])
FLOW = dict(use_flow_sigmas=[True], flow_shift=[3.0], use_dynamic_shifting=[True])
SOLVER = dict(solver_order=[1, 2, 3], lower_order_final=[True, False])
CLASSES = {
    "DDPMScheduler": NOISE | SPACINGS | CLIP | THRESHOLD | ZERO | dict(variance_type=["fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log", "learned", "learned_range"]),
    "DDIMScheduler": NOISE | SPACINGS | CLIP | THRESHOLD | ZERO | dict(set_alpha_to_one=[True, False]),
    "PNDMScheduler": NOISE | SPACINGS | dict(skip_prk_steps=[True, False], set_alpha_to_one=[True, False]),
    "LMSDiscreteScheduler": NOISE | SPACINGS | SIGMAS,
    "EulerDiscreteScheduler": NOISE | SPACINGS | SIGMAS | ZERO | dict(
        interpolation_type=["linear", "log_linear"], timestep_type=["discrete", "continuous"], final_sigmas_type=["zero", "sigma_min"],
        sigma_min=[0.1], sigma_max=[10.0]),
    "EulerAncestralDiscreteScheduler": NOISE | SPACINGS | ZERO,
    "HeunDiscreteScheduler": NOISE | SPACINGS | SIGMAS | CLIP,
    "KDPM2DiscreteScheduler": NOISE | SPACINGS | SIGMAS,
    "KDPM2AncestralDiscreteScheduler": NOISE | SPACINGS | SIGMAS,
    "DPMSolverMultistepScheduler": NOISE | SPACINGS | SIGMAS | THRESHOLD | ZERO | FLOW | SOLVER | dict(
        algorithm_type=["dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver"], solver_type=["midpoint", "heun"],
        final_sigmas_type=["zero", "sigma_min"], euler_at_final=[True], use_lu_lambdas=[True], lambda_min_clipped=[-3.0, -5.1],
        variance_type=["learned_range"]),
    "DPMSolverSinglestepScheduler": NOISE | SIGMAS | THRESHOLD | FLOW | SOLVER | dict(
        algorithm_type=["dpmsolver++", "dpmsolver"], solver_type=["midpoint", "heun"], final_sigmas_type=["zero", "sigma_min"]),
    "DPMSolverSDEScheduler": NOISE | SPACINGS | SIGMAS | dict(noise_sampler_seed=[SEED]),
    "UniPCMultistepScheduler": NOISE | SPACINGS | SIGMAS | THRESHOLD | ZERO | FLOW | SOLVER | dict(
        predict_x0=[True, False], solver_type=["bh1", "bh2"], disable_corrector=[[0], [0, 1]], sigma_min=[0.1], sigma_max=[10.0], shift_terminal=[0.1], final_sigmas_type=["zero", "sigma_min"]),
    "DEISMultistepScheduler": NOISE | SPACINGS | SIGMAS | THRESHOLD | FLOW | SOLVER | dict(
        algorithm_type=["deis"], solver_type=["logrho", "midpoint", "heun", "bh1"]),
    "LCMScheduler": NOISE | SPACINGS | CLIP | THRESHOLD | ZERO | dict(
        set_alpha_to_one=[True, False], original_inference_steps=[25, 100], timestep_scaling=[1.0]),
    "TCDScheduler": dict(original_inference_steps=[25]),
    "EDMEulerScheduler": dict(sigma_data=[1.0]),
    "EDMDPMSolverMultistepScheduler": dict(sigma_data=[1.0]),
    "SASolverScheduler": dict(predictor_order=[1]),
    "IPNDMScheduler": {},
}


def cls(name):
    file = "diffusers.schedulers.scheduling_dpmsolver_sde" if name == "DPMSolverSDEScheduler" else "diffusers"
    return getattr(importlib.import_module(file), name)


def model(x, t):
    t = torch.as_tensor(t, dtype=torch.float64)
    return 0.7 * x * torch.cos(t / 1000).to(torch.float32) + 0.1 * torch.tanh(x)


def saved(name):
    known = inspect.signature(cls(name).__init__).parameters
    with tempfile.TemporaryDirectory() as folder:
        cls(name)(**{k: v for k, v in (BETAS | dict(steps_offset=1, skip_prk_steps=True, clip_sample=False)).items() if k in known}).save_config(folder)
        return (Path(folder) / "scheduler_config.json").read_text()


def run(name, config):
    s = cls(name).from_config(config)
    new = dict(s.config)
    if new.get("steps_offset", 1) != 1:
        new["steps_offset"] = 1
    if new.get("clip_sample", False):
        new["clip_sample"] = False
    s._internal_dict = FrozenDict(new)
    if name == "DPMSolverSDEScheduler":
        s.noise_sampler_seed = SEED
    s.set_timesteps(STEPS)
    generator = torch.Generator().manual_seed(SEED)
    x = torch.randn(SHAPE, generator=generator) * s.init_noise_sigma
    extra = {"generator": generator} if "generator" in inspect.signature(s.step).parameters else {}
    for t in s.timesteps:
        x = s.step(model(s.scale_model_input(x, t), t), t, x, **extra).prev_sample
    if not torch.isfinite(x).all():
        raise ValueError("not finite")
    return [float(t) for t in s.timesteps], x.flatten().tolist()


def case(name, text, more):
    out = dict(scheduler=name, set=more)
    try:
        timesteps, final = run(name, json.loads(text) | more)
        out |= dict(timesteps=[float(f"{t:.7g}") for t in timesteps], final=[float(f"{v:.7g}") for v in final])
    except Exception as e:  # what diffusers refuses, whatever it says
        out |= dict(error=f"{type(e).__name__}: {e}"[:80])
    return out


configs = {name: saved(name) for name in CLASSES}
cases = []
for name, settings in CLASSES.items():
    cases.append(case(name, configs[name], {}))
    for key, values in settings.items():
        for value in values:
            cases.append(case(name, configs[name], {key: value}))
    both = [dict(prediction_type="v_prediction", rescale_betas_zero_snr=True, timestep_spacing="trailing"),
            dict(thresholding=True, prediction_type="v_prediction"), dict(clip_sample=True, clip_sample_range=0.3),
            dict(use_karras_sigmas=True, sigma_min=0.1, sigma_max=10.0), dict(use_karras_sigmas=True, final_sigmas_type="sigma_min"),
            dict(algorithm_type="dpmsolver", final_sigmas_type="sigma_min"), dict(algorithm_type="sde-dpmsolver", final_sigmas_type="sigma_min"),
            dict(algorithm_type="sde-dpmsolver++", solver_type="heun"), dict(algorithm_type="sde-dpmsolver++", solver_order=3),
            dict(use_karras_sigmas=True, timestep_spacing="trailing"), dict(lower_order_final=False, final_sigmas_type="sigma_min")]
    cases += [case(name, configs[name], more) for more in both if all(k in json.loads(configs[name], parse_constant=float) for k in more)]
OUT.write_text(json.dumps(dict(configs=configs, cases=cases)).replace('{"scheduler"', '\n{"scheduler"') + "\n")
print(len(cases), "cases,", sum("error" in c for c in cases), "refused by diffusers,", OUT.stat().st_size // 1024, "KiB")
