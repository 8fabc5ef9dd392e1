# 3x3 convolutions as Winograd's minimal filtering F(2x2, 3x3) (Lavin and Gray 2015): four results from 16 products
# instead of 36, each product a matrix one over all tiles. A tile is two by two results, made from four by four inputs.
# Along each of the two directions inputs d, kernel g and sums m of products give results y as
#   v = (d0 - d2, d1 + d2, d1 - d3, d2 - d1)    u = (g0, (g0 + g1 + g2) / 2, g2, (g0 - g1 + g2) / 2)
#   y = (m0 + m1 + m3, m1 - m3 - m2)            where m = u v
# The last two of the usual order are exchanged, so that a doubled picture, d1 = d2, needs the first three alone. A
# kernel turned round, as the gradient wants it, is the same with u0 and u2 exchanged: one layout serves both ways.

# [outputs, inputs, 3, 3] -> [4, 4, outputs, inputs], some rows at a time, which stay in the processor's cache.
def winograd_kernel(self, w: Tensor, wanted: int) -> Tensor:
  one = torch.to(torch.view(torch.tensor([2, 0, 0, 1, 1, 1, 0, 0, 2, 1, -1, 1]), [4, 3]), 6)
  both = torch.kron(torch.mul(one, 0.5), torch.mul(one, 0.5))
  outputs = torch.size(w, 0)
  inputs = torch.size(w, 1)
  u = torch.empty([16, outputs, inputs], dtype=wanted, layout=None, device=ops.prim.device(w), pin_memory=None, memory_format=None)
  for i in range(torch.floordiv(outputs + 63, 64)):
    n = min(64, outputs - i * 64)
    taps = torch.to(torch.reshape(torch.narrow(w, 0, i * 64, n), [n * inputs, 9]), 6)
    _0 = torch.copy_(torch.narrow(u, 1, i * 64, n), torch.view(torch.mm(both, torch.t(taps)), [16, n, inputs]))
  return torch.view(u, [4, 4, outputs, inputs])

# Rows from first on of a picture x [batch, h, w, channels] into frame [batch, rows, columns, channels], with zeros where
# the picture has none, and one column of them before it and after it. With active set silu is applied.
def framed_rows(self, frame: Tensor, x: Tensor, first: int, active: bool) -> Tensor:
  b, h, w, c = torch.size(x)
  rows = torch.size(frame, 1)
  columns = torch.size(frame, 2)
  start = max(first, 0)
  n = min(first + rows, h) - start
  _0 = torch.zero_(torch.narrow(frame, 1, 0, start - first))
  _1 = torch.zero_(torch.narrow(frame, 1, start - first + n, first + rows - start - n))
  _2 = torch.zero_(torch.select(frame, 2, 0))
  _3 = torch.zero_(torch.narrow(frame, 2, w + 1, columns - w - 1))
  inner = torch.narrow(torch.narrow(frame, 1, start - first, n), 2, 1, w)
  part = torch.narrow(x, 1, start, n)
  if active:
    _4 = torch.silu(part, out=inner)
  else:
    _5 = torch.copy_(inner, part)
  return frame

# v of n tiles along direction at of a frame; ends are exchanged for a kernel turned round.
def winograd_input(self, v: Tensor, axis: int, frame: Tensor, at: int, n: int, turned: bool) -> Tensor:
  first = 2 * int(turned)
  d0 = torch.slice(frame, at, 0, 2 * n - 1, 2)
  d1 = torch.slice(frame, at, 1, 2 * n, 2)
  d2 = torch.slice(frame, at, 2, 2 * n + 1, 2)
  d3 = torch.slice(frame, at, 3, 2 * n + 2, 2)
  _0 = torch.sub(d0, d2, out=torch.select(v, axis, first))
  _1 = torch.add(d1, d2, out=torch.select(v, axis, 1))
  _2 = torch.sub(d1, d3, out=torch.select(v, axis, 2 - first))
  _3 = torch.sub(d2, d1, out=torch.select(v, axis, 3))
  return v

# What takes the 16 products of a tile to its four results, y of both directions at once: as a product of matrices it is
# rounded once, and takes two thirds of the time of sums.
def winograd_sums(self, like: Tensor, turned: bool) -> Tensor:
  if turned:
    one = [0, 1, 1, 1, -1, 1, 0, -1]
  else:
    one = [1, 1, 0, 1, 0, 1, -1, -1]
  y = torch.type_as(torch.view(torch.tensor(one), [2, 4]), like)
  return torch.kron(y, y)

# A bias is added where all four results have it from: m1 of both directions.
def winograd_bias(self, m: Tensor, bias: Optional[Tensor]) -> int:
  if bias is not None:
    _0 = torch.add_(torch.select(torch.select(m, 0, 1), 0, 1), bias)
  return 0

# As many rows of tiles as have 256 Ki values in each of the 16 products.
def tile_rows(self, all: int, each: int) -> int:
  return min(all, max(1, torch.floordiv(262144, each)))

# What n rows of tiles, sized like x and across wide, are worked on in: frame, half of v, v, m, y. Parts share it.
def winograd_room(self, x: Tensor, n: int, across: int, c: int, outputs: int) -> List[Tensor]:
  b = torch.size(x, 0)
  frame = torch.new_empty(x, [b, 2 * n + 2, 2 * across + 2, c])
  half = torch.new_empty(x, [4, b, n, 2 * across + 2, c])
  v = torch.new_empty(x, [4, 4, b, n, across, c])
  m = torch.new_empty(x, [4, 4, b, n, across, outputs])
  y = torch.new_empty(x, [2, 2, b, n, across, outputs])
  return [frame, half, v, m, y]

# u: [4, 4, outputs, inputs] as winograd_kernel gives it. With turned set x has the outputs and the result the inputs,
# with active the convolution is one of silu(x).
def winograd(self, x: Tensor, u: Tensor, bias: Optional[Tensor], turned: bool, active: bool) -> Tensor:
  b, c, h, w = torch.size(x)
  kernels = torch.view(u, [16, torch.size(u, 2), torch.size(u, 3)])
  if not turned:
    kernels = torch.transpose(kernels, 1, 2)
  outputs = torch.size(kernels, 2)
  down = torch.floordiv(h + 1, 2)
  across = torch.floordiv(w + 1, 2)
  pixels = torch.permute(x, [0, 2, 3, 1])
  y = torch.new_empty(x, [b, down, 2, across, 2, outputs])
  rows = self.tile_rows(down, b * across * max(c, outputs))
  room = self.winograd_room(x, rows, across, c, outputs)
  sums = self.winograd_sums(x, turned)
  for i in range(torch.floordiv(down + rows - 1, rows)):
    n = min(rows, down - i * rows)
    if n < rows:
      room = self.winograd_room(x, n, across, c, outputs)
    frame, half, v, m, part = room
    _0 = self.framed_rows(frame, pixels, 2 * i * rows - 1, active)
    _1 = self.winograd_input(half, 0, frame, 1, n, turned)
    _2 = self.winograd_input(v, 1, half, 3, across, turned)
    _3 = torch.bmm(torch.view(v, [16, b * n * across, c]), kernels, out=torch.view(m, [16, b * n * across, outputs]))
    _4 = self.winograd_bias(m, bias)
    _5 = torch.mm(sums, torch.view(m, [16, -1]), out=torch.view(part, [4, -1]))
    _6 = torch.copy_(torch.permute(torch.narrow(y, 1, i * rows, n), [2, 4, 0, 1, 3, 5]), part)
  y = torch.view(y, [b, 2 * down, 2 * across, outputs])
  if 2 * down != h or 2 * across != w:
    y = torch.contiguous(torch.narrow(torch.narrow(y, 1, 0, h), 2, 0, w))
  return torch.permute(y, [0, 3, 1, 2])

# v of a doubled picture along one direction: a tile is a pixel, and sees it and its two neighbours.
def doubled_input(self, v: Tensor, axis: int, frame: Tensor, at: int, n: int) -> Tensor:
  before = torch.narrow(frame, at, 0, n)
  here = torch.narrow(frame, at, 1, n)
  after = torch.narrow(frame, at, 2, n)
  _0 = torch.sub(before, here, out=torch.select(v, axis, 0))
  _1 = torch.add(here, here, out=torch.select(v, axis, 1))
  _2 = torch.sub(here, after, out=torch.select(v, axis, 2))
  return v

def doubled_output(self, m: Tensor, axis: int, first: Tensor, second: Tensor) -> int:
  _0 = torch.add(torch.select(m, axis, 0), torch.select(m, axis, 1), out=first)
  _1 = torch.sub(torch.select(m, axis, 1), torch.select(m, axis, 2), out=second)
  return 0

# The nine products that a doubled picture leaves: of v [3, 3, tiles, channels] and u's, its outputs and inputs exchanged
# on the way forward, into m.
def nine_products(self, m: Tensor, v: Tensor, u: Tensor, back: bool) -> Tensor:
  for i in range(3):
    three = torch.narrow(torch.select(u, 0, i), 0, 0, 3)
    if not back:
      three = torch.transpose(three, 1, 2)
    _0 = torch.bmm(torch.select(v, 0, i), three, out=torch.select(m, 0, i))
  return m

def doubled_room(self, x: Tensor, n: int, across: int, c: int, outputs: int) -> List[Tensor]:
  b = torch.size(x, 0)
  frame = torch.new_empty(x, [b, n + 2, across + 2, c])
  half = torch.new_empty(x, [3, b, n, across + 2, c])
  v = torch.new_empty(x, [3, 3, b, n, across, c])
  m = torch.new_empty(x, [3, 3, b, n, across, outputs])
  sums = torch.new_empty(x, [2, 3, b, n, across, outputs])
  return [frame, half, v, m, sums]

# The convolution of x doubled to [2 h, 2 w], each pixel four times: nine products for four results.
def winograd_doubled(self, x: Tensor, u: Tensor, bias: Optional[Tensor]) -> Tensor:
  b, c, h, w = torch.size(x)
  outputs = torch.size(u, 2)
  pixels = torch.permute(x, [0, 2, 3, 1])
  y = torch.new_empty(x, [b, h, 2, w, 2, outputs])
  rows = self.tile_rows(h, b * w * max(c, outputs))
  room = self.doubled_room(x, rows, w, c, outputs)
  for i in range(torch.floordiv(h + rows - 1, rows)):
    n = min(rows, h - i * rows)
    if n < rows:
      room = self.doubled_room(x, n, w, c, outputs)
    frame, half, v, m, sums = room
    _0 = self.framed_rows(frame, pixels, i * rows - 1, False)
    _1 = self.doubled_input(half, 0, frame, 1, n)
    _2 = self.doubled_input(v, 1, half, 3, w)
    _3 = self.nine_products(torch.view(m, [3, 3, b * n * w, outputs]), torch.view(v, [3, 3, b * n * w, c]), u, False)
    _4 = self.winograd_bias(m, bias)
    _5 = self.doubled_output(m, 1, torch.select(sums, 0, 0), torch.select(sums, 0, 1))
    places = torch.permute(torch.narrow(y, 1, i * rows, n), [2, 4, 0, 1, 3, 5])
    _6 = self.doubled_output(sums, 1, torch.select(places, 0, 0), torch.select(places, 0, 1))
  return torch.permute(torch.view(y, [b, 2 * h, 2 * w, outputs]), [0, 3, 1, 2])

# Their transposes, but with the last of the three m's and v's negated on both sides of the products.
def doubled_output_grad(self, m: Tensor, axis: int, first: Tensor, second: Tensor) -> Tensor:
  _0 = torch.copy_(torch.select(m, axis, 0), first)
  _1 = torch.add(first, second, out=torch.select(m, axis, 1))
  _2 = torch.copy_(torch.select(m, axis, 2), second)
  return m

# [3, ..., a direction's pixels, ., .] -> the same without the three.
def doubled_input_grad(self, v: Tensor, at: int) -> Tensor:
  before = torch.select(v, 0, 0)
  after = torch.select(v, 0, 2)
  n = torch.size(before, at)
  x = torch.sub(torch.sub(torch.mul(torch.select(v, 0, 1), 2), before), after)
  _0 = torch.add_(torch.narrow(x, at, 0, n - 1), torch.narrow(before, at, 1, n - 1))
  _1 = torch.add_(torch.narrow(x, at, 1, n - 1), torch.narrow(after, at, 0, n - 1))
  return x

# g: the gradient of winograd_doubled's result; gives that of its x.
def winograd_doubled_grad(self, g: Tensor, u: Tensor) -> Tensor:
  b, c, h, w = torch.size(g)
  down = torch.floordiv(h, 2)
  across = torch.floordiv(w, 2)
  pixels = torch.permute(g, [0, 2, 3, 1])
  half = self.doubled_output_grad(torch.new_empty(g, [3, b, down, w, c]), 0, torch.slice(pixels, 1, 0, h, 2), torch.slice(pixels, 1, 1, h, 2))
  m = self.doubled_output_grad(torch.new_empty(g, [3, 3, b, down, across, c]), 1, torch.slice(half, 3, 0, w, 2), torch.slice(half, 3, 1, w, 2))
  tiles = b * down * across
  v = self.nine_products(torch.new_empty(g, [3, 3, tiles, torch.size(u, 3)]), torch.view(m, [3, 3, tiles, c]), u, True)
  rows = self.doubled_input_grad(torch.view(v, [3, 3, b, down, across, torch.size(u, 3)]), 2)
  return torch.permute(self.doubled_input_grad(rows, 2), [0, 3, 1, 2])
