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
