"""Group norm with SiLU in one pass for training in bf16 on a CPU (fused.c); without a C compiler nothing changes."""

import ctypes
import functools
import os
import subprocess
import tempfile
import types
from pathlib import Path

import torch
from diffusers.models.resnet import ResnetBlock2D


@functools.cache
def library():
    """Compiled for this machine at the start; None where that fails."""
    with tempfile.TemporaryDirectory() as folder:
        target, part = os.path.join(folder, "fused.so"), os.path.join(folder, "fused.o")
        # Linked apart, without -Ofast: with it, the library would set the processor's rounding modes for all.
        compiled = ["cc", "-Ofast", "-march=native", "-mprefer-vector-width=512", "-fPIC", "-c",
                    str(Path(__file__).parent / "fused.c"), "-o", part]
        try:
            subprocess.run(compiled, check=True, capture_output=True)
            subprocess.run(["cc", "-shared", part, "-o", target, "-lmvec", "-lm"], check=True, capture_output=True)
            loaded = ctypes.CDLL(target)
        except (OSError, subprocess.CalledProcessError) as problem:
            print(f"fused: not compiled ({problem}); PyTorch's own group norm is used", flush=True)
            return None
    pointer, number = ctypes.c_void_p, ctypes.c_long
    loaded.group_norm_forward.argtypes = [pointer] * 6 + [number] * 4 + [ctypes.c_float, ctypes.c_int]
    loaded.group_norm_backward.argtypes = [pointer] * 9 + [number] * 4 + [ctypes.c_int]
    return loaded


def layout(x):
    """(n, pixels, channels, contiguous tensor) of (n, c, h, w) channels last or (n, c, l)."""
    if x.ndim == 4:
        x = x.contiguous(memory_format=torch.channels_last)
        return x.shape[0], x.shape[2] * x.shape[3], x.shape[1], x
    raise ValueError(f"shape {tuple(x.shape)}")


class GroupNorm(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight, bias, groups, eps, silu):
        n, pixels, channels, x = layout(x)
        y = torch.empty_like(x)
        mean, rstd = torch.empty(n, groups), torch.empty(n, groups)
        library().group_norm_forward(x.data_ptr(), weight.data_ptr(), bias.data_ptr(), y.data_ptr(), mean.data_ptr(),
                                     rstd.data_ptr(), n, pixels, channels, groups, eps, silu)
        context.save_for_backward(x, weight, bias, mean, rstd)
        context.groups, context.silu = groups, silu
        return y

    @staticmethod
    def backward(context, dy):
        x, weight, bias, mean, rstd = context.saved_tensors
        n, pixels, channels, dy = layout(dy.to(torch.bfloat16))
        dx, dweight, dbias = torch.empty_like(x), torch.zeros_like(weight), torch.zeros_like(bias)
        library().group_norm_backward(dy.data_ptr(), x.data_ptr(), weight.data_ptr(), bias.data_ptr(), mean.data_ptr(),
                                      rstd.data_ptr(), dx.data_ptr(), dweight.data_ptr(), dbias.data_ptr(), n, pixels,
                                      channels, context.groups, context.silu)
        return dx, dweight, dbias, None, None, None


def normed(norm, x, silu):
    if x.dtype == torch.bfloat16 and x.ndim == 4:
        return GroupNorm.apply(x, norm.weight, norm.bias, norm.num_groups, norm.eps, silu)
    y = torch.nn.functional.group_norm(x, norm.num_groups, norm.weight, norm.bias, norm.eps)
    return torch.nn.functional.silu(y) if silu else y


def norm_forward(self, x):
    return normed(self, x, getattr(self, "silu", False))


def resnet_forward(self, x, temb=None, *_, **__):
    hidden = self.conv1(normed(self.norm1, x, True))
    if temb is not None and self.time_emb_proj is not None:
        hidden = hidden + self.time_emb_proj(self.nonlinearity(temb))[:, :, None, None]
    hidden = self.conv2(normed(self.norm2, hidden, True))
    return hidden + (x if self.conv_shortcut is None else self.conv_shortcut(x))


def install(module):
    """Only for training: what is saved are weights, which know nothing of this."""
    if library() is None:
        return module
    for part in module.modules():
        if isinstance(part, torch.nn.GroupNorm):
            part.forward = types.MethodType(norm_forward, part)
        if isinstance(part, ResnetBlock2D):
            plain = part.upsample is None and part.downsample is None and part.output_scale_factor == 1
            assert plain and (part.time_emb_proj is None or part.time_embedding_norm == "default")
            part.forward = types.MethodType(resnet_forward, part)
        if hasattr(part, "conv_norm_out") and part.conv_norm_out is not None:
            part.conv_norm_out.silu = True
            part.conv_act = torch.nn.Identity()
    return module
