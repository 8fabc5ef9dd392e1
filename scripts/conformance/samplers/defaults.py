"""The keys that each of diffusers' schedulers knows, with their defaults (diffusers 0.42.1).

    python scripts/conformance/samplers/defaults.py
writes inference/src/main/resources/atelier/inference/sampler/schedule/schedulers.json. A bare sampler name stands for that
class on the model's scheduler configuration: known keys of the model's file, else these values.
"""
import importlib
import inspect
import json
import math
from pathlib import Path

import diffusers

OUT = Path(__file__).parents[3] / "inference/src/main/resources/atelier/inference/sampler/schedule/schedulers.json"
NAMES = ["DDPM", "DDIM", "PNDM", "EulerDiscrete", "EulerAncestralDiscrete", "HeunDiscrete", "LMSDiscrete",
         "KDPM2Discrete", "KDPM2AncestralDiscrete", "DPMSolverMultistep", "DPMSolverSDE", "UniPCMultistep",
         "DEISMultistep", "LCM"]


def defaults(name):
    # DPMSolverSDE is hidden from the package's top when torchsde is absent; its signature is not.
    file = {"DPMSolverSDE": "scheduling_dpmsolver_sde"}.get(name)
    cls = getattr(importlib.import_module(f"diffusers.schedulers.{file}"), "DPMSolverSDEScheduler") if file else \
        getattr(diffusers, name + "Scheduler")
    parameters = inspect.signature(cls.__init__).parameters
    return {k: None if isinstance(p.default, float) and math.isinf(p.default) else p.default
            for k, p in parameters.items() if k not in ("self", "kwargs")}


OUT.parent.mkdir(parents=True, exist_ok=True)
lines = [f"  {json.dumps(n + 'Scheduler')}: {json.dumps(defaults(n))}" for n in NAMES]
OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
