# Type codes are PyTorch's: 5 fp16, 6 fp32, 7 fp64, 15 bf16. A script cannot look at bytes as another type, so
# tensors come in as fp32 or fp16 and leave as them.
def stored(self, x: Tensor, wanted: int, shape: List[int]) -> Tensor:
  return torch.reshape(torch.to(x, wanted), shape)

# A convolution's weight lies as its pictures do: oneDNN would else re-order it at every call, forward and back.
def stored_channels_last(self, x: Tensor, wanted: int, shape: List[int]) -> Tensor:
  return torch.contiguous(torch.reshape(torch.to(x, wanted), shape), memory_format=2)

def stored_copy(self, x: Tensor, wanted: int, shape: List[int]) -> Tensor:
  return torch.clone(torch.reshape(torch.to(x, wanted), shape), memory_format=0)

def to_type(self, x: Tensor, wanted: int) -> Tensor:
  return torch.contiguous(torch.to(x, wanted), memory_format=0)

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
