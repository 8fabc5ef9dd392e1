"""OpenMoji's annotations by code point; the motifs that the base learns; the ones its autoencoder never sees."""

import json
import random
from pathlib import Path

HERE = Path(__file__).parent
COMPONENTS = "1f3fb 1f3fc 1f3fd 1f3fe 1f3ff".split()
GROUPS = ("smileys-emotion", "people-body", "animals-nature", "food-drink", "travel-places", "activities", "objects",
          "symbols")
HELD_OUT = 96
# Motifs that many signs share, or that only a position or a number tells apart.
LEFT_OUT = {"arrow", "geometric", "alphanum", "zodiac", "keycap", "av-symbol", "transport-sign", "religion", "currency",
            "gender", "math", "punctuation"}
ALIKE = {"pregnant man", "pregnant person", "incoming envelope", "speaker low volume", "speaker medium volume",
         "closed mailbox with lowered flag", "open mailbox with lowered flag", "unamused face", "inbox tray",
         "magnifying glass tilted right", "waxing crescent moon", "waning crescent moon", "waxing gibbous moon",
         "waning gibbous moon", "last quarter moon", "last quarter moon face", "rightwards hand", "leftwards hand",
         "leftwards pushing hand", "right-facing fist", "palm up hand", "person frowning", "person pouting",
         "low battery", "mobile phone with arrow", "bell with slash", "busts in silhouette", "om",
         "left speech bubble", "sun behind small cloud", "light rail", "station", "metro", "tram car",
         "fork and knife with plate", "notebook", "ledger", "page facing up", "2nd place medal", "3rd place medal",
         "yen banknote", "euro banknote", "pound banknote", "ship", "motor boat", "cityscape at dusk", "sunset",
         "two-hump camel", "umbrella", "musical note", "white heart", "grey heart", "men holding hands",
         "women holding hands", "post office", "softball", "tear-off calendar", "spiral calendar", "man", "woman"}


def code(hexcode):
    """Code points in lower case without the emoji variation selector: the sets disagree about writing it."""
    return "-".join(part for part in hexcode.lower().split("-") if part != "fe0f")


def skin_toned(code_points):
    return any(tone in code_points.split("-") for tone in COMPONENTS)


class Sets:
    """The drawings of OpenMoji, Noto and Twemoji, for the demo data, its foils and the benchmarks."""

    def __init__(self, npm):
        npm = Path(npm)
        self.openmoji_folder = npm / "openmoji/package/color/svg"
        self.records = json.loads((npm / "openmoji/package/data/openmoji.json").read_text("utf-8"))
        self.by_code = {code(record["hexcode"]): record for record in self.records}
        self._twemoji = {code(file.stem): file for file in (npm / "twemoji/package").glob("*.svg")}
        noto = npm / "noto/package"
        self._icons = json.loads((noto / "icons.json").read_text("utf-8"))
        names = json.loads((noto / "chars.json").read_text("utf-8"))
        self._noto = {code(chars): name for chars, name in names.items()}

    def codes(self, name):
        return sorted({"noto": self._noto, "twemoji": self._twemoji}[name])

    def svg(self, name, code_points):
        """(body of the drawing, side of its square view box)."""
        if name == "twemoji":
            text = self._twemoji[code_points].read_text("utf-8")
            return text[text.index(">") + 1:text.rindex("</svg>")], 36
        icon = self._icons["icons"][self._noto[code_points]]
        return icon["body"], icon.get("width", self._icons.get("width", 128))

    def common(self):
        """{annotation: code points} of what all three sets draw, without skin tones."""
        return {record["annotation"]: key for key, record in self.by_code.items()
                if key in self._noto and key in self._twemoji and not record["skintone"]
                and (self.openmoji_folder / (record["hexcode"] + ".svg")).exists()}


def records(npm):
    listed = json.loads((Path(npm) / "openmoji/package/data/openmoji.json").read_text("utf-8"))
    return {code(record["hexcode"]): record for record in listed}


def openmoji_folder(npm):
    return Path(npm) / "openmoji/package/color/svg"


def captions(file="captions.txt"):
    return [line for line in (HERE / file).read_text("utf-8").splitlines() if line]


def taught(table):
    """{caption: code points} of what text encoder and UNet are taught: the demo data's captions, and those that every
    taught style has drawn, people apart (taught.txt)."""
    names = set(captions("taught.txt"))
    return {caption: key for caption, key in table["motifs"].items() if caption in names}


def common(drawings):
    """{annotation: code points} of what Noto, Twemoji and OpenMoji all draw, without skin tones."""
    noto, twemoji = drawings.sources["noto"], drawings.sources["twemoji"]
    folder = openmoji_folder(drawings.npm)
    return {record["annotation"]: key for key, record in drawings.records.items()
            if key in noto and key in twemoji and not record["skintone"]
            and (folder / (record["hexcode"] + ".svg")).exists()}


def held_out_codes(drawings):
    """Code points whose drawings no part of the base is trained on."""
    known = set(captions())
    rest = sorted(key for annotation, key in common(drawings).items() if annotation not in known)
    return set(random.Random(20260801).sample(rest, HELD_OUT))


def base_of(code_points):
    """Without skin tone and sex: such variants of a held-out drawing would give it away."""
    parts = [p for p in code_points.split("-") if p not in COMPONENTS]
    for sex in ("2640", "2642"):
        if sex in parts[1:]:
            parts.remove(sex)
    while parts and parts[-1] == "200d":
        parts.pop()
    return "-".join(parts)


def teachable(drawings, fewest_styles=5):
    """{caption: code points}: in five styles or more; no families, sexes, keycaps, lettered buttons, most clocks."""
    held_out = held_out_codes(drawings)
    wanted = set(captions()) | set(captions("captions-demo.txt"))
    found = {}
    for key, record in drawings.records.items():
        name = record["annotation"]
        styles = sum(key in sources for sources in drawings.sources.values())
        if record["skintone"] or record["group"] not in GROUPS or key in held_out or styles < fewest_styles:
            continue
        plain = (record["subgroups"] not in LEFT_OUT and name not in ALIKE and "200d" not in key
                 and "keycap" not in name and not name.endswith(" button") and ":" not in name
                 and not (record["subgroups"] == "time" and ("o’clock" in name or "thirty" in name)))
        if plain or name in wanted:
            found.setdefault(name, key)
    return found
