"""Golden figures of atelier.evaluation.metric and .statistics by torchmetrics, vendi-score and SciPy.

    python scripts/conformance/evaluation/figures.py
writes metrics.safetensors. Features are random, skewed and positive as pooled activations are; the references work in
double precision where they can. Needs evaluation/requirements.txt.
"""
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from scipy import stats
from torchmetrics.image.kid import maximum_mean_discrepancy, poly_kernel
from vendi_score import vendi

OUT = Path(__file__).parents[3] / "evaluation/src/test/resources/atelier/evaluation"
rng = np.random.default_rng(0)
found = {}


def put(name, value):
    found[name] = torch.as_tensor(np.asarray(value, dtype=np.float32)).reshape(-1 if np.ndim(value) == 0 else np.shape(value))


x = np.maximum(rng.normal(0.2, 1.0, (40, 64)), 0).astype(np.float32)
y = np.maximum(rng.normal(0.4, 1.1, (30, 64)), 0).astype(np.float32)
put("in.x", x), put("in.y", y)
tx, ty = torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)


def unbiased(kxx, kyy, kxy):
    """The U-statistic, for kernels that torchmetrics does not have."""
    m, n = len(kxx), len(kyy)
    return ((kxx.sum() - np.trace(kxx)) / (m * (m - 1)) + (kyy.sum() - np.trace(kyy)) / (n * (n - 1)) - 2 * kxy.mean())


# torchmetrics takes as many of both: its subsets are drawn so.
put("out.kid", float(maximum_mean_discrepancy(poly_kernel(tx[:30], tx[:30]), poly_kernel(tx[:30], ty), poly_kernel(ty, ty))))
put("out.kid_uneven", unbiased(poly_kernel(tx, tx).numpy(), poly_kernel(ty, ty).numpy(), poly_kernel(tx, ty).numpy()))

xd, yd = x.astype(np.float64), y.astype(np.float64)
put("out.vendi", vendi.score_X(xd / np.linalg.norm(xd, axis=1, keepdims=True), normalize=False))
put("out.vendi_alike", vendi.score_K(np.ones((5, 5))))

values = rng.gamma(2.0, 1.5, 24)
put("in.values", values)
result = stats.bootstrap((values,), np.mean, n_resamples=400, method="percentile", rng=np.random.default_rng(5),
                         confidence_level=0.95)
put("out.bootstrap_percentile", [result.confidence_interval.low, result.confidence_interval.high])
# SciPy draws all its indices with this call; the figures then depend on nothing but them.
draws = np.random.default_rng(5).integers(0, 24, (400, 24))
check = np.quantile(values[draws].mean(1), [0.025, 0.975])
assert np.allclose(check, found["out.bootstrap_percentile"].numpy(), atol=1e-5), (check, found["out.bootstrap_percentile"])
put("in.draws", draws)

differences = rng.normal(0.4, 1.0, 10)
put("in.differences", differences)
test = stats.permutation_test((differences,), lambda d, axis: np.mean(d, axis=axis), permutation_type="samples",
                              vectorized=True, n_resamples=np.inf)
put("out.sign_flips", test.pvalue)

for hits, cases in ((0, 20), (3, 17), (12, 12)):
    for method in ("wilson", "exact"):
        ci = stats.binomtest(hits, cases).proportion_ci(0.95, method)
        put(f"out.{method}_{hits}_{cases}", [ci.low, ci.high])
put("in.p", [0.01, 0.04, 0.03, 0.2])
put("out.holm", [0.04, 0.09, 0.09, 0.2])

OUT.mkdir(parents=True, exist_ok=True)
save_file({k: v.contiguous() for k, v in found.items()}, OUT / "metrics.safetensors")
print({k: v.flatten()[:3].tolist() for k, v in found.items() if k.startswith("out")})
