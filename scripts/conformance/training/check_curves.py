"""Loss curves of 100 steps against diffusers + PEFT (golden/curves.py), the largest relative difference of any step."""

from runs import row
from support import java


def main():
    errors = java("atelier.trainer.conformance.CurveErrors", "trainer")
    for name, error in errors.items():
        row(f"100 steps in fp32, {name}: largest relative difference of a step's loss", "<= 1e-4", f"{error:.1e}", error <= 1e-4)


if __name__ == "__main__":
    main()
