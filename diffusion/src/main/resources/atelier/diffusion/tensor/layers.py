# Kernel text is TorchScript as archives store it: Python's grammar, aten's operators, no docstrings.
# p holds a block's tensors by local name, "q.weight", "q.down", "q.down.grad"; a gradient buffer that is
# absent means that the tensor is frozen. Gradients are added into their buffers in place.
#
# A linear or convolution layer n may carry, beside n.weight and n.bias:
#   n.down, n.up, n.scale    low-rank update: y += scale * up(down(x)); without n.scale, up has it in its values
#   n.rank_mask              multiplies the low-rank hidden state (rank dropout)
#   n.dropout                [rate, seed]: elementwise dropout of the hidden state, a function of the seed; or a mask's
#                            values, of which the first are taken
#   n.ratio                  weight decomposition (DoRA): the output without bias is multiplied by it
# A frozen n.weight may stand there as prepacked.py or int8.py has it instead, and then not at all as it is.

def bias_of(self, p: Dict[str, Tensor], n: str) -> Optional[Tensor]:
  key = n + ".bias"
  bias: Optional[Tensor] = None
  if key in p:
    bias = p[key]
  return bias

def accumulate(self, p: Dict[str, Tensor], key: str, gradient: Tensor) -> int:
  _0 = torch.add_(p[key], torch.view(gradient, torch.size(p[key])))
  return 0

# The first values of a mask that was drawn beforehand, as often as it takes.
def mask_window(self, window: Tensor, like: Tensor) -> Tensor:
  n = torch.numel(like)
  if n > torch.numel(window):
    window = torch.repeat(window, [torch.floordiv(n, torch.numel(window)) + 1])
  return torch.type_as(torch.view(torch.narrow(window, 0, 0, n), torch.size(like)), like)

def dropout_mask(self, setting: Tensor, like: Tensor) -> Tensor:
  if torch.numel(setting) > 2:
    return self.mask_window(setting, like)
  # A hash of the position instead of a generator: the backward pass draws the same mask again.
  i = torch.arange(torch.numel(like), dtype=7, layout=None, device=ops.prim.device(like), pin_memory=None)
  u = torch.mul(torch.sin(torch.add(torch.mul(i, 12.9898), torch.select(setting, 0, 1))), 43758.5453)
  u = torch.sub(u, torch.floor(u))
  rate = torch.select(setting, 0, 0)
  keep = torch.div(torch.to(torch.ge(u, rate), 7), torch.sub(torch.ones_like(rate), rate))
  return torch.type_as(torch.view(keep, torch.size(like)), like)

def masked(self, p: Dict[str, Tensor], n: str, h: Tensor, channel: int) -> Tensor:
  if (n + ".rank_mask") in p:
    shape = [1] * torch.dim(h)
    shape[channel] = -1
    h = torch.mul(h, torch.type_as(torch.view(p[n + ".rank_mask"], shape), h))
  if (n + ".dropout") in p:
    h = torch.mul(h, self.dropout_mask(p[n + ".dropout"], h))
  return h

# x times the scale of layer n's update, where up does not have it in its values.
def scaled(self, p: Dict[str, Tensor], n: str, x: Tensor) -> Tensor:
  if (n + ".scale") in p:
    x = torch.mul(x, p[n + ".scale"])
  return x

def hidden(self, p: Dict[str, Tensor], n: str, x: Tensor) -> Tensor:
  h = torch.linear(x, torch.type_as(p[n + ".down"], x))
  return self.masked(p, n, h, torch.dim(h) - 1)

def low_rank(self, p: Dict[str, Tensor], n: str, x: Tensor) -> Tensor:
  h = self.scaled(p, n, self.hidden(p, n, x))
  return torch.linear(h, torch.type_as(p[n + ".up"], x))

# y += a b over rows, in place: the product goes into y without a tensor of its own.
def add_product(self, y: Tensor, a: Tensor, b: Tensor) -> int:
  _0 = torch.addmm_(self.flat(y), self.flat(a), b)
  return 0

def linear_base(self, p: Dict[str, Tensor], n: str, x: Tensor, bias: Optional[Tensor]) -> Tensor:
  if (n + ".packed_matrix") in p:
    y = self.packed_linear(x, p[n + ".packed_matrix"], bias)
  elif (n + ".int8_matrix") in p:
    y = self.int8_linear(p, n + ".int8_matrix", x, bias)
  else:
    y = torch.linear(x, p[n + ".weight"], bias)
  return y

def linear_input_grad(self, p: Dict[str, Tensor], n: str, g: Tensor) -> Tensor:
  if (n + ".packed_matrix_back") in p:
    gx = self.packed_linear(g, p[n + ".packed_matrix_back"], None)
  elif (n + ".int8_matrix_back") in p:
    gx = self.int8_linear(p, n + ".int8_matrix_back", g, None)
  elif (n + ".int8_matrix") in p:
    gx = self.int8_matrix_grad(p, n + ".int8_matrix", g)
  else:
    gx = torch.matmul(g, p[n + ".weight"])
  return gx

def linear(self, p: Dict[str, Tensor], n: str, x: Tensor) -> Tensor:
  return self.adapted(p, n, x, self.linear_base(p, n, x, self.bias_of(p, n)))

# Three linear layers of one input, [x first, x second, x third]: as integers it is the same for all of them.
def linear_three(self, p: Dict[str, Tensor], names: List[str], x: Tensor) -> List[Tensor]:
  results = annotate(List[Tensor], [])
  shared = (names[0] + ".int8_matrix") in p and (names[1] + ".int8_matrix") in p and (names[2] + ".int8_matrix") in p
  if shared:
    codes, scales = self.int8_codes(x, [-1])
    for i in range(3):
      y = self.int8_product(p, names[i] + ".int8_matrix", codes, scales, ops.prim.dtype(x), self.bias_of(p, names[i]))
      _0 = torch.append(results, self.adapted(p, names[i], x, y))
  else:
    for i in range(3):
      _1 = torch.append(results, self.linear(p, names[i], x))
  return results

# y with what an adapter of layer n adds to it; y, which may change, is the layer's own result.
def adapted(self, p: Dict[str, Tensor], n: str, x: Tensor, y: Tensor) -> Tensor:
  if (n + ".down") in p:
    if (n + ".ratio") in p:
      delta = self.low_rank(p, n, x)
      ratio = torch.type_as(p[n + ".ratio"], y)
      base = y
      bias = self.bias_of(p, n)
      if bias is not None:
        base = torch.sub(y, bias)
      y = torch.add(torch.add(y, torch.mul(base, torch.sub(ratio, 1.0))), torch.mul(delta, ratio))
    else:
      h = self.scaled(p, n, self.hidden(p, n, x))
      _0 = self.add_product(y, h, torch.t(torch.type_as(p[n + ".up"], x)))
  return y

def flat(self, x: Tensor) -> Tensor:
  return torch.reshape(x, [-1, torch.size(x, -1)])

# Gradient of linear to its input; x is its input, g the gradient of its output.
def linear_grad(self, p: Dict[str, Tensor], n: str, x: Tensor, g: Tensor) -> Tensor:
  if (n + ".bias.grad") in p:
    _0 = self.accumulate(p, n + ".bias.grad", torch.sum(self.flat(g), [0]))
  if (n + ".ratio") in p:
    ratio = torch.type_as(p[n + ".ratio"], g)
    if (n + ".ratio.grad") in p:
      whole = torch.add(self.linear_base(p, n, x, None), self.low_rank(p, n, x))
      _1 = self.accumulate(p, n + ".ratio.grad", torch.sum(self.flat(torch.mul(g, whole)), [0]))
    g = torch.mul(g, ratio)
  gx = self.linear_input_grad(p, n, g)
  if (n + ".weight.grad") in p:
    _2 = self.accumulate(p, n + ".weight.grad", torch.matmul(torch.t(self.flat(g)), self.flat(x)))
  if (n + ".down") in p:
    down = torch.type_as(p[n + ".down"], x)
    up = torch.type_as(p[n + ".up"], x)
    gh = self.scaled(p, n, torch.matmul(g, up))
    gh = self.masked(p, n, gh, torch.dim(gh) - 1)
    if (n + ".down.grad") in p:
      h = self.scaled(p, n, self.hidden(p, n, x))
      _3 = self.accumulate(p, n + ".down.grad", torch.matmul(torch.t(self.flat(gh)), self.flat(x)))
      _4 = self.accumulate(p, n + ".up.grad", torch.matmul(torch.t(self.flat(g)), self.flat(h)))
    _5 = self.add_product(gx, gh, down)
  return gx

# Images travel channels-last: oneDNN's convolutions and the token view of a transformer both want it.
def channels_last(self, x: Tensor) -> Tensor:
  return torch.contiguous(x, memory_format=2)

def conv_low_rank(self, p: Dict[str, Tensor], n: str, x: Tensor, stride: int, padding: int) -> Tensor:
  h = self.conv_plain(x, torch.type_as(p[n + ".down"], x), None, stride, padding)
  h = self.masked(p, n, h, 1)
  return self.scaled(p, n, self.conv_plain(h, torch.type_as(p[n + ".up"], x), None, 1, 0))

# A 3x3 convolution of few pixels spends its time on laying out its weight; as a product of windows and the weight as
# it lies, channels last, it does without.
def few_places(self, x: Tensor, w: Tensor, stride: int, padding: int) -> bool:
  b, c, rows, columns = torch.size(x)
  return not x.is_cuda and stride == 1 and padding == 1 and torch.size(w, 2) == 3 and b * rows * columns <= 32

def window_weight(self, w: Tensor) -> Tensor:
  return torch.reshape(torch.permute(w, [0, 2, 3, 1]), [torch.size(w, 0), -1])

# [b, c, h, w] -> [b, h * w, 9 * c]: what a 3x3 kernel sees at each pixel.
def windows(self, x: Tensor) -> Tensor:
  b, c, h, w = torch.size(x)
  framed = torch.constant_pad_nd(torch.permute(x, [0, 2, 3, 1]), [0, 0, 1, 1, 1, 1], 0.)
  seen = torch.unfold(torch.unfold(framed, 1, 3, 1), 2, 3, 1)
  return torch.reshape(torch.permute(seen, [0, 1, 2, 4, 5, 3]), [b, h * w, 9 * c])

# g: [b, h, w, 3, 3, c], of windows of a picture like the one given.
def windows_grad(self, g: Tensor, like: Tensor) -> Tensor:
  b, c, h, w = torch.size(like)
  framed = torch.zeros([b, h + 2, w + 2, c], dtype=6, layout=None, device=ops.prim.device(g), pin_memory=None)
  for i in range(3):
    for j in range(3):
      place = torch.narrow(torch.narrow(framed, 1, i, h), 2, j, w)
      _0 = torch.add_(place, torch.select(torch.select(g, 3, i), 3, j))
  inner = torch.narrow(torch.narrow(framed, 1, 1, h), 2, 1, w)
  return torch.permute(torch.contiguous(torch.type_as(inner, like)), [0, 3, 1, 2])

def conv_plain(self, x: Tensor, w: Tensor, bias: Optional[Tensor], stride: int, padding: int) -> Tensor:
  if self.in_order(x):
    y = self.conv_in_order(x, w, bias, stride, padding)
  else:
    y = torch.conv2d(x, w, bias, [stride, stride], [padding, padding], [1, 1], 1)
  return y

def conv_base(self, p: Dict[str, Tensor], n: str, x: Tensor, bias: Optional[Tensor], stride: int, padding: int) -> Tensor:
  if (n + ".packed_kernel") in p:
    y = self.packed_conv(x, p[n + ".packed_kernel"], bias, stride, padding)
  elif (n + ".packed_matrix") in p:
    y = self.picture(self.packed_linear(self.tokens(x), p[n + ".packed_matrix"], bias), x)
  elif (n + ".int8_kernel") in p:
    y = self.int8_conv(p, n + ".int8_kernel", x, bias, stride, padding)
  elif (n + ".int8_matrix") in p:
    y = self.picture(self.int8_linear(p, n + ".int8_matrix", self.tokens(x), bias), x)
  elif (n + ".winograd") in p:
    y = self.winograd(x, p[n + ".winograd"], bias, False, False)
  elif self.few_places(x, p[n + ".weight"], stride, padding):
    y = self.picture(torch.linear(self.windows(x), self.window_weight(p[n + ".weight"]), bias), x)
  else:
    y = self.conv_plain(x, p[n + ".weight"], bias, stride, padding)
  return y

# A convolution's gradient to its input is a convolution with the kernel turned round and its channels exchanged.
def conv_base_grad(self, p: Dict[str, Tensor], n: str, x: Tensor, g: Tensor, stride: int, padding: int) -> Tensor:
  if (n + ".packed_kernel_back") in p:
    gx = self.packed_conv(g, p[n + ".packed_kernel_back"], None, 1, padding)
  elif (n + ".packed_matrix_back") in p:
    gx = self.picture(self.packed_linear(self.tokens(g), p[n + ".packed_matrix_back"], None), g)
  elif (n + ".int8_kernel_back") in p:
    gx = self.int8_conv(p, n + ".int8_kernel_back", g, None, 1, padding)
  elif (n + ".int8_matrix_back") in p:
    gx = self.picture(self.int8_linear(p, n + ".int8_matrix_back", self.tokens(g), None), g)
  elif (n + ".int8_matrix") in p:
    gx = self.picture(self.int8_matrix_grad(p, n + ".int8_matrix", self.tokens(g)), g)
  elif (n + ".winograd") in p:
    gx = self.winograd(g, p[n + ".winograd"], None, True, False)
  elif (n + ".int8_kernel") in p:
    gx = self.int8_kernel_grad(p, n + ".int8_kernel", x, g, padding)
  elif self.few_places(g, p[n + ".weight"], stride, padding):
    b, c, h, w = torch.size(x)
    seen = torch.matmul(self.tokens(g), self.window_weight(p[n + ".weight"]))
    gx = self.windows_grad(torch.view(seen, [b, h, w, 3, 3, c]), x)
  else:
    gx = self.conv_input_grad(x, p[n + ".weight"], g, stride, padding)
  return gx

def conv(self, p: Dict[str, Tensor], n: str, x: Tensor, stride: int, padding: int) -> Tensor:
  y = self.conv_base(p, n, x, self.bias_of(p, n), stride, padding)
  return self.conv_adapted(p, n, x, y, stride, padding)

# A 3x3 convolution of silu(x); x may change.
def conv_active(self, p: Dict[str, Tensor], n: str, x: Tensor) -> Tensor:
  if (n + ".winograd") in p and not ((n + ".down") in p):
    y = self.winograd(x, p[n + ".winograd"], self.bias_of(p, n), False, True)
  else:
    y = self.conv(p, n, torch.silu_(x), 1, 1)
  return y

# y with what an adapter of convolution n adds to it.
def conv_adapted(self, p: Dict[str, Tensor], n: str, x: Tensor, y: Tensor, stride: int, padding: int) -> Tensor:
  if (n + ".down") in p:
    delta = self.conv_low_rank(p, n, x, stride, padding)
    if (n + ".ratio") in p:
      ratio = torch.view(torch.type_as(p[n + ".ratio"], y), [1, -1, 1, 1])
      base = y
      bias = self.bias_of(p, n)
      if bias is not None:
        base = torch.sub(y, torch.view(bias, [1, -1, 1, 1]))
      y = torch.add(torch.add(y, torch.mul(base, torch.sub(ratio, 1.0))), torch.mul(delta, ratio))
    else:
      y = torch.add(y, delta)
  return y

def conv_input_grad(self, x: Tensor, w: Tensor, g: Tensor, stride: int, padding: int) -> Tensor:
  if self.is_fused():
    return self.conv_transposed(x, w, g, stride, padding)
  return (torch.convolution_backward(g, x, w, None, [stride, stride], [padding, padding], [1, 1], False, [0, 0], 1, [True, False, False]))[0]

def conv_weight_grad(self, x: Tensor, w: Tensor, g: Tensor, stride: int, padding: int) -> Tensor:
  if self.in_order(x):
    return self.weight_grad_in_order(x, w, g, stride, padding)
  return (torch.convolution_backward(g, x, w, None, [stride, stride], [padding, padding], [1, 1], False, [0, 0], 1, [False, True, False]))[1]

# Is anything of layer n itself trained, so that its gradient is asked for, and needs the layer's input?
def trainable(self, p: Dict[str, Tensor], n: str) -> bool:
  return ((n + ".bias.grad") in p) or ((n + ".down.grad") in p) or ((n + ".weight.grad") in p) or ((n + ".ratio.grad") in p)

def conv_grad(self, p: Dict[str, Tensor], n: str, x: Tensor, g: Tensor, stride: int, padding: int) -> Tensor:
  g = self.channels_last(g)
  if (n + ".bias.grad") in p:
    _0 = self.accumulate(p, n + ".bias.grad", torch.sum(g, [0, 2, 3]))
  if (n + ".ratio") in p:
    if (n + ".ratio.grad") in p:
      whole = torch.add(self.conv_base(p, n, x, None, stride, padding), self.conv_low_rank(p, n, x, stride, padding))
      _1 = self.accumulate(p, n + ".ratio.grad", torch.sum(torch.mul(g, whole), [0, 2, 3]))
    g = torch.mul(g, torch.view(torch.type_as(p[n + ".ratio"], g), [1, -1, 1, 1]))
  gx = self.conv_base_grad(p, n, x, g, stride, padding)
  if (n + ".weight.grad") in p:
    _2 = self.accumulate(p, n + ".weight.grad", torch.contiguous(self.conv_weight_grad(x, p[n + ".weight"], g, stride, padding)))
  if (n + ".down") in p:
    down = torch.type_as(p[n + ".down"], x)
    up = torch.type_as(p[n + ".up"], x)
    gs = self.scaled(p, n, g)
    h = self.conv_plain(x, down, None, stride, padding)
    gh = self.conv_input_grad(h, up, gs, 1, 0)
    gh = self.masked(p, n, gh, 1)
    if (n + ".down.grad") in p:
      h = self.masked(p, n, h, 1)
      _3 = self.accumulate(p, n + ".down.grad", torch.contiguous(self.conv_weight_grad(x, down, gh, stride, padding)))
      _4 = self.accumulate(p, n + ".up.grad", torch.contiguous(self.conv_weight_grad(h, up, gs, 1, 0)))
    gx = torch.add(gx, self.conv_input_grad(x, down, gh, stride, padding))
  return gx

# In pictures of few pixels, channels last, torch takes a group whose channels fill no vector a value at a time: several
# times as long as with the channels first, both copies included.
def is_fine(self, x: Tensor, groups: int) -> bool:
  b, c, h, w = torch.size(x)
  return not x.is_cuda and h * w < 1024 and c * torch.element_size(x) < 32 * groups

def group_norm(self, p: Dict[str, Tensor], n: str, x: Tensor, groups: int, eps: float) -> Tuple[Tensor, Tensor, Tensor]:
  c = torch.size(x, 1)
  b = torch.size(x, 0)
  area = torch.floordiv(torch.numel(x), b * c)
  if self.is_fused() or self.is_fine(x, groups):
    x = torch.contiguous(x)
  y, mean, rstd = torch.native_group_norm(x, p[n + ".weight"], p[n + ".bias"], b, c, area, groups, eps)
  return (self.channels_last(y), mean, rstd)

def group_norm_grad(self, p: Dict[str, Tensor], n: str, x: Tensor, mean: Tensor, rstd: Tensor, g: Tensor, groups: int) -> Tensor:
  c = torch.size(x, 1)
  b = torch.size(x, 0)
  area = torch.floordiv(torch.numel(x), b * c)
  trained = (n + ".weight.grad") in p
  if self.is_fused() or self.is_fine(x, groups):
    g = torch.contiguous(g)
    x = torch.contiguous(x)
  gx, gw, gb = torch.native_group_norm_backward(g, x, mean, rstd, p[n + ".weight"], b, c, area, groups, [True, trained, trained])
  if trained:
    _0 = self.accumulate(p, n + ".weight.grad", gw)
    _1 = self.accumulate(p, n + ".bias.grad", gb)
  return self.channels_last(gx)

def layer_norm(self, p: Dict[str, Tensor], n: str, x: Tensor, eps: float) -> Tuple[Tensor, Tensor, Tensor]:
  y, mean, rstd = torch.native_layer_norm(x, [torch.size(x, -1)], p[n + ".weight"], p[n + ".bias"], eps)
  return (y, mean, rstd)

def layer_norm_grad(self, p: Dict[str, Tensor], n: str, x: Tensor, mean: Tensor, rstd: Tensor, g: Tensor) -> Tensor:
  trained = (n + ".weight.grad") in p
  gx, gw, gb = torch.native_layer_norm_backward(g, x, [torch.size(x, -1)], mean, rstd, p[n + ".weight"], p[n + ".bias"], [True, trained, trained])
  if trained:
    _0 = self.accumulate(p, n + ".weight.grad", gw)
    _1 = self.accumulate(p, n + ".bias.grad", gb)
  return gx
