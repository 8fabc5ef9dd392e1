# The loss of a batch and its gradient by the prediction, as the class Objective has them, and what a step is read back by.

# w: what each element of an example counts by, [n]; c: thresholds, [n]; masks: none, or one [n, h, w]. kind: 0 squares,
# 1 pseudo-Huber, 2 smooth L1. The gradient comes multiplied by factor.
def weighted_loss(self, prediction: Tensor, target: Tensor, w: Tensor, c: Tensor, masks: List[Tensor], normalised: bool, kind: int, factor: float) -> List[Tensor]:
  d = torch.sub(torch.contiguous(torch.to(prediction, 6)), target)
  share = torch.view(w, [-1, 1, 1, 1])
  if torch.len(masks) != 0:
    mask = torch.unsqueeze(masks[0], 1)
    if normalised:
      mean = torch.mean(mask, [1, 2, 3], True)
      # A mask that hides everything hides everything, by whatever it is divided.
      share = torch.div(share, torch.where(torch.eq(mean, 0.), torch.ones_like(mean), mean))
    share = torch.mul(share, mask)
  counted = torch.mul(d, share)
  if kind == 0:
    loss = torch.dot(torch.flatten(d), torch.flatten(counted))
    slope = torch.mul_(counted, 2. * factor)
  else:
    threshold = torch.view(c, [-1, 1, 1, 1])
    root = torch.sqrt(torch.addcmul(torch.mul(threshold, threshold), d, d))
    if kind == 1:
      counted = torch.mul_(counted, threshold)
    # sqrt(d^2 + c^2) - c, without the difference of two near numbers.
    rise = torch.div(d, torch.add(root, threshold))
    loss = torch.mul(torch.dot(torch.flatten(rise), torch.flatten(counted)), 2.)
    slope = torch.mul_(torch.div_(counted, root), 2. * factor)
  return [loss, slope]

# [sum of the losses, 2-norm over all gradients]: all that the host must know of a step.
def step_figures(self, losses: List[Tensor], gradients: List[Tensor]) -> Tensor:
  norm = self.norm_of_all(gradients)
  if torch.len(losses) == 0:
    loss = torch.zeros_like(norm)
  elif torch.len(losses) == 1:
    loss = losses[0]
  else:
    loss = torch.sum(torch.stack(losses))
  return torch.stack([loss, norm])

def norm_of_all(self, tensors: List[Tensor]) -> Tensor:
  if torch.len(tensors) == 1:
    return torch.linalg_vector_norm(tensors[0], 2.)
  return self.global_norm(tensors)

# The 2-norm of each tensor, [tensors].
def norms_of(self, tensors: List[Tensor]) -> Tensor:
  return torch.stack(torch._foreach_norm(tensors, 2.))
