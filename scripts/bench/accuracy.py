"""Whether training in bf16, or with weights in 8 bits, strays from fp32 by more than another seed does: runs of 200 steps on the bundled model, compared
by smoothed loss."""

import json

import numpy
import sides
from run import KEPT, write

STEPS, WINDOW = 200, 20


def curve(dtype, seed, **keys):
    loss = sides.train({"model.dtype": dtype, "train.seed": seed, "train.steps": STEPS, "train.sample_every": 0} | keys)["loss"]
    return numpy.convolve(loss, numpy.ones(WINDOW) / WINDOW, mode="valid"), numpy.array(loss)


def main():
    sides.prepare(full_size=False)
    (exact, raw), (half, half_raw), (eighth, eighth_raw), (other, _) = curve("fp32", 0), curve("bf16", 0), curve("int8", 0), curve("fp32", 1)
    cached, _ = curve("fp32", 0, **{"train.cache_dtype": "int8"})
    strays, coarse, spread, encoded = (float(numpy.abs(x - exact).max()) for x in (half, eighth, other, cached))
    step, coarse_step = (float(numpy.abs(x - raw).max()) for x in (half_raw, eighth_raw))
    bias = float((eighth_raw - raw).mean())
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept["accuracy"] = {"bf16": strays, "int8": coarse, "seeds": spread, "cache_int8": encoded, "text": (
        f"Loss over {STEPS} steps on the bundled model, mean of {WINDOW}: bf16 strays from fp32 by at most {strays:.4f}, int8 by {coarse:.4f} (on average by "
        f"{bias:+.4f}), fp32 with latents and texts encoded in int8 by {encoded:.4f}, another seed by {spread:.4f}; single steps of the same seed differ by at most {step:.4f} in bf16, {coarse_step:.4f} in int8.")}
    print(kept["accuracy"]["text"])
    KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    write(kept)


if __name__ == "__main__":
    main()
