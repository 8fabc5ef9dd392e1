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

def ones_into(self, x: Tensor) -> int:
  _0 = torch.fill_(x, 1.)
  return 0

def copy_of(self, x: Tensor) -> Tensor:
  return torch.clone(x)

# Updates in weight space. p holds one module's tensors: base and effective, the weight as the block has it; what
# is trained, by the roles of weight files; role.grad for each that is trained. c: scale, strength, by_input, norm_in_gradient.

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

# What the method's tensors give, scaled, in fp32 and the base's shape; rows that rank dropout left out are zero.
def weight_delta(self, p: Dict[str, Tensor], c: Dict[str, float]) -> Tensor:
  shape = torch.size(p["base"])
  if "lora_mid" in p:
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
  w = torch.add(torch.to(base, 6), self.weight_delta(p, c))
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
    w = torch.add(torch.to(p["base"], 6), self.weight_delta(p, c))
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
  if "lora_mid" in p:
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
  return torch.linalg_vector_norm(self.weight_delta(p, c), 2.)

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
