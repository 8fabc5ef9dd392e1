"""Runs datadiligence beside Atelier on the same header fields and image files and writes DATADILIGENCE.md.

    python scripts/conformance/consent/datadiligence_table.py

Needs the environment of requirements.txt beside this file. Every difference must be explained here, and every
explanation must still be of a difference; otherwise the script fails.
"""
import json
import logging
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))
import support  # noqa: E402

FIXTURES = support.ROOT / "datasets/src/test/resources/atelier/datasets/consent"

CASE = "it compares the directive as written; directives have no letter case"
AIPREF = "it does not know the field"
PARSE = "it lets a picture through when the manifest cannot be parsed; here what cannot be read excludes"
CONSTRAINED = "it takes constrained for allowed; no agreement is at hand, so here it excludes"
LABEL = "it knows the label c2pa.training-mining alone; its successor is cawg.training-mining"

# name, header fields, why the two differ (None: they must agree)
HEADERS = [
    ("noai", {"X-Robots-Tag": "noai"}, None),
    ("noimageai among others", {"X-Robots-Tag": "nofollow, noimageai"}, None),
    ("NOAI in capitals", {"X-Robots-Tag": "NOAI"}, CASE),
    ("noindex alone", {"X-Robots-Tag": "noindex"}, None),
    ("for another agent", {"X-Robots-Tag": "otherbot: noai"}, None),
    ("for this agent", {"X-Robots-Tag": "atelier: noai"}, None),
    ("for this agent, second directive", {"X-Robots-Tag": "atelier: nofollow, NoAI"}, CASE),
    ("for every agent", {"X-Robots-Tag": "*: noai"}, "it knows no star for every agent"),
    ("for another agent, second directive for all", {"X-Robots-Tag": "otherbot: nofollow, noai"}, None),
    ("date, then noai", {"X-Robots-Tag": "unavailable_after: 25 Jun 2030 15:00:00 PST, noai"}, None),
    ("reservation 1", {"tdm-reservation": "1"}, None),
    ("reservation 0", {"tdm-reservation": "0"}, None),
    ("reservation of another value", {"tdm-reservation": "true"}, None),
    ("Content-Usage", {"Content-Usage": "train-ai=n"}, AIPREF),
    ("Content-Signal", {"Content-Signal": "search=yes, ai-train=no"}, AIPREF),
    ("nothing", {"Content-Type": "image/png"}, None),
]
# file, why the two differ
IMAGES = [
    ("c2pa-not-allowed.png", None),
    ("c2pa-not-allowed.jpg", LABEL),
    ("c2pa-not-allowed.webp", LABEL),
    ("c2pa-constrained.jpg", CONSTRAINED + "; and " + LABEL),
    ("c2pa-allowed.jpg", None),
    ("c2pa-broken.png", PARSE),
    ("pillow.jpg", "it does not read XMP"),
]


def main():
    from datadiligence.rules import TDMRepHeader, XRobotsTagHeader
    from datadiligence.rules._c2pa import C2PAMetadataRule

    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        broken = bytearray((FIXTURES / "c2pa-not-allowed.png").read_bytes())
        at = broken.find(b"caBX") + 60  # inside the manifest store; the chunk's check sum is then wrong too
        broken[at:at + 40] = bytes(40)
        (scratch / "c2pa-broken.png").write_bytes(broken)

        def place(name):
            return str(scratch / name if (scratch / name).exists() else FIXTURES / name)

        cases = [{"name": name, "headers": fields} for name, fields, _ in HEADERS]
        cases += [{"name": name, "image": place(name)} for name, _ in IMAGES]
        (scratch / "cases.json").write_text(json.dumps(cases))
        support.java("atelier.datasets.consent.conformance.HeaderVerdicts", "datasets",
                     cases=scratch / "cases.json", out=scratch / "out.json")
        ours = json.loads((scratch / "out.json").read_text())

        theirs = {}
        for name, fields, _ in HEADERS:
            theirs[name] = (XRobotsTagHeader("atelier").is_allowed(headers=fields)
                            and TDMRepHeader().is_allowed(headers=fields))
        for name, _ in IMAGES:
            theirs[name] = C2PAMetadataRule().is_allowed(path=place(name))

    lines = ["# datadiligence beside Atelier", "",
             "datadiligence 0.1.7 and Atelier (not strict) on the same input; written by datadiligence_table.py.", "",
             "| input | datadiligence | Atelier | why they differ |", "|---|---|---|---|"]
    wrong = []
    for name, shown, why in ([(n, " ".join(f"{k}: {v}" for k, v in f.items()), w) for n, f, w in HEADERS]
                             + [(n, n, w) for n, w in IMAGES]):
        allowed = ours[name] is None
        lines.append(f"| `{shown}` | {'allowed' if theirs[name] else 'refused'} | {'allowed' if allowed else 'excluded'} "
                     f"| {why or ''} |")
        if (allowed != theirs[name]) != (why is not None):
            wrong.append(f"{name}: datadiligence {theirs[name]}, Atelier {ours[name]}, explained: {why}")
    (HERE / "DATADILIGENCE.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    if wrong:
        raise SystemExit("differences and explanations do not fit:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
