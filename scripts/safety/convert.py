"""Converts nsfwjs' MobileNetV2 (npm package nsfwjs 4.3.0, MIT) to the safetensors file that inference bundles.

    npm pack nsfwjs@4.3.0 && tar xzf nsfwjs-4.3.0.tgz
    python scripts/safety/convert.py package
Weights stay the bytes that the package has, one for each value; value = byte * scale + minimum, with scale and minimum of each
tensor in the file's metadata. Layouts become PyTorch's. Needs node, which reads the package's modules, and numpy.
"""

import base64
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np

OUT = Path(__file__).parents[2] / "inference/src/main/resources/atelier/inference/safety"
READ = """
const folder = process.argv[1], model = require(folder + '/model.min.js'), shard = require(folder + '/group1-shard1of1.min.js');
process.stdout.write(JSON.stringify({ manifest: (model.default || model).weightsManifest, data: shard.default || shard }));
"""


def layout(name, values):
    """TensorFlow's [h, w, in, out], [h, w, channels, 1] and [in, out] as PyTorch's [out, in, h, w], [channels, 1, h, w] and [out, in]."""
    if name.endswith("depthwise_kernel"):
        return values.transpose(2, 3, 0, 1)
    if values.ndim == 4:
        return values.transpose(3, 2, 0, 1)
    return values.T if values.ndim == 2 else values


def key(name):
    layer, part = name.split("/")
    return layer if "kernel" in part else f"{layer}.{part.removeprefix('moving_')}"


def main(package):
    folder = (package / "dist/models/mobilenet_v2").resolve()
    read = json.loads(subprocess.run(["node", "-e", READ, str(folder)], capture_output=True, check=True, text=True).stdout)
    data = np.frombuffer(base64.b64decode(read["data"]), np.uint8)
    header, parts, at, offset = {}, [], 0, 0
    metadata = {"source": "npm package nsfwjs 4.3.0, dist/models/mobilenet_v2", "licence": "MIT"}
    for weight in (w for group in read["manifest"] for w in group["weights"]):
        if weight["quantization"]["dtype"] != "uint8":
            raise SystemExit(f"{weight['name']} is not stored in bytes")
        count = int(np.prod(weight["shape"]))
        values = np.ascontiguousarray(layout(weight["name"], data[at:at + count].reshape(weight["shape"])))
        at += count
        name = key(weight["name"])
        header[name] = {"dtype": "U8", "shape": list(values.shape), "data_offsets": [offset, offset + count]}
        metadata[name] = f"{weight['quantization']['scale']!r} {weight['quantization']['min']!r}"
        parts.append(values.tobytes())
        offset += count
    if at != len(data):
        raise SystemExit(f"{len(data) - at} bytes are left over")
    text = json.dumps({"__metadata__": metadata} | header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "mobilenet-v2.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
    (OUT / "mobilenet-v2.LICENSE.txt").write_text((package / "LICENSE").read_text())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
