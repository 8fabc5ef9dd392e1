"""20,000 captions with Unicode, emoji and odd spacing: Atelier's CLIP tokenizer against transformers' CLIPTokenizer, id for id."""

import json
import random

import torch
from support import java, row, workspace
from safetensors.torch import load_file
from transformers import CLIPTokenizer, CLIPTokenizerFast

from tokenizers_full import write_clip

COUNT = 20_000
WORDS = """a the of in and with portrait painting watercolour oil sketch dragon's castle mountain-range girl boy cat dogs tree river night sunrise
1girl solo masterpiece best_quality 4k 8K hdr f/1.8 35mm don't can't they've we'll I'm it's isn't o'clock rock'n'roll e.g. U.S.A. hello@example.com
C++ #hashtag @artist $9.99 100% (detailed:1.2) [brackets] {braces} <lora:style:0.8> <|endoftext|> <|startoftext|> &amp; &lt;b&gt; x² H₂O ½ № Ⅷ ﬁne
naïve café Zürich Ångström São façade résumé señor Ελλάδα Москва Ёлка İstanbul ıssız straße ŒUVRE Łódź Dvořák Việt Nam العربية עברית हिन्दी ไทย 日本語
漢字 カタカナ ひらがな 한국어 中文，绘画。 😀 👩‍🎨 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ ☕️ 🇫🇷 👍🏽 ✨ → “quotes” ‘single’ — – … • ™ © ½ A̧ é é ſ K Å ﷺ ½ zero​width soft­hyphen b\u0000ell \u0007 \ufeffbom
\U0001d518\U0001d52b\U0001d526 \U00020000 \U000e0067 ǅ ŉ ẞ ΐ ς Σ""".split()
SPACES = [" "] * 12 + ["  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u200b", "\u0085", "\u2028", "", ", ", "; ", " - ", "...", "!?", "'", "''", "'s ", "\x1f"]


def captions():
    r = random.Random(20_000)
    for i in range(COUNT):
        words = []
        for _ in range(r.choice([0, 1, 2, 3, 5, 8, 12, 20, 40, 90])):
            word = r.choice(WORDS)
            if r.random() < 0.2:
                word = r.choice([str.upper, str.lower, str.title, str.swapcase])(word)
            if r.random() < 0.05:
                word = "".join(chr(c) for c in (r.randrange(0x20, 0x3000) for _ in range(r.randrange(1, 6))) if not 0xD800 <= c < 0xE000)
            if r.random() < 0.03:
                word = chr(r.choice([*range(0x1F300, 0x1F700), *range(0x4E00, 0x4F00), *range(0xAC00, 0xAD00)]))
            words += [word, r.choice(SPACES)]
        yield "".join(words)


def main():
    texts = list(captions())
    with workspace("tokenizer") as space:
        write_clip(space / "tokenizer")
        (space / "captions.json").write_text(json.dumps(texts), encoding="utf-8")
        java("atelier.diffusion.conformance.Tokenize", tokenizer=space / "tokenizer", captions=space / "captions.json", outputs=space / "ids.safetensors")
        ours = load_file(space / "ids.safetensors")["out.ids"].long()
        how = dict(padding="max_length", max_length=77, truncation=True, return_tensors="pt")
        theirs = CLIPTokenizer.from_pretrained(space / "tokenizer")(texts, **how).input_ids
        fast = CLIPTokenizerFast.from_pretrained(space / "tokenizer")(texts, **how).input_ids
    differ = [i for i in range(COUNT) if not torch.equal(ours[i], theirs[i])]
    for i in differ[:10]:
        at = (ours[i] != theirs[i]).nonzero()[0].item()
        print(f"caption {i} at {at}: {texts[i][:120]!r}\n  ours {ours[i, at:at + 6].tolist()} theirs {theirs[i, at:at + 6].tolist()}")
    row(f"tokenizer, {COUNT} captions with Unicode, emoji, odd spacing, against transformers' CLIPTokenizer", "identical",
        f"{COUNT - len(differ)} identical", not differ)
    both = sum(torch.equal(theirs[i], fast[i]) for i in range(COUNT))
    agree = sum(torch.equal(ours[i], fast[i]) for i in range(COUNT))
    row("the same against CLIPTokenizerFast (and the two of transformers with one another)", "stated", f"{agree} identical ({both})", None)


if __name__ == "__main__":
    main()
