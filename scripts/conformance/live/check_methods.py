"""Each adapter method on one layer, computed here and now by LyCORIS and PEFT: output, every gradient and merged weight of Atelier against them."""

import sys

from support import java, row, workspace

import common
import methods

BAR = 1e-5
TITLES = {
    "lora-peft": "LoRA, PEFT", "locon": "LoRA and LoCon, LyCORIS", "dora-peft": "DoRA, PEFT", "dora-lycoris": "DoRA, LyCORIS",
    "loha": "LoHa, LyCORIS and PEFT", "lokr-full": "LoKr with whole factors, LyCORIS", "lokr": "LoKr with a factor, LyCORIS and PEFT",
    "pissa": "PiSSA, PEFT: product and rest", "olora": "OLoRA, PEFT: product and rest",
}


def main():
    with workspace("methods") as space:
        common.ROOT = space
        methods.OUT = space
        methods.main()
        errors = java("atelier.diffusion.adapter.MethodErrors", cases=space)
    groups = {}
    for case, found in errors.items():
        prefix = max((p for p in TITLES if case.startswith(p)), key=len)
        groups.setdefault(prefix, []).append(found)
    for prefix, title in TITLES.items():
        found = groups[prefix]
        if prefix in ("pissa", "olora"):
            product, rest = (max(f[kind] for f in found) for kind in ("output", "merged"))
            row(f"{title}, fp32", f"<= {BAR:.0e}", f"{product:.1e}, {rest:.1e}", max(product, rest) <= BAR)
            continue
        worst = {kind: max(f[kind] for f in found) for kind in ("output", "gradients", "merged")}
        row(f"{title}, {len(found)} cases, fp32", f"<= {BAR:.0e}",
            f"output {worst['output']:.1e}, gradients {worst['gradients']:.1e}, merged {worst['merged']:.1e}", max(worst.values()) <= BAR)


if __name__ == "__main__":
    sys.exit(main())
