"""20,000 odd captions through ClipTokenizer and transformers' CLIPTokenizer, for both paddings; must be identical."""

import json
import sys
import tempfile
from pathlib import Path

import java_side
from captions import captions
from tokenizers_full import ids, load, write


def check(count: int, seed: int) -> int:
    texts = captions(count, seed)
    different = 0
    for name, pad in (("clip", "<|endoftext|>"), ("openclip", "!")):
        with tempfile.TemporaryDirectory() as scratch:
            folder = write(Path(scratch) / name, pad)
            (folder / "texts").write_text("".join(json.dumps(text) + "\n" for text in texts))
            java_side.run("tokenize", folder, folder / "texts", folder / "ids")
            ours = [json.loads(line) for line in (folder / "ids").read_text().splitlines()]
            reference = load(folder)
            for text, got in zip(texts, ours, strict=True):
                expected = ids(reference, text)
                if got != expected:
                    different += 1
                    if different < 10:
                        print(ascii(text), expected, got, sep="\n")
        print(f"{name}: {count} captions, {different} differ")
    return different


if __name__ == "__main__":
    sys.exit(check(20_000, int(sys.argv[1]) if len(sys.argv) > 1 else 2) > 0)
