"""The three emoji sets and OpenMoji's annotations, by code point."""

import json
from pathlib import Path

HERE = Path(__file__).parent
COMPONENTS = "1f3fb 1f3fc 1f3fd 1f3fe 1f3ff".split()


def code(hexcode):
    """Code points in lower case without the emoji variation selector: the sets disagree about writing it."""
    return "-".join(part for part in hexcode.lower().split("-") if part != "fe0f")


def skin_toned(code_points):
    return any(tone in code_points.split("-") for tone in COMPONENTS)


class Sets:
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


def captions(file="captions.txt"):
    return [line for line in (HERE / file).read_text("utf-8").splitlines() if line]


def taught():
    """(captions that the UNet learns, their places in captions.txt): fewer are learnt better in the same time."""
    every, left_out = captions(), set(captions("captions-untaught.txt"))
    places = [i for i, caption in enumerate(every) if caption not in left_out]
    return [every[i] for i in places], places
