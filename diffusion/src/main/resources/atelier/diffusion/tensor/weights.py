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

def scale_each(self, tensors: List[Tensor], factors: List[float]) -> int:
  numbers = annotate(List[number], [])
  for i in range(torch.len(factors)):
    _0 = torch.append(numbers, factors[i])
  torch._foreach_mul_(tensors, numbers)
  return 0

# target += x, and x becomes zero.
def move_sum(self, target: Tensor, x: Tensor) -> int:
  _0 = torch.add_(target, x)
  _1 = torch.zero_(x)
  return 0

# Global 2-norm over all tensors: [] fp32.
def global_norm(self, tensors: List[Tensor]) -> Tensor:
  return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(tensors, 2.)), 2.)

# Tensors become views of one, flat, in which they lie at the given places; their handles and values stay. The flat
# tensor is zero between them.
def lay_into(self, tensors: List[Tensor], flat: Tensor, places: List[int]) -> int:
  for i in range(torch.len(tensors)):
    t = tensors[i]
    view = torch.view(torch.narrow(flat, 0, places[i], torch.numel(t)), torch.size(t))
    _0 = torch.copy_(view, t)
    _1 = torch.set_(t, view)
  return 0

# A view of some of a flat tensor's values, in another tensor's shape.
def view_like(self, flat: Tensor, place: int, like: Tensor) -> Tensor:
  return torch.view(torch.narrow(flat, 0, place, torch.numel(like)), torch.size(like))

def view_of(self, flat: Tensor, place: int, shape: List[int]) -> Tensor:
  count = 1
  for n in shape:
    count = count * n
  return torch.view(torch.narrow(flat, 0, place, count), shape)

def zeros_flat(self, count: int, code: int, like: Tensor) -> Tensor:
  return torch.zeros([count], dtype=code, layout=None, device=ops.prim.device(like), pin_memory=None)
