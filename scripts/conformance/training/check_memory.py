"""Resident memory over 2,000 steps of the bundled base model at 64 pixels: flat after warm-up.

Warm-up ends with the first half: the virtual machine's compiler works on for a minute or two, and what it takes (26 MiB here, by
native memory tracking) weighs on a model so small. What the run held at a tenth of its steps is told too.

    check_memory.py [STEPS]
"""

import sys

from runs import ROOT, Run, pictures, row, workspace

WARM = 0.5


def main(steps):
    with workspace("memory") as space:
        pictures(space / "data", side=64)
        run = Run(space, "memory", [f"train.steps={steps}", "train.save_every=500", "data.resolution=64", "data.flip=0.5", "data.shuffle_tags=true",
                                    "train.batch_size=1", "adapter.rank=8", "validation.fraction=0.2", "validation.every=500"], model=ROOT / "checkpoints/base")
        run.run()
        every = [float(line["resident_mib"]) for line in run.rows()]
        held = every[int(steps * WARM):]
    least, most = min(held), max(held)
    middle = sum(held[: len(held) // 10]) / (len(held) // 10), sum(held[-len(held) // 10:]) / len(held[-len(held) // 10:])
    row(f"resident memory, steps {int(steps * WARM)} to {steps}: largest over smallest", "<= 1.02",
        f"{most / least:.4f} ({least:.0f} to {most:.0f} MiB; first tenth {middle[0]:.0f}, last tenth {middle[1]:.0f}; {every[steps // 10]:.0f} at step {steps // 10})", most / least <= 1.02)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
