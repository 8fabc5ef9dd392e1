"""Odd captions for the tokenizer's checks: words, emoji, every script, strange spaces, special tokens."""

import random
import sys
import unicodedata

WORDS = (
    "a an the cat dog house painting of in style with red blue woman man street city mountain portrait watercolor "
    "photorealistic 4k 8k trending on artstation isn't we're you've I'll he'd i'm cats' rock'n'roll o'clock "
    "NAÏVE café Ångström Straße ΟΔΥΣΣΕΥΣ ΣΑΣ Σ İstanbul DIYARBAKIR ﬁne ſtyle 'ſ it'S DON'T don’t … «quotes» "
    "日本語の漢字 東京タワー 北京 한국어 서울 Москва ЁЛКА العربية עברית हिन्दी ไทย Ελληνικά ქართული ԱՐԵՒ Ꭰꭰ ᏣᎳᎩ "
    "½ ² ③ Ⅷ ٤٢ 2026 3.14 1,000 #tag @user http://example.org/a?b=c&amp;d=1 &quot;x&quot; <b>bold</b> a_b a-b a/b "
    "<|startoftext|> <|endoftext|> <|STARTOFTEXT|> <|EndOfText|> <|endoftext|>! ! !! hello! !hello ¡hola! wow!!! "
    "(sunset:1.2) [from:to:0.5] {a|b} \\(escaped\\) AND BREAK <lora:name:0.8> embedding:thing"
).split(" ")
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\u200b", "\ufeff", "\u0085",
          "\x0b", "\x0c", "\x1c", "\u1680", "\u180e", "\u2060", ""]
EMOJI = ["😀", "👩‍🎨", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "👍🏽", "❤️", "☃", "🫠", "🫨", "🩷", "🪿", "1️⃣", "©", "™️", "♀️"]
ODD = ["\u0301", "e\u0301", "a\u0308\u0323", "\u1e9b\u0323", "ﷺ", "\ufffd", "\x00", "\x07", "\u202e", "\ue000", "\U000e0041",
       "\ud800", "\udfff", "\U0010ffff", "Ǆ", "ǅ", "ꟀꟁꟐ", "𐕰𐕺", "Ⱟ", "𝒜𝓑", "ﾊﾝｶｸ", "Ａｂｃ１", "𠮷", "豈", "\u0345Σ", "Α\u00adΣ",
       "ΑΣ'", "ΑΣ.Β", "Σ\u0301Α"]


def random_points(rng: random.Random) -> str:
    out = []
    for _ in range(rng.randint(1, 12)):
        limit = rng.choice([0x80, 0x100, 0x600, 0x3000, 0x10000, 0x20000, sys.maxunicode + 1])
        point = rng.randrange(limit)
        out.append("x" if 0xD800 <= point < 0xE000 else chr(point))
    return "".join(out)


def caption(rng: random.Random) -> str:
    parts = []
    for _ in range(rng.choice([0, 1, 2, 5, 12, 30, 90])):
        parts.append(rng.choices([rng.choice(WORDS), rng.choice(EMOJI), rng.choice(ODD), random_points(rng)],
                                 [8, 1.5, 1.5, 1])[0])
        if rng.random() < 0.5 and parts[-1].isalpha():
            parts[-1] = rng.choice([str.upper, str.title, str.lower])(parts[-1])
        parts.append(" " if rng.random() < 0.6 else rng.choice(SPACES))
    text = "".join(parts)
    return unicodedata.normalize("NFD", text) if rng.random() < 0.1 else text


def captions(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    fixed = ["", " ", "!", "!!!", "'s", "'ſ", "<|startoftext|>", "a" * 300, "一" * 90, "😀" * 40]
    return (fixed + [caption(rng) for _ in range(count)])[:count]
