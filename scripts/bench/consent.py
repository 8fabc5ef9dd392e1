"""Consent at the size of registries: lookups, perceptual recall, a broken line in a large list.

    scripts/bench/consent [--small | --full] [--only PART ...] [--pictures FOLDER] [--lists FOLDER] [--out FILE]

Parts: exact, addresses, pdq, broken, perceptual. --small (default) takes minutes, --full about an hour and 20 GB under
ATELIER_SCRATCH. --lists keeps the compiled lists there, and takes those that it finds, so that building and checking can be
two runs (--build ends before the checks). perceptual needs Pillow and a folder of pictures: those of datasets/demo, or what
pictures.py draws.
Every figure comes from a process of its own, so that its peak of resident memory (VmHWM, mapped files included) is its own.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance/live"))
import support  # noqa: E402

SIZES = {
    "small": dict(planted=20_000, entries=1_000_000, images=10_000, pdq=100_000, broken=1_000_000),
    "full": dict(planted=1_000_000, entries=100_000_000, images=100_000, pdq=100_000_000, broken=100_000_000),
}
QUALITIES = (30, 50, 75, 95)
SCALES = (0.25, 0.5, 2, 4)


def java(main, heap, **options):
    command = ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-cp", support.classpath("datasets"), f"atelier.datasets.consent.{main}"]
    done = subprocess.run(command + [f"{k}={v}" for k, v in options.items()], text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{main} {options} ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def exact(size, scratch):
    r = java("ConsentBench", "10g", part="exact", entries=size["planted"], folder=scratch)
    found = all(r[f"found_{w}"] == r["planted"] for w in ("streamed", "compiled"))
    clean = r["false_streamed"] == r["false_compiled"] == 0
    yield (f"exact keys, {r['planted']:,} planted among as many clean", "recall 100 %, false positives 0",
           f"found {r['found_streamed']:,} streamed, {r['found_compiled']:,} compiled; false {r['false_streamed']}, {r['false_compiled']}", found and clean)


def addresses(size, scratch):
    if not (scratch / "addresses.optout").exists():
        written = java("ConsentBench", "512m", part="write", entries=size["entries"], folder=scratch)
        built = java("ConsentBench", "1g", part="compile", folder=scratch)
        (scratch / "addresses.jsonl").unlink()
        yield (f"optout build of {size['entries']:,} addresses ({written['list_bytes'] / 1e9:.1f} GB)", "",
               f"{built['seconds']:.0f} s, {built['peak_resident_mib']} MiB, file of {built['bytes'] / 1e9:.2f} GB", None)
    if size["build"]:
        return
    r = java("ConsentBench", "640m", part="addresses", entries=size["entries"], images=size["images"], folder=scratch)
    right = r["found"] == (size["images"] + 1) // 2
    yield (f"{size['entries']:,} addresses against {size['images']:,} pictures", "60 s, 1024 MiB resident",
           f"{r['check_seconds']:.1f} s, {r['peak_resident_mib']} MiB, {r['found']:,} of {size['images'] // 2:,} planted found",
           right and r["check_seconds"] <= 60 and r["peak_resident_mib"] <= 1024)


def pdq(size, scratch):
    if not (scratch / "pdq.optout").exists():
        built = java("ConsentBench", "1g", part="pdq-write", entries=size["pdq"], folder=scratch)
        (scratch / "pdq.jsonl").unlink()
        yield f"optout build of {size['pdq']:,} PDQ digests", "", f"{built['compile_seconds']:.0f} s, {built['peak_resident_mib']} MiB", None
    if size["build"]:
        return
    r = java("ConsentBench", "700m", part="pdq", entries=size["pdq"], images=size["images"], folder=scratch)
    yield (f"{size['pdq']:,} PDQ digests against {size['images']:,} pictures in 8 positions", "reported; 600 s, 1024 MiB aimed at",
           f"{r['check_seconds']:.1f} s ({r['check_seconds'] / size['pdq'] * 1e6:.2f} us a digest), {r['peak_resident_mib']} MiB, "
           f"{r['found']} of 100 planted at 31 bits found, {r['false']} others", None)


def broken(size, scratch):
    r = java("ConsentBench", "512m", part="broken", entries=size["broken"], folder=scratch)
    (scratch / "broken.jsonl").unlink()
    yield (f"a list of {r['list_bytes'] / 1e9:.1f} GB with one broken line in the middle", "stops and names the line",
           f"line {r['broken_line']:,} {'named' if r['named'] else 'NOT named'} after {r['seconds']:.0f} s, {r['peak_resident_mib']} MiB", r["named"])


def changes(picture):
    """Every change of a picture, by name: (function that saves it, suffix)."""
    from PIL import Image, ImageFilter, ImageOps
    rgb = Image.new("RGB", picture.size, "white")
    rgb.paste(picture.convert("RGBA"), mask=picture.convert("RGBA"))
    for q in QUALITIES:
        yield f"jpeg_q{q}", rgb, "jpg", dict(quality=q)
    yield "webp_q80", rgb, "webp", dict(quality=80)
    for s in SCALES:
        yield f"resized_{s}x", rgb.resize([max(1, round(s * d)) for d in rgb.size], Image.LANCZOS), "png", dict(compress_level=1)
    yield "grey", ImageOps.grayscale(rgb), "png", {}
    yield "flipped", ImageOps.mirror(rgb), "png", {}
    yield "turned_90", rgb.transpose(Image.ROTATE_90), "png", {}
    yield "turned_180", rgb.transpose(Image.ROTATE_180), "png", {}
    yield "sharpened", rgb.filter(ImageFilter.UnsharpMask(radius=1, percent=60, threshold=0)), "png", {}


def perceptual(size, scratch, pictures):
    from PIL import Image
    originals, changed = scratch / "originals", scratch / "changed"
    originals.mkdir()
    for path in sorted(pictures.rglob("*.png")):
        with Image.open(path) as picture:
            name = path.relative_to(pictures).with_suffix("").as_posix().replace("/", "-")
            picture.save(originals / f"{name}.png")
            for change, image, suffix, options in changes(picture):
                (changed / change).mkdir(parents=True, exist_ok=True)
                image.save(changed / change / f"{name}.{suffix}", **options)
    pairs = pathlib.Path("perceptual-pairs.txt").resolve() if size["keep_pairs"] else scratch / "pairs.txt"
    r = java("PerceptualBench", "3g", originals=originals, changed=changed, pairs=pairs)
    shutil.rmtree(originals)
    shutil.rmtree(changed)
    yield (f"pictures of {pictures.name}", "", f"{r.pop('originals'):,}, of which {r.pop('flat'):,} are too flat to be compared (quality <= 49)", None)
    compared, matching = r.pop("pairs"), r.pop("matching_pairs")
    for change, recall in r.items():
        yield (f"recall, {change}", "99 %", f"{100 * recall:.2f} %", recall >= 0.99)
    yield ("pairs of different files within 31 bits", "0 that a person would call different",
           f"{matching:,} of {compared:,}; listed for a person to look at with --keep-pairs", None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", dest="size", action="store_const", const="full", default="small")
    parser.add_argument("--small", dest="size", action="store_const", const="small")
    parser.add_argument("--only", nargs="+", default=["exact", "addresses", "pdq", "broken", "perceptual"])
    parser.add_argument("--pictures", type=pathlib.Path, default=support.ROOT / "datasets/demo/images")
    parser.add_argument("--keep-pairs", action="store_true")
    parser.add_argument("--lists", type=pathlib.Path)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    size = SIZES[arguments.size] | {"keep_pairs": arguments.keep_pairs, "build": arguments.build}
    if arguments.lists:
        arguments.lists.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="atelier-consent-", dir=os.environ.get("ATELIER_SCRATCH")))
    lines = ["| figure | bar | measured | holds |", "|---|---|---|---|"]
    held = True
    try:
        for part in arguments.only:
            extra = [arguments.pictures] if part == "perceptual" else []
            folder = arguments.lists if arguments.lists and part in ("addresses", "pdq") else scratch
            for figure, bar, measured, holds in globals()[part](size, folder, *extra):
                lines.append(f"| {figure} | {bar} | {measured} | {'' if holds is None else 'yes' if holds else 'NO'} |")
                print(lines[-1], flush=True)
                held &= holds is not False
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n")
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
