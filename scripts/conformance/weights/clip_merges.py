"""Writes CLIP's merges, those that its vocabulary uses, from the file of OpenAI's CLIP (MIT) that open_clip_torch carries.

    python clip_merges.py diffusion/src/main/resources/atelier/diffusion/text/clip-merges.txt.gz
"""

import gzip
import sys
from importlib.util import find_spec
from pathlib import Path

# Found without being imported: the package wants torchvision.
package = Path(find_spec("open_clip").origin).parent
lines = gzip.open(package / "bpe_simple_vocab_16e6.txt.gz").read().decode().split("\n")
used = "\n".join(["#version: 0.2"] + lines[1 : 49152 - 256 - 2 + 1]) + "\n"
with open(sys.argv[1], "wb") as out, gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as zipped:
    zipped.write(used.encode())
