# |mean x - mean y|^2 + tr(X) + tr(Y) - 2 tr((X Y)^(1/2)) of two sets of rows with covariances X and Y, in double precision.
# The root's trace is the sum of the roots of the eigenvalues of X^(1/2) Y X^(1/2), which is symmetric.

def frechet_covariance(self, x: Tensor) -> Tensor:
  centred = torch.sub(x, torch.mean(x, [0], True))
  return torch.div(torch.matmul(torch.t(centred), centred), torch.size(x, 0) - 1)

def frechet_distance(self, x: Tensor, y: Tensor) -> Tensor:
  first = self.frechet_covariance(x)
  second = self.frechet_covariance(y)
  values, vectors = torch.linalg_eigh(first, "L")
  root = torch.matmul(torch.mul(vectors, torch.sqrt(torch.clamp_min(values, 0.))), torch.t(vectors))
  between = torch.linalg_eigvalsh(torch.matmul(torch.matmul(root, second), root), "L")
  apart = torch.sub(torch.mean(x, [0]), torch.mean(y, [0]))
  traces = torch.add(torch.trace(first), torch.trace(second))
  shared = torch.sum(torch.sqrt(torch.clamp_min(between, 0.)))
  return torch.add(torch.add(torch.sum(torch.mul(apart, apart)), traces), shared, alpha=-2)
