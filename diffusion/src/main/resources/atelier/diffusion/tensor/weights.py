# Type codes are PyTorch's: 5 fp16, 6 fp32, 7 fp64, 15 bf16. A script cannot look at bytes as another type, so
# tensors come in as fp32 or fp16 and leave as them.
def stored(self, x: Tensor, wanted: int, shape: List[int]) -> Tensor:
  return torch.reshape(torch.to(x, wanted), shape)

def stored_copy(self, x: Tensor, wanted: int, shape: List[int]) -> Tensor:
  return torch.clone(torch.reshape(torch.to(x, wanted), shape), memory_format=0)

def to_type(self, x: Tensor, wanted: int) -> Tensor:
  return torch.contiguous(torch.to(x, wanted), memory_format=0)

def pack_conv(self, w: Tensor, stride: int, padding: int) -> Tensor:
  return torch.mkldnn_reorder_conv2d_weight(torch.to_mkldnn(w), [padding, padding], [stride, stride], [1, 1], 1, None)

def pack_conv_adjoint(self, w: Tensor, padding: int) -> Tensor:
  t = torch.contiguous(torch.transpose(torch.flip(w, [2, 3]), 0, 1))
  return torch.mkldnn_reorder_conv2d_weight(torch.to_mkldnn(t), [padding, padding], [1, 1], [1, 1], 1, None)

def pack_linear(self, w: Tensor, rows: int) -> Tensor:
  return ops.mkldnn._reorder_linear_weight(torch.to_mkldnn(w), rows)

def add_into(self, target: Tensor, x: Tensor) -> Tensor:
  return torch.add_(target, x)

def sum_of(self, a: Tensor, b: Tensor) -> Tensor:
  return torch.add(a, b)

def copy_into(self, target: Tensor, x: Tensor) -> Tensor:
  return torch.copy_(target, x)

def zero_all(self, tensors: List[Tensor]) -> int:
  torch._foreach_zero_(tensors)
  return 0

def scale_all(self, tensors: List[Tensor], factor: float) -> int:
  torch._foreach_mul_(tensors, factor)
  return 0

# Global 2-norm over all tensors: [] fp32.
def global_norm(self, tensors: List[Tensor]) -> Tensor:
  return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(tensors, 2.)), 2.)
