# In place of prepacked.py where PyTorch is built without oneDNN: nothing is packed, so nothing of this is called.
def packs_bf16(self) -> Tensor:
  return torch.tensor(False)

def adds_int8(self) -> Tensor:
  return torch.tensor(False)

def packed_linear(self, x: Tensor, w: Tensor, bias: Optional[Tensor]) -> Tensor:
  return torch.linear(x, w, bias)

def packed_conv(self, x: Tensor, w: Tensor, bias: Optional[Tensor], stride: int, padding: int) -> Tensor:
  return torch.conv2d(x, w, bias, [stride, stride], [padding, padding], [1, 1], 1)

def int8_linear(self, p: Dict[str, Tensor], key: str, x: Tensor, bias: Optional[Tensor]) -> Tensor:
  return torch.linear(x, p[key], bias)

def int8_conv(self, p: Dict[str, Tensor], key: str, x: Tensor, bias: Optional[Tensor], stride: int, padding: int) -> Tensor:
  return torch.conv2d(x, p[key], bias, [stride, stride], [padding, padding], [1, 1], 1)

def int8_codes(self, x: Tensor, dims: List[int]) -> Tuple[Tensor, Tensor]:
  return (x, torch.ones_like(x))

def int8_product(self, p: Dict[str, Tensor], key: str, codes: Tensor, scales: Tensor, code: int, bias: Optional[Tensor]) -> Tensor:
  return torch.linear(codes, p[key], bias)

def int8_matrix_grad(self, p: Dict[str, Tensor], key: str, g: Tensor) -> Tensor:
  return torch.matmul(g, p[key])

def int8_kernel_grad(self, p: Dict[str, Tensor], key: str, x: Tensor, g: Tensor, padding: int) -> Tensor:
  return self.conv_input_grad(x, p[key], g, 1, padding)
