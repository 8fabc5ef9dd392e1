# One optimiser step over all tensors of a group at once. p parameters, g their gradients, then the state; everything
# is changed in place, gradients are left as they were.

# AdamW (Loshchilov and Hutter 2019) as torch.optim has it.
def adamw_step(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], step: float, rate: float, beta1: float, beta2: float, decay: float, eps: float) -> int:
  count = torch.full([], step, dtype=6, layout=None, device=ops.prim.device(p[0]), pin_memory=None)
  torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), [count] * torch.len(p), lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=None, found_inf=None)
  return 0

# Block-wise 8-bit AdamW (Dettmers et al. 2022): each 256 values of a moment are a byte each and one common magnitude.
# A byte stands for the entry of a table, codes, that is nearest to value / magnitude.
def decoded_blocks(self, bytes: Tensor, magnitudes: Tensor, codes: Tensor) -> Tensor:
  values = torch.index_select(codes, 0, torch.to(torch.flatten(bytes), 3))
  n = torch.numel(values)
  blocks = torch.size(magnitudes, 0)
  values = torch.view(torch.constant_pad_nd(values, [0, blocks * 256 - n], 0), [blocks, 256])
  return torch.slice(torch.flatten(torch.mul(values, torch.unsqueeze(magnitudes, 1))), 0, 0, n)

def encode_blocks(self, values: Tensor, bytes: Tensor, magnitudes: Tensor, codes: Tensor) -> int:
  n = torch.numel(values)
  blocks = torch.size(magnitudes, 0)
  padded = torch.view(torch.constant_pad_nd(values, [0, blocks * 256 - n], 0), [blocks, 256])
  largest = torch.amax(torch.abs(padded), [1])
  _0 = torch.copy_(magnitudes, largest)
  # An all-zero block has no direction: any divisor gives the code of zero.
  divisor = torch.where(torch.gt(largest, 0.), largest, torch.ones_like(largest))
  unit = torch.slice(torch.flatten(torch.mul(padded, torch.unsqueeze(torch.reciprocal(divisor), 1))), 0, 0, n)
  # bitsandbytes looks codes up in a table of 65536 cells: a value counts as the nearest of them.
  cell = torch.floor(torch.add(torch.mul(torch.add(unit, 1.), 32767.5), 0.5))
  unit = torch.clamp(torch.sub(torch.div(cell, 32767.5), 1.), -1., 1.)
  right = torch.clamp(torch.searchsorted(codes, unit), 1, 255)
  left = torch.sub(right, 1)
  to_left = torch.abs(torch.sub(unit, torch.index_select(codes, 0, left)))
  to_right = torch.abs(torch.sub(torch.index_select(codes, 0, right), unit))
  nearest = torch.where(torch.lt(to_right, to_left), right, left)
  _1 = torch.copy_(bytes, torch.view(torch.to(nearest, 0), torch.size(bytes)))
  return 0

def adamw_8bit_step(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], largest_m: List[Tensor], largest_v: List[Tensor], signed: Tensor, unsigned: Tensor, step: float, rate: float, beta1: float, beta2: float, decay: float, eps: float) -> int:
  correction1 = 1. - torch.pow(beta1, step)
  correction2 = torch.sqrt(1. - torch.pow(beta2, step))
  for i in range(torch.len(p)):
    value = torch.view(p[i], [-1])
    gradient = torch.flatten(g[i])
    first = self.decoded_blocks(m[i], largest_m[i], signed)
    second = self.decoded_blocks(v[i], largest_v[i], unsigned)
    _0 = torch.add_(torch.mul_(first, beta1), gradient, alpha=1. - beta1)
    _1 = torch.addcmul_(torch.mul_(second, beta2), gradient, gradient, value=1. - beta2)
    denominator = torch.add(torch.div(torch.sqrt(second), correction2), eps)
    _2 = torch.mul_(value, 1. - rate * decay)
    _3 = torch.addcdiv_(value, first, denominator, value=-rate / correction1)
    _4 = self.encode_blocks(first, m[i], largest_m[i], signed)
    _5 = self.encode_blocks(second, v[i], largest_v[i], unsigned)
  return 0

# The same for whole blocks that lie in several places: as one.
def adamw_8bit_runs(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], largest_m: List[Tensor], largest_v: List[Tensor], signed: Tensor, unsigned: Tensor, step: float, rate: float, beta1: float, beta2: float, decay: float, eps: float) -> int:
  if torch.len(p) == 1:
    # By slices of 16384 blocks: temporaries of the whole would take more than the bytes save.
    n = 4194304
    blocks_at_once = 16384
    return self.adamw_8bit_step(torch.split(p[0], n), torch.split(g[0], n), torch.split(m[0], n), torch.split(v[0], n), torch.split(largest_m[0], blocks_at_once), torch.split(largest_v[0], blocks_at_once), signed, unsigned, step, rate, beta1, beta2, decay, eps)
  lengths = annotate(List[int], [])
  blocks = annotate(List[int], [])
  for i in range(torch.len(p)):
    _0 = torch.append(lengths, torch.numel(p[i]))
    _1 = torch.append(blocks, torch.numel(largest_m[i]))
  whole = [torch.cat(p)]
  first = [torch.cat(m)]
  second = [torch.cat(v)]
  largest_first = [torch.cat(largest_m)]
  largest_second = [torch.cat(largest_v)]
  _2 = self.adamw_8bit_step(whole, [torch.cat(g)], first, second, largest_first, largest_second, signed, unsigned, step, rate, beta1, beta2, decay, eps)
  torch._foreach_copy_(p, torch.split_with_sizes(whole[0], lengths))
  torch._foreach_copy_(m, torch.split_with_sizes(first[0], lengths))
  torch._foreach_copy_(v, torch.split_with_sizes(second[0], lengths))
  torch._foreach_copy_(largest_m, torch.split_with_sizes(largest_first[0], blocks))
  torch._foreach_copy_(largest_v, torch.split_with_sizes(largest_second[0], blocks))
  return 0

def root_mean_square(self, x: Tensor) -> Tensor:
  return torch.div(torch.linalg_vector_norm(x, 2.), torch.sqrt(float(torch.numel(x))))

# Adafactor (Shazeer and Stern 2018) as transformers has it. A matrix keeps the means of its rows and columns in rows
# and columns; a vector keeps its squares in rows, and columns is not looked at. m is empty without momentum.
def adafactor_step(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], rows: List[Tensor], columns: List[Tensor], step: float, rate: float, beta1: float, decay: float, decay_rate: float, eps: float, least_scale: float, threshold: float, by_scale: bool) -> int:
  beta2 = 1. - torch.pow(step, decay_rate)
  for i in range(torch.len(p)):
    value = p[i]
    step_size = torch.full([], rate, dtype=6, layout=None, device=ops.prim.device(value), pin_memory=None)
    if by_scale:
      step_size = torch.mul(torch.clamp(self.root_mean_square(value), least_scale), rate)
    squares = torch.add(torch.mul(g[i], g[i]), eps)
    if torch.dim(value) >= 2:
      _0 = torch.add_(torch.mul_(rows[i], beta2), torch.mean(squares, [-1]), alpha=1. - beta2)
      _1 = torch.add_(torch.mul_(columns[i], beta2), torch.mean(squares, [-2]), alpha=1. - beta2)
      by_row = torch.unsqueeze(torch.rsqrt(torch.div(rows[i], torch.mean(rows[i], [-1], True))), -1)
      by_column = torch.rsqrt(torch.unsqueeze(columns[i], -2))
      update = torch.mul(torch.mul(by_row, by_column), g[i])
    else:
      _2 = torch.add_(torch.mul_(rows[i], beta2), squares, alpha=1. - beta2)
      update = torch.mul(torch.rsqrt(rows[i]), g[i])
    clip = torch.clamp(torch.div(self.root_mean_square(update), threshold), 1.)
    update = torch.mul(torch.div(update, clip), step_size)
    if torch.len(m) != 0:
      _3 = torch.add_(torch.mul_(m[i], beta1), update, alpha=1. - beta1)
      update = m[i]
    if decay != 0.:
      _4 = torch.sub_(value, torch.mul(torch.mul(value, step_size), decay))
    _5 = torch.sub_(value, update)
  return 0

def mean_squares_root(self, x: Tensor) -> Tensor:
  flat = torch.flatten(x, 1)
  rms = torch.div(torch.linalg_vector_norm(flat, 2., [1]), torch.sqrt(float(torch.size(flat, 1))))
  return torch.view(rms, [-1] + [1] * (torch.dim(x) - 1))

# Adafactor on parameters of one shape, which are stacked; rows, columns and m hold one tensor each, stacked likewise.
def adafactor_stack(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], rows: List[Tensor], columns: List[Tensor], step: float, rate: float, beta1: float, decay: float, decay_rate: float, eps: float, least_scale: float, threshold: float, by_scale: bool) -> int:
  beta2 = 1. - torch.pow(step, decay_rate)
  value = torch.stack(p)
  gradient = torch.stack(g)
  row = rows[0]
  squares = torch.add(torch.mul(gradient, gradient), eps)
  if torch.dim(value) >= 3:
    column = columns[0]
    _0 = torch.add_(torch.mul_(row, beta2), torch.mean(squares, [-1]), alpha=1. - beta2)
    _1 = torch.add_(torch.mul_(column, beta2), torch.mean(squares, [-2]), alpha=1. - beta2)
    by_row = torch.unsqueeze(torch.rsqrt(torch.div(row, torch.mean(row, [-1], True))), -1)
    by_column = torch.rsqrt(torch.unsqueeze(column, -2))
    update = torch.mul_(torch.mul(by_row, by_column), gradient)
  else:
    _2 = torch.add_(torch.mul_(row, beta2), squares, alpha=1. - beta2)
    update = torch.mul_(torch.rsqrt(row), gradient)
  clip = torch.clamp(torch.div(self.mean_squares_root(update), threshold), 1.)
  if by_scale:
    step_size = torch.mul(torch.clamp(self.mean_squares_root(value), least_scale), rate)
  else:
    step_size = torch.full([1], rate, dtype=6, layout=None, device=ops.prim.device(value), pin_memory=None)
  update = torch.mul_(torch.div_(update, clip), step_size)
  if torch.len(m) != 0:
    _3 = torch.add_(torch.mul_(m[0], beta1), update, alpha=1. - beta1)
    update = m[0]
  if decay != 0.:
    value = torch.sub_(value, torch.mul(torch.mul(value, step_size), decay))
  value = torch.sub_(value, update)
  torch._foreach_copy_(p, torch.unbind(value))
  return 0

# Prodigy (Mishchenko and Defazio 2023), first half: moments, and what the estimate of the distance needs: the sums of
# <g, p0 - p> and of |s|, [2] in fp64.
def prodigy_gather(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], s: List[Tensor], start: List[Tensor], d: float, beta1: float, beta2: float, beta3: float, s_rate: float) -> Tensor:
  device = ops.prim.device(p[0])
  along = torch.zeros([], dtype=7, layout=None, device=device, pin_memory=None)
  for i in range(torch.len(p)):
    _0 = torch.add_(along, torch.to(torch.dot(torch.flatten(g[i]), torch.flatten(torch.sub(start[i], p[i]))), 7))
  torch._foreach_mul_(m, beta1)
  torch._foreach_add_(m, g, alpha=d * (1. - beta1))
  torch._foreach_mul_(v, beta2)
  torch._foreach_addcmul_(v, g, g, d * d * (1. - beta2))
  torch._foreach_mul_(s, beta3)
  torch._foreach_add_(s, g, alpha=s_rate)
  length = torch.sum(torch.to(torch.stack(torch._foreach_norm(s, 1)), 7))
  return torch.stack([along, length])

# Second half: the step of length rate * d.
def prodigy_step(self, p: List[Tensor], m: List[Tensor], v: List[Tensor], step_size: float, decay: float, least: float) -> int:
  denominators = torch._foreach_sqrt(v)
  torch._foreach_add_(denominators, least)
  if decay != 0.:
    torch._foreach_mul_(p, 1. - decay * step_size)
  torch._foreach_addcdiv_(p, m, denominators, -step_size)
  return 0

# Lion (Chen et al. 2023).
def lion_step(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], rate: float, beta1: float, beta2: float, decay: float) -> int:
  torch._foreach_mul_(p, 1. - rate * decay)
  directions = torch._foreach_mul(m, beta1)
  torch._foreach_add_(directions, g, alpha=1. - beta1)
  directions = torch._foreach_sign(directions)
  torch._foreach_add_(p, directions, alpha=-rate)
  torch._foreach_mul_(m, beta2)
  torch._foreach_add_(m, g, alpha=1. - beta2)
  return 0

# Stochastic gradient descent with momentum as torch.optim has it: the decay is part of the gradient.
def sgd_step(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], rate: float, momentum: float, decay: float, nesterov: bool) -> int:
  gradients = torch._foreach_add(g, p, alpha=decay)
  torch._foreach_mul_(m, momentum)
  torch._foreach_add_(m, gradients)
  if nesterov:
    torch._foreach_add_(gradients, m, alpha=momentum)
    torch._foreach_add_(p, gradients, alpha=-rate)
  else:
    torch._foreach_add_(p, m, alpha=-rate)
  return 0

# The nearest orthogonal matrix, nearly: quintic Newton-Schulz iterations (Jordan et al. 2024).
def orthogonalised(self, matrix: Tensor, iterations: int) -> Tensor:
  x = torch.div(matrix, torch.clamp(torch.linalg_vector_norm(matrix, 2.), 1e-7))
  tall = torch.size(x, 0) > torch.size(x, 1)
  if tall:
    x = torch.t(x)
  for i in range(iterations):
    gram = torch.matmul(x, torch.t(x))
    polynomial = torch.add(torch.mul(gram, -4.775), torch.matmul(gram, gram), alpha=2.0315)
    x = torch.add(torch.mul(x, 3.4445), torch.matmul(polynomial, x))
  if tall:
    x = torch.t(x)
  return x

# Muon (Jordan et al. 2024) on matrices; a convolution counts as [out, in * k * k].
def muon_step(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], rate: float, momentum: float, decay: float, nesterov: bool, iterations: int, match_adamw: bool) -> int:
  torch._foreach_lerp_(m, g, 1. - momentum)
  torch._foreach_mul_(p, 1. - rate * decay)
  for i in range(torch.len(p)):
    update = m[i]
    if nesterov:
      update = torch.lerp(g[i], m[i], momentum)
    flat = self.orthogonalised(torch.flatten(update, 1), iterations)
    rows = float(torch.size(flat, 0))
    columns = float(torch.size(flat, 1))
    if match_adamw:
      factor = 0.2 * torch.sqrt(ops.prim.max(rows, columns))
    else:
      factor = torch.sqrt(ops.prim.max(1., rows / columns))
    _0 = torch.add_(p[i], torch.reshape(flat, torch.size(p[i])), alpha=-rate * factor)
  return 0

# Muon where parameters lie in buffers: first what is done to each value alone.
def muon_average(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], rate: float, momentum: float, decay: float) -> int:
  torch._foreach_lerp_(m, g, 1. - momentum)
  torch._foreach_mul_(p, 1. - rate * decay)
  return 0

# As orthogonalised, for each of a stack of matrices.
def orthogonalised_stack(self, x: Tensor, iterations: int) -> Tensor:
  x = torch.div(x, torch.clamp(torch.linalg_vector_norm(x, 2., [1, 2], True), 1e-7))
  tall = torch.size(x, 1) > torch.size(x, 2)
  if tall:
    x = torch.transpose(x, 1, 2)
  for i in range(iterations):
    gram = torch.bmm(x, torch.transpose(x, 1, 2))
    polynomial = torch.baddbmm(gram, gram, gram, beta=-4.775, alpha=2.0315)
    x = torch.baddbmm(x, polynomial, x, beta=3.4445)
  if tall:
    x = torch.transpose(x, 1, 2)
  return x

# Then the step of those of one shape.
def muon_stack(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], rate: float, momentum: float, nesterov: bool, iterations: int, match_adamw: bool) -> int:
  update = torch.stack(m)
  if nesterov:
    update = torch.lerp(torch.stack(g), update, momentum)
  shape = torch.size(update)
  matrices = self.orthogonalised_stack(torch.flatten(update, 2), iterations)
  rows = float(torch.size(matrices, 1))
  columns = float(torch.size(matrices, 2))
  if match_adamw:
    factor = 0.2 * torch.sqrt(ops.prim.max(rows, columns))
  else:
    factor = torch.sqrt(ops.prim.max(1., rows / columns))
  torch._foreach_add_(p, torch.unbind(torch.view(torch.contiguous(matrices), shape)), alpha=-rate * factor)
  return 0

# Schedule-Free AdamW (Defazio et al. 2024): p holds y, where gradients are taken; z is the sequence that steps.
# share is the newest z's weight in the average x.
def schedule_free_step(self, p: List[Tensor], g: List[Tensor], v: List[Tensor], z: List[Tensor], step: float, rate: float, beta1: float, beta2: float, decay: float, eps: float, share: float) -> int:
  torch._foreach_mul_(v, beta2)
  torch._foreach_addcmul_(v, g, g, 1. - beta2)
  denominators = torch._foreach_div(v, 1. - torch.pow(beta2, step))
  denominators = torch._foreach_sqrt(denominators)
  torch._foreach_add_(denominators, eps)
  updates = torch._foreach_div(g, denominators)
  if decay != 0.:
    torch._foreach_add_(updates, p, alpha=decay)
  torch._foreach_lerp_(p, z, share)
  torch._foreach_add_(p, updates, alpha=rate * (beta1 * (1. - share) - 1.))
  torch._foreach_add_(z, updates, alpha=-rate)
  return 0

# a + weight (b - a), written into a.
def move_towards(self, a: List[Tensor], b: List[Tensor], weight: float) -> int:
  torch._foreach_lerp_(a, b, weight)
  return 0

def copy_all(self, to: List[Tensor], of: List[Tensor]) -> int:
  torch._foreach_copy_(to, of)
  return 0
