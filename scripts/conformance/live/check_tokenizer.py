"""20,000 captions with Unicode, emoji and odd spacing: Atelier's CLIP tokenizer against transformers' CLIPTokenizer, id for id."""

import sys

from support import HERE, row

sys.path.insert(0, str(HERE.parent / "weights"))
import tokenizer_live  # noqa: E402

COUNT = 20_000

if __name__ == "__main__":
    different = tokenizer_live.check(COUNT, seed=2026)
    row(f"tokenizer, {COUNT} captions, padded as SD 1.x and as SD 2.x, against transformers' CLIPTokenizer", "identical",
        f"{different} of {2 * COUNT} differ", different == 0)
