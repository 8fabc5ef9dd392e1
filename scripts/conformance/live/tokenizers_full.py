"""CLIP's whole vocabulary as transformers' tokenizer files, from the merges that the wheel open_clip_torch carries."""

from models import clip_merges, write_tokenizer

FULL = 49152 - 256 - 2


def write_clip(folder, pad="<|endoftext|>"):
    write_tokenizer(folder, clip_merges(FULL), pad)
