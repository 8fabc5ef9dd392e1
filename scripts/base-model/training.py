"""What the trainings share: optimiser, schedule by steps, averaged weights, states that survive a kill."""

import contextlib
import math
import os
import signal

import torch


A, B, C = 3.4445, -4.7750, 2.0315


def orthogonal(matrices):
    """Newton-Schulz iteration X <- (A + B X X^T + C (X X^T)^2) X towards U V^T of each (Jordan et al., 2024).

    Wide matrices iterate on their Gram matrix, which takes two large products instead of twenty.
    """
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    if x.shape[-1] >= 4 * x.shape[-2]:
        x = iterated_gram(x @ x.mT).bfloat16() @ x.bfloat16()
    else:
        x = x.bfloat16()
        for _ in range(5):
            gram = x @ x.mT
            x = A * x + (B * gram + C * gram @ gram) @ x
    return (x.mT if tall else x).float()


def iterated_gram(gram):
    """The product of the five polynomials; fp32, since rounding grows with every power."""
    product = torch.eye(gram.shape[-1]).expand_as(gram)
    for _ in range(5):
        polynomial = torch.baddbmm(B * gram, gram, gram, alpha=C) + A * torch.eye(gram.shape[-1])
        product = polynomial @ product
        gram = polynomial @ (polynomial @ gram)
        gram = (gram + gram.mT) / 2
    return product


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonalised updates for the weight matrices; kernels count as matrices (out, in k k)."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.0):
        super().__init__(list(parameters), {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            by_shape = {}
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(state["momentum"], group["momentum"])
                update = update.reshape(len(update), -1)
                by_shape.setdefault(update.shape, []).append((parameter, update))
            for shape, pairs in by_shape.items():
                directions = orthogonal(torch.stack([update for _, update in pairs]))
                # Equal root mean square for every shape, near to what Adam's updates have.
                scale = 0.2 * math.sqrt(max(shape))
                for (parameter, _), direction in zip(pairs, directions):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(direction.reshape(parameter.shape), alpha=-group["lr"] * scale)


def optimisers(matrices, others, lr, weight_decay=0.0):
    """Muon for the matrices, AdamW for biases, norms, embeddings, first and last layers."""
    return [Muon(matrices, lr, weight_decay=weight_decay),
            torch.optim.AdamW(others, lr, betas=(0.9, 0.99), weight_decay=0.0)]


class Schedule:
    """Learning rate by steps: warm-up, then constant, then (once a decay is asked for) a straight line to nothing.

    The constant part has no end of its own, so a training can go on as long as there is time, and be brought to an end
    at any moment by `decay` more steps.
    """

    def __init__(self, peak, warm=100):
        self.peak, self.warm, self.start, self.length = peak, warm, None, None

    def begin_decay(self, step, length):
        self.start, self.length = step, length

    def done(self, step):
        return self.start is not None and step >= self.start + self.length

    def rate(self, step):
        factor = min(1.0, (step + 1) / self.warm)
        if self.start is not None:
            factor *= max(0.01, 1 - (step - self.start) / self.length)
        return self.peak * factor

    def state(self):
        return {"start": self.start, "length": self.length}

    def load(self, state):
        self.start, self.length = state["start"], state["length"]


class Average:
    """Exponential moving average with a horizon that grows with the run."""

    def __init__(self, modules, longest):
        self.parameters = [p for module in modules for p in module.parameters()]
        self.values = [p.detach().clone() for p in self.parameters]
        self.longest = longest

    @torch.no_grad()
    def update(self, step):
        keep = min(self.longest, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.values, self.parameters, 1 - keep)

    @contextlib.contextmanager
    def shown(self):
        """The averaged weights are in the modules inside the block."""
        self.swap()
        try:
            yield
        finally:
            self.swap()

    def swap(self):
        for parameter, value in zip(self.parameters, self.values):
            kept = parameter.detach().clone()
            parameter.data.copy_(value)
            value.copy_(kept)


class Stop:
    """A polite kill is answered after the step at hand, once the state is saved."""

    def __init__(self):
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_):
        self.asked = True


def save(path, state):
    partial = path.with_name(path.name + ".partial")
    torch.save(state, partial)
    os.replace(partial, path)
