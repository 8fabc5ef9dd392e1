"""CLIP's own tokenizers at full size, built from the merges that the project bundles."""

import gzip
import json
from pathlib import Path

from transformers import CLIPTokenizer
from transformers.models.clip.tokenization_clip import bytes_to_unicode

ROOT = Path(__file__).resolve().parents[3]
MERGES = ROOT / "diffusion/src/main/resources/atelier/diffusion/text/clip-merges.txt.gz"


def write(folder: Path, pad: str) -> Path:
    """A tokenizer folder as Stable Diffusion 1.x (pad <|endoftext|>) and 2.x (pad !) ship it."""
    folder.mkdir(parents=True, exist_ok=True)
    text = gzip.open(MERGES).read().decode()
    (folder / "merges.txt").write_text(text)
    singles = list(bytes_to_unicode().values())
    merged = ["".join(line.split()) for line in text.strip().split("\n")[1:]]
    vocab = singles + [s + "</w>" for s in singles] + merged + ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(vocab)}, ensure_ascii=False))
    special = lambda t: {"content": t, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    common = {"bos_token": special("<|startoftext|>"), "eos_token": special("<|endoftext|>"),
              "unk_token": special("<|endoftext|>")}
    (folder / "tokenizer_config.json").write_text(json.dumps(
        common | {"pad_token": "<|endoftext|>", "model_max_length": 77, "do_lower_case": True, "errors": "replace",
                  "tokenizer_class": "CLIPTokenizer"}))
    (folder / "special_tokens_map.json").write_text(json.dumps(common | {"pad_token": pad}))
    return folder


def load(folder: Path) -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(folder)


def ids(tokenizer: CLIPTokenizer, text: str) -> list[int]:
    return tokenizer(text, padding="max_length", truncation=True, max_length=tokenizer.model_max_length).input_ids
