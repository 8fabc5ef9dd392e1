"""What nsfwjs itself says of a few pictures, for the tests of atelier.inference.safety.

    npm pack nsfwjs@4.3.0 && tar xzf nsfwjs-4.3.0.tgz && npm install --prefix node @tensorflow/tfjs@4.22.0
    python scripts/safety/golden.py package node
runs the package's model in TensorFlow.js as its classify does and writes the probabilities. Needs node, numpy and pillow.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
OUT = ROOT / "inference/src/test/resources/atelier/inference/safety/nsfwjs.json"
CLASSIFY = """
const [folder, modules] = process.argv.slice(1), fs = require('fs'), tf = require(modules + '/node_modules/@tensorflow/tfjs');
const unwrap = module => module.default || module;
const json = unwrap(require(folder + '/dist/models/mobilenet_v2/model.min.js'));
const bytes = Buffer.from(unwrap(require(folder + '/dist/models/mobilenet_v2/group1-shard1of1.min.js')), 'base64');
const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const specs = json.weightsManifest.flatMap(group => group.weights);
(async () => {
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs: specs, weightData: data }));
  const out = [];
  for (const picture of JSON.parse(fs.readFileSync(0))) {
    const pixels = tf.tensor3d(Uint8Array.from(Buffer.from(picture.rgb, 'base64')), [picture.height, picture.width, 3], 'int32');
    // As NSFWJS.infer has it.
    let x = pixels.toFloat().div(tf.scalar(255));
    if (picture.width !== 224 || picture.height !== 224) x = tf.image.resizeBilinear(x, [224, 224], true);
    out.push(Array.from(await model.predict(x.reshape([1, 224, 224, 3])).data()));
  }
  console.log(JSON.stringify(out));
})();
"""
PICTURES = ["pattern 224 224", "pattern 96 64", "pattern 300 200", "pattern 16 16", "1F435.png", "1F98D.png"]


def pixels(name):
    if name.endswith(".png"):
        # Transparency on white, as the product's reader has it.
        picture = Image.open(ROOT / "datasets/demo/images" / name).convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        return np.asarray(Image.alpha_composite(ground, picture).convert("RGB"))
    width, height = map(int, name.split()[1:])
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([(7 * x + 3 * y) % 256, x * y % 256, (x * x + 5 * y) % 256], -1).astype(np.uint8)


def main(package, modules):
    import base64
    pictures = [{"width": p.shape[1], "height": p.shape[0], "rgb": base64.b64encode(p.tobytes()).decode()} for p in map(pixels, PICTURES)]
    done = subprocess.run(["node", "-e", CLASSIFY, str(package.resolve()), str(modules.resolve())], input=json.dumps(pictures), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    probabilities = json.loads(done.stdout.strip().splitlines()[-1])
    classes = ["drawing", "hentai", "neutral", "porn", "sexy"]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps([{"picture": n, **dict(zip(classes, p))} for n, p in zip(PICTURES, probabilities)], indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
