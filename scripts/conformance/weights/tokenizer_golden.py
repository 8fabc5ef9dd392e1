"""Golden captions for ClipTokenizerTest: ids by transformers' CLIPTokenizer, for both paddings and a trimmed vocabulary.

    python tokenizer_golden.py   (writes diffusion/src/test/resources/golden/tokenizer/captions.jsonl)
"""

import json
import tempfile
from pathlib import Path

from captions import captions
from tokenizers_full import ROOT, ids, load, write

with tempfile.TemporaryDirectory() as scratch:
    first = load(write(Path(scratch) / "first", "<|endoftext|>"))
    second = load(write(Path(scratch) / "second", "!"))
    small = load(ROOT / "diffusion/src/test/resources/golden/models/sd2/tokenizer")
    out = ROOT / "diffusion/src/test/resources/golden/tokenizer/captions.jsonl"
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w") as file:
        for text in captions(320, seed=1):
            row = {"text": text, "clip": ids(first, text), "openClip": ids(second, text), "small": ids(small, text)}
            for key in ("clip", "openClip", "small"):  # padding says nothing; the test puts it back
                while len(row[key]) > 1 and row[key][-1] == row[key][-2]:
                    row[key].pop()
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
