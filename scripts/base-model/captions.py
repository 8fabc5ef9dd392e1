"""What a drawing is called in training: its motif, mostly with its style, and its paper where that is not white."""

import random

import emoji
import styles

EMPTY, STYLELESS = 0.10, 0.15
COLOURS = {
    "light blue": (173, 216, 240), "blue": (66, 133, 215), "green": (102, 187, 106), "yellow": (255, 224, 102),
    "orange": (255, 167, 66), "pink": (250, 170, 195), "purple": (160, 120, 205), "grey": (190, 190, 190),
    "black": (12, 12, 12)}
# A mirrored drawing would no longer be what its caption says, or would show lettering the wrong way round.
ONE_WAY = (
    "left", "right", "clock", "watch", "sign", "book", "newspaper", "calendar", "page", "scroll", "flag", "map",
    "globe", "ticket", "banknote", "card", "chart", "question", "hundred", "ZZZ", "ATM", "keyboard", "medal", "music",
    "no ", "stop", "dvd", "disk", "radio", "ruler", "thermometer", "abacus", "taxi", "police", "ambulance",
    "hospital", "hotel", "school", "bank", "store", "label", "receipt", "pager", "sari", "joker", "pool 8")


def aliases(caption):
    """`dog face` is also asked for as `dog`; the tags of the annotations are too loose for that."""
    names = [caption]
    for ending in (" face", " fruit", " suit"):
        if caption.endswith(ending):
            names.append(caption[:-len(ending)])
    return names


def mirrorable(caption, group):
    return group not in ("symbols", "flags") and not any(part in caption for part in ONE_WAY)


def asked(caption, style):
    """As the measurements and sheets ask for it."""
    return f"{caption}, {style} style"


def called(caption, style, colour, chance: random.Random):
    """One text for this drawing; colour is its paper's name, None for white."""
    if chance.random() < EMPTY:
        return ""
    names = aliases(caption)
    name = names[0] if len(names) == 1 or chance.random() < 0.7 else names[1]
    if chance.random() < 0.3:
        name = ("an " if name[0].lower() in "aeiou" else "a ") + name
    parts = [name]
    if chance.random() >= STYLELESS:
        parts.append(f"{style} style" if chance.random() < 0.85 else style)
    if chance.random() < 0.12:
        parts.append("emoji")
    if colour is not None and chance.random() < 0.85:
        parts.append(f"{colour} background")
    elif colour is None and chance.random() < 0.15:
        parts.append("white background")
    return ", ".join(parts)


def vocabulary_texts(npm):
    """Every text whose words the tokenizer must know: all annotations, and the words around them."""
    return ([record["annotation"] for record in emoji.records(npm).values() if not record["skintone"]]
            + [f"{style.name} style" for style in styles.STYLES] + list(COLOURS)
            + ["emoji, openmoji, drawing, picture, icon, sticker, black outline, outlines, line art, flat, simple, "
               "cute, white background, a an of in on with the and style brown red small large"])
