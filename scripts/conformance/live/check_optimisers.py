"""100 steps of each optimiser on given gradients, by its named peer here and now, and by Atelier."""

from support import java, row, workspace

import common
import optimisers

PEERS = {
    "adamw": "torch.optim.AdamW", "adamw8bit": "bitsandbytes' AdamW8bit on the CPU", "adafactor": "transformers' Adafactor",
    "adafactor-momentum": "transformers' Adafactor with momentum", "adafactor-relative": "transformers' Adafactor, relative steps",
    "prodigy": "prodigyopt", "prodigy-safeguard": "prodigyopt with safeguard and bias correction", "lion": "lion-pytorch",
    "sgd-nesterov": "torch.optim.SGD, Nesterov", "muon-original": "Muon as published (torch 2.7 has none)",
    "muon-match-rms-adamw": "Muon with AdamW's scale, as published", "schedule-free-adamw": "schedulefree's AdamWScheduleFree",
}


def main():
    with workspace("optimisers") as space:
        common.ROOT = space
        optimisers.OUT = space
        optimisers.optimisers()
        errors = java("atelier.trainer.optimizer.OptimizerCourse", module="trainer", cases=space)
    for name, peer in PEERS.items():
        row(f"{name} against {peer}: parameters after up to 100 steps", "<= 1e-5", f"{errors[name]:.1e}", errors[name] <= 1e-5)


if __name__ == "__main__":
    main()
