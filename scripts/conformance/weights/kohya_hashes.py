"""The hashes of a made-up adapter and a made-up model file, computed by the functions of kohya's trainer themselves.

    kohya_hashes.py TRAIN_UTIL      sd-scripts' library/train_util.py, from a checkout of kohya-ss/sd-scripts

sd-scripts is no package, so its functions are taken out of the file that is named, without what it imports for training.
The tensors follow from a formula that the tests repeat: only the hashes are kept.
"""

import ast
import hashlib
import json
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import safetensors.torch
import torch

ROOT = Path(__file__).resolve().parents[3]
FUNCTIONS = {"precalculate_safetensors_hashes", "addnet_hash_legacy", "addnet_hash_safetensors", "model_hash", "calculate_sha256"}


def functions(file):
    """The named functions of a Python file, as a namespace."""
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in FUNCTIONS]
    missing = FUNCTIONS - {node.name for node in found}
    if missing:
        sys.exit(f"{file} lacks {sorted(missing)}; name library/train_util.py of sd-scripts")
    space = {"hashlib": hashlib, "BytesIO": BytesIO, "safetensors": safetensors}
    exec(compile(ast.Module(body=found, type_ignores=[]), str(file), "exec"), space)
    return space


def write(path, facts):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts, indent=1) + "\n")


def main(file):
    kohya = functions(file)
    # Long enough that the legacy hash, of 64 KiB from 1 MiB on, falls on tensors.
    values = torch.arange(300_000, dtype=torch.int64).mul(7919).remainder(10007).float().reshape(300, 1000)
    tensors = {"lora_unet_x.lora_up.weight": values, "lora_unet_x.alpha": torch.tensor(4.0)}
    metadata = {"ss_output_name": "cats", "ss_network_dim": "300", "modelspec.sai_model_spec": "1.0.1"}
    model, legacy = kohya["precalculate_safetensors_hashes"](tensors, metadata)
    write(ROOT / "diffusion/src/test/resources/golden/kohya/hashes.json", {"sshs_model_hash": model, "sshs_legacy_hash": legacy})
    with tempfile.NamedTemporaryFile() as base:
        base.write(bytes(i * 31 % 251 for i in range(0x120000)))
        base.flush()
        write(ROOT / "trainer/src/test/resources/golden/kohya/model-hashes.json",
              {"ss_sd_model_hash": kohya["model_hash"](base.name), "ss_new_sd_model_hash": kohya["calculate_sha256"](base.name)})


if __name__ == "__main__":
    main(*sys.argv[1:])
