"""Resident memory over 2,000 steps of the bundled base model at 64 pixels: flat after warm-up.

    check_memory.py [STEPS]
"""

import sys

from runs import ROOT, Run, pictures, row, workspace

WARM = 0.1


def main(steps):
    with workspace("memory") as space:
        pictures(space / "data", side=64)
        run = Run(space, "memory", [f"train.steps={steps}", "train.save_every=500", "data.resolution=64", "data.flip=0.5", "data.shuffle_tags=true",
                                    "train.batch_size=1", "adapter.rank=8", "validation.fraction=0.2", "validation.every=500"], model=ROOT / "checkpoints/base")
        run.run()
        held = [float(line["resident_mib"]) for line in run.rows()][int(steps * WARM):]
    least, most = min(held), max(held)
    middle = sum(held[: len(held) // 10]) / (len(held) // 10), sum(held[-len(held) // 10:]) / len(held[-len(held) // 10:])
    row(f"resident memory, steps {int(steps * WARM)} to {steps}: largest over smallest", "<= 1.02",
        f"{most / least:.4f} ({least:.0f} to {most:.0f} MiB; first tenth {middle[0]:.0f}, last tenth {middle[1]:.0f})", most / least <= 1.02)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
