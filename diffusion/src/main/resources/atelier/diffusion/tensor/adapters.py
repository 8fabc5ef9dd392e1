# Updates that are made in weight space: an effective weight in place of the base's, and the way back from the
# gradient of that weight to the gradients of what it is made of.

def times(self, a: Tensor, b: Tensor) -> Tensor:
  return torch.matmul(torch.reshape(a, [torch.size(a, 0), -1]), torch.reshape(b, [torch.size(b, 0), -1]))

# scale * up down as a weight of the base's shape; up [out, r(, 1, 1)], down [r, in(, k, k)].
def low_rank_weight(self, base: Tensor, down: Tensor, up: Tensor, scale: Tensor) -> Tensor:
  return torch.mul(torch.view(self.times(torch.to(up, 6), torch.to(down, 6)), torch.size(base)), scale)

# DoRA (Liu et al. 2024): norms of the rows of the updated weight, [out].
def row_norms(self, base: Tensor, down: Tensor, up: Tensor, scale: Tensor) -> Tensor:
  v = torch.add(torch.to(base, 6), self.low_rank_weight(base, down, up, scale))
  return torch.linalg_vector_norm(torch.reshape(v, [torch.size(v, 0), -1]), 2., [1])

# base + weight * update, in the base's type.
def merged_weight(self, base: Tensor, update: Tensor, weight: float) -> Tensor:
  return torch.type_as(torch.add(torch.to(base, 6), torch.mul(torch.view(update, torch.size(base)), weight)), base)

# ratio = magnitude / norms, both written in place.
def decomposition_ratio(self, base: Tensor, down: Tensor, up: Tensor, scale: Tensor, magnitude: Tensor, norms: Tensor, ratio: Tensor) -> int:
  _0 = torch.copy_(norms, self.row_norms(base, down, up, scale))
  _1 = torch.copy_(ratio, torch.div(magnitude, norms))
  return 0

# The norm counts as a constant, as in the paper's section 4.3; the ratio's buffer is emptied for the next step.
def decomposition_grad(self, ratio_gradient: Tensor, norms: Tensor, gradient: Tensor) -> int:
  _0 = torch.add_(gradient, torch.div(ratio_gradient, norms))
  _1 = torch.zero_(ratio_gradient)
  return 0

# What DoRA adds to the base weight, all in all.
def decomposed_update(self, base: Tensor, down: Tensor, up: Tensor, scale: Tensor, magnitude: Tensor) -> Tensor:
  updated = torch.add(base, self.low_rank_weight(base, down, up, scale))
  shape = [1] * torch.dim(base)
  shape[0] = -1
  ratio = torch.view(torch.div(magnitude, self.row_norms(base, down, up, scale)), shape)
  return torch.sub(torch.mul(updated, ratio), base)

# [deviation of all numbers, median of the rows' norms] of a vocabulary.
def table_figures(self, table: Tensor) -> Tensor:
  t = torch.to(table, 6)
  return torch.stack([torch.std(t, True), torch.median(torch.linalg_vector_norm(t, 2., [1]))])

def rows_of(self, table: Tensor, ids: Tensor) -> Tensor:
  return torch.to(torch.embedding(table, ids), 6)

def rows_to_norm(self, x: Tensor, norm: float) -> int:
  lengths = torch.linalg_vector_norm(x, 2., [1], True)
  _0 = torch.mul_(x, torch.div(torch.full_like(lengths, norm), lengths))
  return 0

# to = base + weight * difference, for biases and norms: vectors that are trained as such.
def vector_into(self, to: Tensor, base: Tensor, difference: Tensor, weight: float) -> int:
  _0 = torch.copy_(to, torch.add(torch.to(base, 6), difference, alpha=weight))
  return 0

def ones_into(self, x: Tensor) -> int:
  _0 = torch.fill_(x, 1.)
  return 0

def copy_of(self, x: Tensor) -> Tensor:
  return torch.clone(x)

# Updates in weight space. p holds one module's tensors: base and effective, the weight as the block has it; what
# is trained, by the roles of weight files; role.grad for each that is trained. c: scale, strength, by_input,
# norm_in_gradient, on_input (IA3), bound (of the rotations of OFT and BOFT; 0 for none).

# The Tucker form of a convolution's update: core [r, s, k, k], a [r, out], b [s, in] -> [out, in, k * k].
def tucker(self, core: Tensor, a: Tensor, b: Tensor) -> Tensor:
  return torch.einsum("ijk,ip,jq->pqk", [torch.flatten(core, 2), a, b])

def matrix_of(self, x: Tensor) -> Tensor:
  return torch.flatten(x, 1)

# One factor of a Hadamard or Kronecker product: given whole under its name, or as name_a name_b, with a core.
def factor(self, p: Dict[str, Tensor], name: str, core: str) -> Tensor:
  if name in p:
    whole = torch.flatten(p[name], 1)
  elif core in p:
    whole = torch.flatten(self.tucker(p[core], p[name + "_a"], p[name + "_b"]), 1)
  else:
    whole = torch.matmul(self.matrix_of(p[name + "_a"]), self.matrix_of(p[name + "_b"]))
  return whole

def accumulate_if_trainable(self, p: Dict[str, Tensor], key: str, gradient: Tensor) -> int:
  if (key + ".grad") in p:
    _0 = torch.add_(p[key + ".grad"], torch.reshape(gradient, torch.size(p[key])))
  return 0

def tucker_grad(self, p: Dict[str, Tensor], core: str, a: str, b: str, g: Tensor) -> int:
  t = torch.flatten(p[core], 2)
  g = torch.reshape(g, [torch.size(p[a], 1), torch.size(p[b], 1), -1])
  _0 = self.accumulate_if_trainable(p, core, torch.einsum("pqk,ip,jq->ijk", [g, p[a], p[b]]))
  _1 = self.accumulate_if_trainable(p, a, torch.einsum("pqk,ijk,jq->ip", [g, t, p[b]]))
  _2 = self.accumulate_if_trainable(p, b, torch.einsum("pqk,ijk,ip->jq", [g, t, p[a]]))
  return 0

def product_grad(self, p: Dict[str, Tensor], a: str, b: str, g: Tensor) -> int:
  left = self.matrix_of(p[a])
  right = self.matrix_of(p[b])
  _0 = self.accumulate_if_trainable(p, a, torch.matmul(g, torch.t(right)))
  _1 = self.accumulate_if_trainable(p, b, torch.matmul(torch.t(left), g))
  return 0

def factor_grad(self, p: Dict[str, Tensor], name: str, core: str, g: Tensor) -> int:
  if name in p:
    _0 = self.accumulate_if_trainable(p, name, g)
  elif core in p:
    _1 = self.tucker_grad(p, core, name + "_a", name + "_b", g)
  else:
    _2 = self.product_grad(p, name + "_a", name + "_b", g)
  return 0

# LoCon's Tucker form has its outer matrices the other way round: up [out, r], down [r, in], mid [r, r, k, k].
def mid_weight(self, p: Dict[str, Tensor]) -> Tensor:
  return self.tucker(p["lora_mid"], torch.t(self.matrix_of(p["lora_up"])), self.matrix_of(p["lora_down"]))

def mid_grad(self, p: Dict[str, Tensor], g: Tensor) -> int:
  t = torch.flatten(p["lora_mid"], 2)
  up = self.matrix_of(p["lora_up"])
  down = self.matrix_of(p["lora_down"])
  g = torch.reshape(g, [torch.size(up, 0), torch.size(down, 1), -1])
  _0 = self.accumulate_if_trainable(p, "lora_mid", torch.einsum("pqk,pi,jq->ijk", [g, up, down]))
  _1 = self.accumulate_if_trainable(p, "lora_up", torch.einsum("pqk,ijk,jq->pi", [g, t, down]))
  _2 = self.accumulate_if_trainable(p, "lora_down", torch.einsum("pqk,ijk,pi->jq", [g, t, up]))
  return 0

# The Kronecker product of w1 [a, c] and w2 [b, d * area] as [a * b, c * d * area].
def kronecker(self, w1: Tensor, w2: Tensor, columns: int) -> Tensor:
  small = torch.reshape(w2, [torch.size(w2, 0), torch.floordiv(columns, torch.size(w1, 1)), -1])
  whole = torch.einsum("ac,bdk->abcdk", [w1, small])
  return torch.reshape(whole, [torch.size(w1, 0) * torch.size(w2, 0), -1])

def kronecker_grad(self, p: Dict[str, Tensor], columns: int, g: Tensor) -> int:
  w1 = self.factor(p, "lokr_w1", "lokr_t1")
  w2 = self.factor(p, "lokr_w2", "lokr_t2")
  a = torch.size(w1, 0)
  c = torch.size(w1, 1)
  b = torch.size(w2, 0)
  d = torch.floordiv(columns, c)
  g = torch.reshape(g, [a, b, c, d, -1])
  small = torch.reshape(w2, [b, d, -1])
  _0 = self.factor_grad(p, "lokr_w1", "lokr_t1", torch.einsum("abcdk,bdk->ac", [g, small]))
  _1 = self.factor_grad(p, "lokr_w2", "lokr_t2", torch.reshape(torch.einsum("abcdk,ac->bdk", [g, w1]), torch.size(w2)))
  return 0

# The update of the weight w at scale 1: GLoRA (Chavan et al. 2023) w a1 a2 + b1 b2; IA3 (Liu et al. 2022) w times its
# multipliers, by row or by input; OFT (Qiu et al. 2023) and BOFT (Liu et al. 2024) the rows of w rotated, less w.
# All as LyCORIS computes them.
def is_of_base(self, p: Dict[str, Tensor]) -> bool:
  return ("a1" in p) or ("weight" in p) or ("oft_blocks" in p)

def base_delta(self, p: Dict[str, Tensor], c: Dict[str, float], base: Tensor) -> Tensor:
  w = torch.to(base, 6)
  if "a1" in p:
    half = torch.einsum("oik,ir->ork", [torch.reshape(w, [torch.size(w, 0), torch.size(w, 1), -1]), self.matrix_of(p["a1"])])
    plain = torch.einsum("ork,rj->ojk", [half, self.matrix_of(p["a2"])])
    plain = torch.add(torch.reshape(plain, torch.size(w)), torch.reshape(self.times(p["b1"], p["b2"]), torch.size(w)))
  elif "weight" in p:
    plain = torch.mul(w, self.along(torch.flatten(p["weight"]), w, int(c["on_input"])))
  else:
    plain = self.rotated_delta(p, c, w)
  return plain

def base_grad(self, p: Dict[str, Tensor], c: Dict[str, float], base: Tensor, g: Tensor) -> int:
  w = torch.to(base, 6)
  g = torch.reshape(g, torch.size(w))
  if "a1" in p:
    wide = torch.reshape(w, [torch.size(w, 0), torch.size(w, 1), -1])
    whole = torch.reshape(g, torch.size(wide))
    half = torch.einsum("oik,ir->ork", [wide, self.matrix_of(p["a1"])])
    back = torch.einsum("ojk,rj->ork", [whole, self.matrix_of(p["a2"])])
    _0 = self.accumulate_if_trainable(p, "a2", torch.einsum("ork,ojk->rj", [half, whole]))
    _1 = self.accumulate_if_trainable(p, "a1", torch.einsum("oik,ork->ir", [wide, back]))
    _2 = self.product_grad(p, "b1", "b2", self.matrix_of(g))
  elif "weight" in p:
    _3 = self.accumulate_if_trainable(p, "weight", torch.sum(torch.mul(g, w), self.others(w, int(c["on_input"]))))
  else:
    _4 = self.rotated_grad(p, c, w, g)
  return 0

# Skew-symmetric matrices of any matrices; where bound is above 0, all of them together are scaled down to that norm.
def skew(self, blocks: Tensor, bound: float) -> Tensor:
  q = torch.sub(blocks, torch.transpose(blocks, -2, -1))
  if bound > 0.:
    norm = torch.add(torch.linalg_vector_norm(q, 2.), 1e-08)
    q = torch.mul(q, torch.clamp(torch.div(torch.full_like(norm, bound), norm), None, 1.))
  return q

def skew_grad(self, blocks: Tensor, bound: float, g: Tensor) -> Tensor:
  if bound > 0.:
    q = torch.sub(blocks, torch.transpose(blocks, -2, -1))
    plain = torch.linalg_vector_norm(q, 2.)
    norm = torch.add(plain, 1e-08)
    along = torch.div(torch.sum(torch.mul(g, q)), torch.mul(norm, plain))
    scaled = torch.mul(torch.sub(g, torch.mul(q, along)), torch.div(torch.full_like(norm, bound), norm))
    g = torch.where(torch.gt(norm, bound), scaled, g)
  return torch.sub(g, torch.transpose(g, -2, -1))

def identity_like(self, q: Tensor) -> Tensor:
  return torch.eye(torch.size(q, -1), dtype=6, layout=None, device=ops.prim.device(q), pin_memory=None)

# Cayley's rotation (I + Q) (I - Q)^-1 of each skew-symmetric matrix.
def cayley(self, q: Tensor) -> Tensor:
  one = self.identity_like(q)
  return torch.linalg_solve(torch.sub(one, q), torch.add(one, q), left=False)

# The gradient to Q: (I + R)^T g (I - Q)^-T, and the transpose of I - Q is I + Q.
def cayley_grad(self, q: Tensor, r: Tensor, g: Tensor) -> Tensor:
  one = self.identity_like(q)
  return torch.linalg_solve(torch.add(one, q), torch.matmul(torch.transpose(torch.add(r, one), -2, -1), g), left=False)

# Rows by blocks: OFT's [blocks, size, columns].
def block_rows(self, w: Tensor, blocks: Tensor) -> Tensor:
  return torch.reshape(w, [torch.size(blocks, -3), torch.size(blocks, -1), -1])

# BOFT's stage i mixes rows that lie 2^i half blocks apart: they are brought together, and back.
def butterfly(self, x: Tensor, half: int, stage: int, size: int) -> Tensor:
  far = half
  for i in range(stage):
    far = far * 2
  apart = torch.reshape(x, [torch.floordiv(torch.size(x, 0), 2 * far), 2, far, -1])
  return torch.reshape(torch.transpose(apart, 1, 2), [torch.floordiv(torch.size(x, 0), size), size, -1])

def butterfly_back(self, x: Tensor, half: int, stage: int) -> Tensor:
  far = half
  for i in range(stage):
    far = far * 2
  rows = torch.size(x, 0) * torch.size(x, 1)
  together = torch.reshape(x, [torch.floordiv(rows, 2 * far), far, 2, -1])
  return torch.reshape(torch.transpose(together, 1, 2), [rows, -1])

# What each stage of a butterfly takes, and the result of the last: [rows, columns] each.
def butterfly_stages(self, r: Tensor, x: Tensor) -> List[Tensor]:
  size = torch.size(r, -1)
  half = torch.floordiv(size, 2)
  states = [x]
  for i in range(torch.size(r, 0)):
    turned = torch.matmul(torch.select(r, 0, i), self.butterfly(states[i], half, i, size))
    _0 = torch.append(states, self.butterfly_back(turned, half, i))
  return states

# The rotated rows without w, and without rescaling.
def turned_delta(self, r: Tensor, w: Tensor) -> Tensor:
  if torch.dim(r) == 4:
    flat = self.matrix_of(w)
    states = self.butterfly_stages(r, flat)
    delta = torch.sub(states[torch.len(states) - 1], flat)
  else:
    part = torch.transpose(torch.sub(r, self.identity_like(r)), 1, 2)
    delta = torch.matmul(part, self.block_rows(w, r))
  return torch.reshape(delta, torch.size(w))

def rotated_delta(self, p: Dict[str, Tensor], c: Dict[str, float], w: Tensor) -> Tensor:
  delta = self.turned_delta(self.cayley(self.skew(p["oft_blocks"], c["bound"])), w)
  if "rescale" in p:
    factor = self.along(torch.flatten(p["rescale"]), w, 0)
    delta = torch.add(torch.mul(delta, factor), torch.mul(w, torch.sub(factor, 1.)))
  return delta

def rotated_grad(self, p: Dict[str, Tensor], c: Dict[str, float], w: Tensor, g: Tensor) -> int:
  q = self.skew(p["oft_blocks"], c["bound"])
  r = self.cayley(q)
  if "rescale" in p:
    whole = torch.add(self.turned_delta(r, w), w)
    _0 = self.accumulate_if_trainable(p, "rescale", torch.sum(torch.mul(g, whole), self.others(w, 0)))
    g = torch.mul(g, self.along(torch.flatten(p["rescale"]), w, 0))
  if torch.dim(r) == 4:
    gr = self.butterfly_grad(r, self.matrix_of(w), self.matrix_of(g))
  else:
    gr = torch.matmul(self.block_rows(w, r), torch.transpose(self.block_rows(g, r), 1, 2))
  gq = self.cayley_grad(q, r, gr)
  _1 = self.accumulate_if_trainable(p, "oft_blocks", self.skew_grad(p["oft_blocks"], c["bound"], gq))
  return 0

def butterfly_grad(self, r: Tensor, x: Tensor, g: Tensor) -> Tensor:
  size = torch.size(r, -1)
  half = torch.floordiv(size, 2)
  states = self.butterfly_stages(r, x)
  gr = torch.zeros_like(r)
  last = torch.size(r, 0) - 1
  for j in range(torch.size(r, 0)):
    i = last - j
    gt = self.butterfly(g, half, i, size)
    before = self.butterfly(states[i], half, i, size)
    _0 = torch.copy_(torch.select(gr, 0, i), torch.matmul(gt, torch.transpose(before, 1, 2)))
    g = self.butterfly_back(torch.matmul(torch.transpose(torch.select(r, 0, i), 1, 2), gt), half, i)
  return gr

# What the method's tensors give of base, scaled, in fp32 and base's shape; rows that rank dropout left out are zero.
def weight_delta(self, p: Dict[str, Tensor], c: Dict[str, float], base: Tensor) -> Tensor:
  shape = torch.size(p["base"])
  if self.is_of_base(p):
    plain = self.base_delta(p, c, base)
  elif "lora_mid" in p:
    plain = self.mid_weight(p)
  elif "lora_up" in p:
    plain = torch.matmul(self.matrix_of(p["lora_up"]), self.matrix_of(p["lora_down"]))
  elif "hada_w1_a" in p:
    plain = torch.mul(self.factor(p, "hada_w1", "hada_t1"), self.factor(p, "hada_w2", "hada_t2"))
  elif "diff" in p:
    plain = p["diff"]
  else:
    plain = self.kronecker(self.factor(p, "lokr_w1", "lokr_t1"), self.factor(p, "lokr_w2", "lokr_t2"), shape[1])
  delta = torch.reshape(torch.mul(plain, c["scale"]), shape)
  if "row_mask" in p:
    delta = torch.mul(delta, self.along(p["row_mask"], delta, 0))
  return delta

def along(self, x: Tensor, like: Tensor, dimension: int) -> Tensor:
  shape = [1] * torch.dim(like)
  shape[dimension] = -1
  return torch.reshape(x, shape)

# The dimensions that a norm by row, or by input column, is taken over.
def others(self, w: Tensor, kept: int) -> List[int]:
  dims = annotate(List[int], [])
  for i in range(torch.dim(w)):
    if i != kept:
      _0 = torch.append(dims, i)
  return dims

def weight_norms(self, w: Tensor, kept: int) -> Tensor:
  return torch.linalg_vector_norm(w, 2., self.others(w, kept), True)

# base with the update, at strength 1, in fp32.
def weight_whole(self, p: Dict[str, Tensor], c: Dict[str, float], base: Tensor) -> Tensor:
  w = torch.add(torch.to(base, 6), self.weight_delta(p, c, base))
  if "dora_scale" in p:
    kept = int(c["by_input"])
    w = torch.mul(w, torch.div(self.along(p["dora_scale"], w, kept), self.weight_norms(w, kept)))
  return w

# All that the method adds to base, at strength 1.
def weight_update(self, p: Dict[str, Tensor], c: Dict[str, float], base: Tensor) -> Tensor:
  return torch.sub(self.weight_whole(p, c, base), base)

def weight_refresh(self, p: Dict[str, Tensor], c: Dict[str, float]) -> int:
  w = self.weight_whole(p, c, p["base"])
  strength = c["strength"]
  if strength != 1.:
    base = torch.to(p["base"], 6)
    w = torch.add(base, torch.sub(w, base), alpha=strength)
  _0 = torch.copy_(p["effective"], w)
  return 0

# Sends the gradient of the effective weight on to what it is made of, and empties its buffer.
def weight_collect(self, p: Dict[str, Tensor], c: Dict[str, float]) -> int:
  g = torch.mul(p["effective.grad"], c["strength"])
  _0 = torch.zero_(p["effective.grad"])
  if "dora_scale" in p:
    kept = int(c["by_input"])
    w = torch.add(torch.to(p["base"], 6), self.weight_delta(p, c, p["base"]))
    norms = self.weight_norms(w, kept)
    ratio = torch.div(self.along(p["dora_scale"], w, kept), norms)
    along = torch.div(torch.sum(torch.mul(g, w), self.others(w, kept), True), norms)
    _1 = self.accumulate_if_trainable(p, "dora_scale", along)
    g = torch.mul(g, ratio)
    if c["norm_in_gradient"] != 0.:
      g = torch.sub(g, torch.mul(w, torch.div(torch.mul(along, ratio), norms)))
  if "row_mask" in p:
    g = torch.mul(g, self.along(p["row_mask"], g, 0))
  g = self.matrix_of(torch.mul(g, c["scale"]))
  if self.is_of_base(p):
    _8 = self.base_grad(p, c, p["base"], g)
  elif "lora_mid" in p:
    _2 = self.mid_grad(p, g)
  elif "lora_up" in p:
    _3 = self.product_grad(p, "lora_up", "lora_down", g)
  elif "hada_w1_a" in p:
    _4 = self.factor_grad(p, "hada_w1", "hada_t1", torch.mul(g, self.factor(p, "hada_w2", "hada_t2")))
    _5 = self.factor_grad(p, "hada_w2", "hada_t2", torch.mul(g, self.factor(p, "hada_w1", "hada_t1")))
  elif "diff" in p:
    _6 = self.accumulate_if_trainable(p, "diff", g)
  else:
    _7 = self.kronecker_grad(p, torch.size(p["base"], 1), g)
  return 0

# The Frobenius norm of the update without decomposition.
def weight_delta_norm(self, p: Dict[str, Tensor], c: Dict[str, float]) -> Tensor:
  return torch.linalg_vector_norm(self.weight_delta(p, c, p["base"]), 2.)

def low_rank_norm(self, down: Tensor, up: Tensor, scale: float) -> Tensor:
  return torch.mul(torch.linalg_vector_norm(self.times(up, down), 2.), scale)

def weight_row_lengths(self, base: Tensor, kept: int) -> Tensor:
  return self.weight_norms(torch.to(base, 6), kept)

# PiSSA (Meng et al. 2024): the r largest singular triples, shared out evenly; down [r, n], up [m, r], rest of base.
def principal_start(self, base: Tensor, rank: int, scale: float) -> List[Tensor]:
  w = self.matrix_of(torch.to(base, 6))
  u, s, v = torch.linalg_svd(w, False)
  root = torch.sqrt(torch.div(torch.slice(s, 0, 0, rank), scale))
  down = torch.mul(torch.slice(v, 0, 0, rank), torch.unsqueeze(root, 1))
  up = torch.mul(torch.slice(u, 1, 0, rank), root)
  return [torch.contiguous(down), torch.contiguous(up)]

# OLoRA (Bueyuekakyuez 2024): the first r columns of Q and rows of R.
def orthonormal_start(self, base: Tensor, rank: int) -> List[Tensor]:
  q, r = torch.linalg_qr(self.matrix_of(torch.to(base, 6)))
  return [torch.contiguous(torch.slice(r, 0, 0, rank)), torch.contiguous(torch.slice(q, 1, 0, rank))]

# base less scale * up down, in the base's type.
def residual_weight(self, base: Tensor, down: Tensor, up: Tensor, scale: Tensor) -> Tensor:
  return torch.type_as(torch.sub(torch.to(base, 6), self.low_rank_weight(base, down, up, scale)), base)

# a beside factor * b along a dimension, b in a's shape elsewhere.
def joined(self, a: Tensor, b: Tensor, dimension: int, factor: float) -> Tensor:
  return torch.cat([a, torch.reshape(torch.mul(b, factor), torch.size(a))], dimension)
