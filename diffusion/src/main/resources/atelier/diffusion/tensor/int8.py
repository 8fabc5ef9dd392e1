# Weights and inputs of a layer as 8-bit integers: products run at twice bf16's rate and weights take half its memory.
# A weight has a scale for each output, an input one for each row (each picture, in a convolution), found as it comes.
# [codes, scales]: 128 stands for 0, and halves are rounded up. Scales are of the values' type, so that no pass over
# memory mixes types; values are rounded against the scales as these were rounded, and 126.5 leaves room for that.
# Codes go by way of int16, because from there the conversion is fast.
def int8_codes(self, x: Tensor, dims: List[int]) -> Tuple[Tensor, Tensor]:
  wide = torch.to(x, 6)
  scales = self.int8_scales(self.magnitude(wide, dims), x)
  return (torch.to(self.int8_rounded(wide, scales), 0), scales)

def magnitude(self, wide: Tensor, dims: List[int]) -> Tensor:
  return torch.maximum(torch.amax(wide, dims, True), torch.neg(torch.amin(wide, dims, True)))

def int8_scales(self, largest: Tensor, like: Tensor) -> Tensor:
  return torch.type_as(torch.clamp_(torch.div_(largest, 126.5), 1.e-12), like)

# Codes as int16, of fp32 values that are overwritten.
def int8_rounded(self, wide: Tensor, scales: Tensor) -> Tensor:
  return torch.to(torch.add_(torch.mul_(wide, torch.reciprocal(torch.to(scales, 6))), 128.5), 2)

# Codes of a large picture, as many rows at a time as have 1 Mi values: in fp32 all of them would leave the caches.
def int8_codes_by_rows(self, x: Tensor) -> Tuple[Tensor, Tensor]:
  b, c, h, w = torch.size(x)
  rows = max(1, torch.floordiv(1048576, b * c * w))
  parts = torch.split(x, rows, 2)
  largest = torch.zeros([b, 1, 1, 1], dtype=6, layout=None, device=ops.prim.device(x), pin_memory=None)
  for i in range(torch.len(parts)):
    largest = torch.maximum(largest, self.magnitude(torch.to(parts[i], 6), [1, 2, 3]))
  scales = self.int8_scales(largest, x)
  codes = torch.empty_like(x, dtype=0)
  places = torch.split(codes, rows, 2)
  for i in range(torch.len(parts)):
    _0 = torch.copy_(places[i], self.int8_rounded(torch.to(parts[i], 6), scales))
  return (codes, scales)

# y times its scales, with the bias added.
def int8_scaled(self, y: Tensor, scales: Tensor, bias: Optional[Tensor]) -> Tensor:
  if bias is None:
    z = torch.mul_(y, scales)
  else:
    z = torch.addcmul(bias, y, scales, value=1, out=y)
  return z

# The codes of x: [..., inputs], with a scale for each row.
def int8_product(self, p: Dict[str, Tensor], key: str, codes: Tensor, scales: Tensor, code: int, bias: Optional[Tensor]) -> Tensor:
  y = ops.onednn.qlinear_pointwise(codes, 1., 128, p[key], p[key + ".scales"], p[key + ".zeros"], None, 1., 0, code, "none", annotate(List[Optional[number]], []), "")
  return self.int8_scaled(y, scales, bias)

def int8_linear(self, p: Dict[str, Tensor], key: str, x: Tensor, bias: Optional[Tensor]) -> Tensor:
  codes, scales = self.int8_codes(x, [-1])
  return self.int8_product(p, key, codes, scales, ops.prim.dtype(x), bias)

def int8_conv(self, p: Dict[str, Tensor], key: str, x: Tensor, bias: Optional[Tensor], stride: int, padding: int) -> Tensor:
  if torch.numel(x) > 4194304:
    codes, scales = self.int8_codes_by_rows(x)
  else:
    codes, scales = self.int8_codes(x, [1, 2, 3])
  y = ops.onednn.qconv2d_pointwise(codes, 1., 128, p[key], p[key + ".scales"], p[key + ".zeros"], None, [stride, stride], [padding, padding], [1, 1], 1, 1., 0, ops.prim.dtype(x), "none", annotate(List[Optional[number]], []), "")
  if bias is not None:
    bias = torch.view(bias, [1, -1, 1, 1])
  return self.int8_scaled(y, scales, bias)

# Where only the forward layout is kept, a gradient takes its codes, which the gradient's type holds exactly, and is
# itself multiplied by the scales: a product in that type, of a weight that is there for as long as the product.
def int8_matrix_grad(self, p: Dict[str, Tensor], key: str, g: Tensor) -> Tensor:
  scaled = torch.type_as(torch.mul(g, p[key + ".scales"]), g)
  return torch.linear(scaled, torch.type_as(torch.to_dense(p[key]), g))

# Of a convolution that keeps the size. Over few pixels oneDNN would spend most of the time on laying the kernel out;
# there every output's gradient is multiplied by the whole kernel as it lies, and the windows are added up.
def int8_kernel_grad(self, p: Dict[str, Tensor], key: str, x: Tensor, g: Tensor, padding: int) -> Tensor:
  scaled = torch.type_as(torch.mul(g, torch.view(p[key + ".scales"], [1, -1, 1, 1])), g)
  kernel = torch.type_as(torch.to_dense(p[key]), g)
  b, c, h, w = torch.size(x)
  if padding == 1 and b * h * w <= 256:
    seen = torch.matmul(self.tokens(scaled), torch.view(kernel, [-1, 9 * c]))
    gx = self.windows_grad(torch.permute(torch.view(seen, [b, h, w, c, 3, 3]), [0, 1, 2, 4, 5, 3]), x)
  else:
    gx = self.conv_input_grad(x, kernel, scaled, 1, padding)
  return gx

# [packed codes, scales, zero points] of a matrix [outputs, inputs] or, for the gradient, of its transpose.
def int8_matrix(self, w: Tensor, outputs: int, inputs: int, back: bool) -> List[Tensor]:
  codes, scales = self.int8_weight(torch.reshape(w, [outputs, inputs]), back)
  return [ops.onednn.qlinear_prepack(codes, None), scales, torch.zeros_like(scales, dtype=3)]

def int8_kernel(self, w: Tensor, stride: int, padding: int, back: bool) -> List[Tensor]:
  codes, scales = self.int8_weight(w, back)
  if back:
    codes = torch.flip(codes, [2, 3])
  packed = ops.onednn.qconv_prepack(codes, scales, 1., 128, [stride, stride], [padding, padding], [1, 1], 1, [1, torch.size(codes, 1), 16, 16])
  return [packed, scales, torch.zeros_like(scales, dtype=3)]

# Codes with a scale for each row; of the transpose, for each column.
def int8_weight(self, w: Tensor, back: bool) -> Tuple[Tensor, Tensor]:
  w = torch.to(w, 6, False, True)
  largest = torch.abs(w)
  if back:
    # By rows first: all at once takes ten times as long.
    largest = torch.amax(largest, [0], True)
  scales = torch.clamp_(torch.div(torch.amax(largest, self.others(w, int(back)), True), 127.), 1.e-12)
  codes = torch.to(torch.round_(torch.mul_(w, torch.reciprocal(scales))), 1)
  if back:
    codes = torch.transpose(codes, 0, 1)
  return (torch.contiguous(codes), torch.reshape(scales, [-1]))

# Whether sums of products are exact: processors without VNNI add pairs of them in 16 bits, where large ones saturate.
def adds_int8(self) -> Tensor:
  packed = ops.onednn.qlinear_prepack(torch.full([64, 64], 127, dtype=1), None)
  zeros = torch.zeros([64], dtype=3)
  codes = torch.full([16, 64], 255, dtype=0)
  y = ops.onednn.qlinear_pointwise(codes, 1., 128, packed, torch.ones([64]), zeros, None, 1., 0, 6, "none", annotate(List[Optional[number]], []), "")
  return torch.all(torch.eq(y, 1032256.))
