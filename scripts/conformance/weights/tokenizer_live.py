"""Odd captions through ClipTokenizer and transformers' CLIPTokenizer, for both paddings; live/check_tokenizer.py runs it."""

import json
import sys
from pathlib import Path

from captions import captions
from tokenizers_full import ids, load, write

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))
from support import java, workspace  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


def check(count: int, seed: int) -> int:
    """How many captions get other ids than transformers gives."""
    texts = captions(count, seed)
    different = 0
    for name, pad in (("clip", "<|endoftext|>"), ("openclip", "!")):
        with workspace("captions") as space:
            folder = write(space / "tokenizer", pad)
            (space / "captions.json").write_text(json.dumps(texts))
            java("atelier.diffusion.conformance.Tokenize", tokenizer=folder, captions=space / "captions.json", outputs=space / "ids.safetensors")
            ours = load_file(space / "ids.safetensors")["out.ids"].tolist()
            reference = load(folder)
            for text, got in zip(texts, ours, strict=True):
                expected = ids(reference, text)
                if got != expected:
                    different += 1
                    if different < 10:
                        print(name, ascii(text), expected, got, sep="\n")
    return different


if __name__ == "__main__":
    sys.exit(check(20_000, int(sys.argv[1]) if len(sys.argv) > 1 else 2) > 0)
