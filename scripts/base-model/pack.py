"""A training's state in one small file, to be carried to another machine: pack STATE FILE, unpack FILE STATE.

The averaged weights in float16; the raw ones as their 8-bit distance from these, a scale a row. The optimisers' momenta
are left behind: they are built up again within some fifty steps.
"""

import argparse
from pathlib import Path

import torch

import training

MODULES = ("vae", "unet", "text")


def rows(values):
    return values.reshape(len(values), -1) if values.ndim > 1 else values.reshape(1, -1)


def distance(raw, average):
    """(int8, a scale a row) of raw - average."""
    difference = rows((raw - average).float())
    scale = difference.abs().amax(1, keepdim=True).clamp(min=1e-12) / 127
    return (difference / scale).round().to(torch.int8), scale.squeeze(1)


def packed(state):
    raw = [(module, name, value) for module in MODULES if module in state for name, value in state[module].items()]
    # An average is kept for parameters alone, in the state's order; CLIP's text encoder has a buffer besides.
    parameters = [entry for entry in raw if entry[2].is_floating_point()]
    assert len(parameters) == len(state["average"]), "the state's weights and averages do not match"
    kept = {"average": [value.half() for value in state["average"]], "distance": [], "names": []}
    for (module, name, value), average in zip(parameters, kept["average"]):
        kept["distance"].append(distance(value, average.float()))
        kept["names"].append((module, name))
    buffers = [entry for entry in raw if not entry[2].is_floating_point()]
    rest = {key: value for key, value in state.items() if key not in (*MODULES, "average", "solvers")}
    return kept | {"buffers": buffers, "rest": rest}


def unpacked(kept):
    state = dict(kept["rest"]) | {"average": [value.float() for value in kept["average"]]}
    for (module, name), average, (difference, scale) in zip(kept["names"], state["average"], kept["distance"]):
        raw = average + (difference.float() * scale[:, None]).reshape(average.shape)
        state.setdefault(module, {})[name] = raw
    for module, name, value in kept["buffers"]:
        state[module][name] = value
    return state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=("pack", "unpack"))
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    args = parser.parse_args()
    state = torch.load(args.source, weights_only=False)
    training.save(args.target, packed(state) if args.way == "pack" else unpacked(state))
    print(f"{args.way}: {args.target.name}, step {state.get('step') or state['rest']['step']}, "
          f"{args.target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
