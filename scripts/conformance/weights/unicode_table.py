"""Writes the tables of characters that the tokenizer uses, as runs: first code point in hexadecimal, class.

    python unicode_table.py diffusion/src/main/resources/atelier/diffusion/text

character-classes.txt: C and S follow Python's own Unicode data (version 14 in Python 3.11), L, N and O the regex
module's under IGNORECASE, because those are what transformers' CLIPTokenizer asks. X are characters that none of its
patterns matches, so that they vanish: a mark whose case pair is a letter (U+0345) is not a letter, nor anything that is
"no letter".
sigma-context.txt: what the final sigma's rule sees in Python's str.lower(): cased (C), ignorable (I), neither (O).
"""

import sys
import unicodedata
from pathlib import Path

import regex

assert unicodedata.unidata_version == "14.0.0", "run it under Python 3.11"
PATTERNS = {"L": r"[\p{L}]+", "N": r"[\p{N}]", "O": r"[^\s\p{L}\p{N}]+"}
CLASSES = {kind: regex.compile(pattern, regex.IGNORECASE) for kind, pattern in PATTERNS.items()}


def word_class(char: str) -> str:
    category = unicodedata.category(char)
    if char in "\t\n\r" or category in ("Zs", "Zl", "Zp"):
        return "S"
    if category.startswith("C"):
        return "C"
    return next((kind for kind, pattern in CLASSES.items() if pattern.match(char)), "X")


def sigma_class(char: str) -> str:
    if f"{char}Σ".lower().endswith("ς"):
        return "C"
    return "I" if f"A{char}Σ".lower().endswith("ς") else "O"


def write(path: Path, kind) -> None:
    runs, last = [], ""
    for point in range(sys.maxunicode + 1):
        if (now := kind(chr(point))) != last:
            runs.append(f"{point:x}{now}")
            last = now
    path.write_text("".join(" ".join(runs[start : start + 16]) + "\n" for start in range(0, len(runs), 16)))


write(Path(sys.argv[1]) / "character-classes.txt", word_class)
write(Path(sys.argv[1]) / "sigma-context.txt", sigma_class)
