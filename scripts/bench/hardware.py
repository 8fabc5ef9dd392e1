"""The machine's own rate: bf16 and fp32 matrix products of 2048 a side, in GF/s."""

import measuring  # noqa: I001

import torch


def rate(dtype, side=2048):
    a, b = torch.randn(side, side, dtype=dtype), torch.randn(side, side, dtype=dtype)
    seconds = measuring.repeat(12, lambda: torch.mm(a, b))
    return round(2 * side**3 / min(seconds) / 1e9)


measuring.report([0.0], bf16_gflops=rate(torch.bfloat16), fp32_gflops=rate(torch.float32))
