"""What a drawing is called in training: its caption as a user would type it, at times with a word more."""

import emoji

EMPTY = 0.10


def aliases(caption):
    """`dog face` is also asked for as `dog`; the tags of the annotations are too loose for that."""
    names = [caption]
    for ending in (" face", " fruit", " suit"):
        if caption.endswith(ending):
            names.append(caption[:-len(ending)])
    return names


def choices(caption, set_name, group):
    """(texts, weights): every way in which this drawing may be called."""
    texts, weights = [""], [EMPTY]
    names = aliases(caption)
    for i, name in enumerate(names):
        weight = (1 - EMPTY) * (1.0 if len(names) == 1 else (0.7, 0.3)[i])
        for text, share in ((name, 0.50), (f"{name}, emoji", 0.22), (f"{name}, {set_name}", 0.14),
                            (f"{name}, {group}", 0.07), (f"a {name}", 0.07)):
            texts.append(text)
            weights.append(weight * share)
    return texts, weights


def table(npm):
    """(texts, rows): all distinct texts, and per drawing (Noto's first, then Twemoji's) its texts and weights."""
    sets = emoji.Sets(npm)
    common = sets.common()
    index, rows = {}, []
    for set_name in ("noto", "twemoji"):
        for caption in emoji.taught()[0]:
            group = sets.by_code[common[caption]]["group"].replace("-", " ")
            texts, weights = choices(caption, set_name, group)
            rows.append(([index.setdefault(text, len(index)) for text in texts], weights))
    return list(index), rows


def vocabulary_texts(npm):
    """Every text whose words the tokenizer must know: all annotations, and the words around them."""
    return (list(emoji.Sets(npm).common()) + table(npm)[0]
            + ["emoji, drawing, picture, black outline, line art, a an of in with the style"])
