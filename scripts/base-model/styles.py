"""The styles that the base is taught: where each set's drawings are, by code point, and under which licence.

Only sets under Apache-2.0, MIT, CC BY or the SIL OFL are used. EmojiOne's first version (CC BY-SA) is left out, and so
are Fluent's gradient drawings, which hardly differ from the 3D ones. OpenMoji is measured, never trained on.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import emoji
import render


@dataclass(frozen=True)
class Style:
    key: str         # the name in files
    name: str        # the name in captions: "a red apple, noto style"
    package: str     # npm
    licence: str
    author: str
    kind: str        # svg: iconify's JSON; files: one SVG a code point; pixels: one picture; glyphs: a font
    monochrome: bool = False
    outlined: bool = False


STYLES = (
    Style("noto", "noto", "@iconify-json/noto@1.2.9", "Apache-2.0", "Google Inc", "svg"),
    Style("noto-v1", "noto classic", "@iconify-json/noto-v1@1.2.5", "Apache-2.0", "Google Inc", "svg"),
    Style("twemoji", "twemoji", "@twemoji/svg@15.0.0", "CC BY 4.0", "Twitter, Inc and other contributors", "files"),
    Style("twemoji-outlined", "outlined twemoji", "@twemoji/svg@15.0.0", "CC BY 4.0",
          "Twitter, Inc and other contributors", "files", outlined=True),
    Style("fluent-3d", "fluent 3d", "@lobehub/fluent-emoji-3d@1.1.0", "MIT", "Microsoft Corporation", "pixels"),
    Style("fluent-flat", "fluent flat", "@iconify-json/fluent-emoji-flat@1.2.6", "MIT", "Microsoft Corporation", "svg"),
    Style("fluent-contrast", "fluent high contrast", "@iconify-json/fluent-emoji-high-contrast@1.2.6", "MIT",
          "Microsoft Corporation", "svg", monochrome=True),
    Style("emojione", "emojione", "@iconify-json/emojione@1.2.3", "CC BY 4.0", "Emoji One", "svg"),
    Style("emojione-mono", "emojione monotone", "@iconify-json/emojione-monotone@1.2.1", "CC BY 4.0", "Emoji One",
          "svg", monochrome=True),
    Style("firefox", "firefox", "@iconify-json/fxemoji@1.2.2", "Apache-2.0", "Mozilla", "svg"),
    Style("streamline", "streamline", "@iconify-json/streamline-emojis@1.2.4", "CC BY 4.0", "Streamline", "svg"),
    Style("line-art", "line art", "@expo-google-fonts/noto-emoji@0.4.7", "OFL-1.1", "Google Inc", "glyphs",
          monochrome=True),
)
# The autoencoder sees all of them. Text encoder and UNet, whose hours are few, are taught those that differ most.
TAUGHT = tuple(style for style in STYLES
               if style.key not in ("noto-v1", "twemoji-outlined", "emojione-mono", "streamline"))
BY_KEY = {style.key: style for style in STYLES}
MEASURED_ONLY = "openmoji@17.0.0"
FONT = "400Regular/NotoEmoji_400Regular.ttf"


def named_otherwise():
    """names.tsv: what a set calls a drawing where no rule below finds it."""
    lines = (Path(__file__).parent / "names.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


def squashed(name):
    return "".join(c for c in name.lower() if c.isalnum())


class Drawings:
    """Every style's drawings by code point: source(style key, code) is what render.drawn takes."""

    def __init__(self, npm):
        self.npm = Path(npm)
        self.records = emoji.records(self.npm)
        named = {}
        for code, record in self.records.items():
            if not record["skintone"]:
                named.setdefault(squashed(record["annotation"]), code)
        for file in ("noto", "fluent-flat", "fluent-contrast"):
            for chars, name in json.loads((self._package(file) / "chars.json").read_text("utf-8")).items():
                named.setdefault(squashed(name), emoji.code(chars))
        self._named, self._otherwise = named, named_otherwise()
        self._icons, self.sources = {}, {}
        for style in STYLES:
            found = getattr(self, "_" + style.kind)(style)
            self.sources[style.key] = {code: source for code, source in found.items() if code in self.records}

    def _package(self, key):
        return self.npm / key / "package"

    def _svg(self, style):
        folder = self._package(style.key)
        icons = json.loads((folder / "icons.json").read_text("utf-8"))
        self._icons[style.key] = icons
        chars = folder / "chars.json"
        named = json.loads(chars.read_text("utf-8")) if chars.exists() else {}
        if named:
            return {emoji.code(c): ("icon", style.key, name) for c, name in named.items() if name in icons["icons"]}
        found = {}
        for name in sorted(icons["icons"]):
            code = self._code_of(name, icons["icons"])
            if code:
                found.setdefault(code, ("icon", style.key, name))
        return found

    def _code_of(self, name, every):
        # Firefox's "sunglasses" is the face; where a set has names with hyphens, the face has a name of its own.
        if name in self._otherwise and not (name == "sunglasses" and "smiling-face-with-sunglasses" in every):
            return self._named.get(squashed(self._otherwise[name]))
        plain = name[:-2] if name.endswith("-1") else name
        if plain[-2:-1] == "-" and plain[-1].isdigit():
            return None
        plain = squashed(plain)
        # Firefox's "tiger" is the face where there is a "tigerside" too.
        if plain.endswith("side") and plain[:-4] in every:
            return self._named.get(plain[:-4])
        candidates = [plain, plain + "face"] if plain + "side" not in every else [plain + "face", plain]
        return next((self._named[c] for c in candidates if c in self._named), None)

    def _files(self, style):
        key = "twemoji"
        return {emoji.code(file.stem): ("file", str(file), style.outlined)
                for file in sorted(self._package(key).glob("*.svg"))}

    def _pixels(self, style):
        return {emoji.code(file.stem): ("pixels", str(file))
                for file in sorted((self._package(style.key) / "assets").glob("*.webp"))}

    def _glyphs(self, style):
        """Only single code points: a font's sequences would need a text shaper."""
        path = str(self._package(style.key) / FONT)
        known = render.font_covers(path)
        return {code: ("glyph", path, int(code, 16)) for code in self.records
                if "-" not in code and int(code, 16) in known}

    def svg(self, source):
        """(body, side) of an SVG source."""
        if source[0] == "icon":
            icons = self._icons[source[1]]
            icon = icons["icons"][source[2]]
            return icon["body"], icon.get("width", icons.get("width", 16))
        text = Path(source[1]).read_text("utf-8")
        return text[text.index(">") + 1:text.rindex("</svg>")], 36

    def picture(self, source, outline=None, colour=True):
        """RGBA, cropped to what is drawn, or None."""
        if source[0] == "pixels":
            return render.pixels(source[1])
        if source[0] == "glyph":
            return render.glyph(source[1], source[2])
        body, side = self.svg(source)
        if source[0] == "file" and source[2] and outline is None:
            outline = render.OUTLINE
        return render.svg_picture(body, side, outline, colour)
