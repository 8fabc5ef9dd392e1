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
BY_KEY = {style.key: style for style in STYLES}
MEASURED_ONLY = "openmoji@17.0.0"
FONT = "400Regular/NotoEmoji_400Regular.ttf"

# Names of the sets that no rule below finds: their name -> OpenMoji's annotation.
NAMED_OTHERWISE = {
    "2hearts": "two hearts", "americasglobe": "globe showing Americas", "asiaaustraliaglobe": "globe showing Asia-Australia",
    "europafricaglobe": "globe showing Europe-Africa", "europeafricaglobe": "globe showing Europe-Africa",
    "aubergine": "eggplant", "birthdaycake": "birthday cake", "beachumbrella": "beach with umbrella",
    "babychick": "baby chick", "bowling": "bowling", "bunny": "rabbit face", "bicyclist": "person biking",
    "blackscissors": "scissors", "blackspadesuit": "spade suit", "blackclubsuit": "club suit",
    "blackheartsuit": "heart suit", "blackdiamondsuit": "diamond suit", "blackskullcrossbones": "skull and crossbones",
    "blacktelephone": "telephone", "blacknib": "black nib", "blowfish": "blowfish", "bug": "bug", "chicken": "chicken",
    "camerawithflash": "camera with flash", "chilipepper": "hot pepper", "christmastree": "Christmas tree",
    "circustent": "circus tent", "clapperboard": "clapper board", "clinkingbeermugs": "clinking beer mugs",
    "collision": "collision", "cookedrice": "cooked rice", "crescentmoon": "crescent moon", "cop": "police officer",
    "daggerknife": "dagger", "darksunglasses": "sunglasses", "deciduoustree": "deciduous tree", "evergreen": "evergreen tree",
    "directhit": "bullseye", "doveofpeace": "dove", "dragonhead": "dragon face", "dragonside": "dragon",
    "earofmaize": "ear of corn", "earofrice": "sheaf of rice", "electrictorch": "flashlight", "fireengine": "fire engine",
    "fatherchristmas": "Santa Claus", "fishingpoleandfish": "fishing pole", "fistedhand": "oncoming fist",
    "floppydisk2": "floppy disk", "forkandknife": "fork and knife", "frenchfries": "french fries",
    "frontfacingchick": "front-facing baby chick", "fullmoonwithface": "full moon face", "girl": "girl",
    "greatbritainflag": "", "graduationcap": "graduation cap", "handbag": "handbag", "heels": "high-heeled shoe",
    "helicopter": "helicopter", "highspeedtrainbulletnose": "bullet train", "highspeedtrain": "high-speed train",
    "honeybee": "honeybee", "hotbeverage": "hot beverage", "housebuilding": "house", "housebuildings": "houses",
    "housewithgarden": "house with garden", "icecream": "ice cream", "softicecream": "soft ice cream",
    "izakayalantern": "red paper lantern", "keyboardandmouse": "", "ladybeetle": "lady beetle", "lightrail": "light rail",
    "manltepiececlock": "mantelpiece clock", "meatonbone": "meat on bone", "menssymbol": "men’s room",
    "mensshoe": "man’s shoe", "moyai": "moai", "mountfuji": "mount fuji", "musicalkeyboard": "musical keyboard",
    "officebuilding": "office building", "oldkey": "old key", "onebuttonmouse": "computer mouse",
    "palmtree": "palm tree", "pandaface": "panda", "performingarts": "performing arts", "personalcomputer": "laptop",
    "piggy": "pig face", "poo": "pile of poo", "poultryleg": "poultry leg", "present": "wrapped gift",
    "redapple": "red apple", "roastedsweetpotato": "roasted sweet potato", "rowboat": "person rowing boat",
    "satelliteantenna": "satellite antenna", "schoolsatchel": "backpack", "sleuthspy": "detective",
    "sliceofpizza": "pizza", "soccerball": "soccer ball", "spurtingwhale": "spouting whale", "sunwithface": "sun with face",
    "surfer": "person surfing", "tangerine": "tangerine", "teacupwithouthandle": "teacup without handle",
    "tennisball": "tennis", "thoughtbaloon": "thought balloon", "top hat": "top hat", "tophat": "top hat",
    "toykotower": "Tokyo tower", "triangularruler": "triangular ruler", "tropicaldrink": "tropical drink",
    "twobuttonmouse": "", "videogame": "video game", "waterbuffalo": "water buffalo", "watercloset": "water closet",
    "weightlifter": "person lifting weights", "whitemediumstar": "star", "whiteflower": "white flower",
    "whitesun": "sun", "wineglass": "wine glass", "womanshat": "woman’s hat", "womansshirt": "woman’s clothes",
    "mansshirt": "t-shirt", "worldmap": "world map", "wolfface": "wolf", "zzz": "ZZZ", "pineapple": "pineapple",
    "bear-face": "bear", "dog-1": "dog", "locomotive": "locomotive", "lion-face": "lion", "rose": "rose",
    "unicorn-face": "unicorn", "fox-face-1": "fox", "hamster-face": "hamster", "robot-face-1": "robot", "pistol": "water pistol",
    "direct-hit": "bullseye", "dizzy-face": "face with crossed-out eyes", "exclamation-mark": "red exclamation mark",
    "question-mark": "red question mark", "cat-face-with-tears-of-joy": "cat with tears of joy",
    "cat-face-with-wry-smile": "cat with wry smile", "crying-cat-face": "crying cat", "pouting-cat-face": "pouting cat",
    "kissing-cat-face": "kissing cat", "weary-cat-face": "weary cat", "grinning-cat-face": "grinning cat",
    "smiling-cat-face-with-heart-eyes": "smiling cat with heart-eyes", "police-car-light": "police car light",
    "pool-8-ball": "pool 8 ball", "bird-1": "bird", "ring-1": "ring", "school-backpack": "backpack", "ship": "ship",
    "grin": "grinning face", "grinsweat": "grinning face with sweat", "grintears": "face with tears of joy",
    "grinsquint": "grinning squinting face", "grineyes": "beaming face with smiling eyes", "loudlycrying": "loudly crying face",
    "hearteyes": "smiling face with heart-eyes", "sunglasses": "smiling face with sunglasses", "winking": "winking face",
    "halo": "smiling face with halo", "devilhorns": "smiling face with horns", "sleeping": "sleeping face",
    "screamfear": "face screaming in fear", "medicalmask": "face with medical mask", "angry": "angry face",
    "pouting": "enraged face", "thumbsup": "thumbs up", "thumbsdown": "thumbs down", "victoryhand": "victory hand",
    "turnedokhand": "OK hand", "wave": "waving hand", "clap": "clapping hands", "flexbicep": "flexed biceps",
    "pray": "folded hands", "raisedfist": "raised fist", "skull": "skull", "alienmonster": "alien monster",
    "heartarrow": "heart with arrow", "heartribbon": "heart with ribbon", "heartblue": "blue heart",
    "heartgreen": "green heart", "heartyellow": "yellow heart", "heartpurple": "purple heart", "redheart": "red heart",
    "brokenheart": "broken heart", "hundredpointssymbol": "hundred points", "sixpointedstarwithdot": "dotted six-pointed star",
    "trolleybus": "trolleybus", "recreationalvehicle": "sport utility vehicle", "racecar": "racing car",
    "straightruler": "straight ruler", "telephonereceiver2": "telephone receiver", "floppydisk": "floppy disk",
    "opticaldisc": "optical disk", "dvd": "dvd", "gamedie": "game die", "gem": "gem stone", "fistraised": "raised fist",
    "musicalnote": "musical note", "multiplemusicalnotes": "musical notes", "snowmanwithoutsnow": "snowman without snow",
    "sushi": "sushi", "spiderweb": "spider web", "speedboat": "speedboat", "smilingcat": "", "curryandrice": "curry rice",
    "potoffood": "pot of food", "fishcakeswirl": "fish cake with swirl", "friedshrimp": "fried shrimp",
    "ricecracker": "rice cracker", "riceball": "rice ball", "bread": "bread", "bearface": "bear", "wrench": "wrench",
    "nutandbolt": "nut and bolt", "openbook": "open book", "orangebook": "orange book", "closedbook": "closed book",
    "heavycheckmark": "check mark", "whiteheavycheckmark": "check mark button", "cancellationx": "cross mark",
    "mountaincableway": "mountain cableway", "automatedtellermachine": "ATM sign", "smokingsymbol": "cigarette",
    "bouquetofflowers": "bouquet", "blondeperson": "", "cowface": "cow face", "horseface": "horse face",
}


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
        self._named = named
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
        if name in NAMED_OTHERWISE:
            return self._named.get(squashed(NAMED_OTHERWISE[name]))
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
