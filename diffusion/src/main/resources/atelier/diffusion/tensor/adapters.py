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

def copy_of(self, x: Tensor) -> Tensor:
  return torch.clone(x)
