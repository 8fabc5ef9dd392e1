# Plain matmul, softmax, matmul: on a CPU in bf16 it runs in half the time of scaled_dot_product_attention.
# On CUDA the fused operator is the faster one, and forward uses it.

def split_heads(self, x: Tensor, heads: int) -> Tensor:
  b, n, c = torch.size(x)
  width = torch.floordiv(c, heads)
  return torch.reshape(torch.permute(torch.view(x, [b, n, heads, width]), [0, 2, 1, 3]), [b * heads, n, width])

def join_heads(self, x: Tensor, heads: int) -> Tensor:
  bh, n, width = torch.size(x)
  b = torch.floordiv(bh, heads)
  return torch.reshape(torch.permute(torch.view(x, [b, heads, n, width]), [0, 2, 1, 3]), [b, n, heads * width])

def head_scale(self, q: Tensor) -> float:
  return torch.pow(float(torch.size(q, -1)), -0.5)

# q scaled already. On a CPU softmax overwrites the scores: nobody needs them afterwards.
def probabilities(self, q: Tensor, k: Tensor, causal: bool) -> Tensor:
  scores = torch.bmm(q, torch.transpose(k, 1, 2))
  if causal:
    n = torch.size(scores, 1)
    later = torch.triu(torch.ones([n, n], dtype=11, layout=None, device=ops.prim.device(q), pin_memory=None), 1)
    _0 = torch.masked_fill_(scores, later, -60000.)
  if scores.is_cuda:
    probs = torch.softmax(scores, -1)
  else:
    probs = torch._softmax(scores, -1, False, out=scores)
  return probs

# As many heads, or rows of one head's scores, as have 4 Mi scores: these stay in a processor's cache.
def heads_at_once(self, q: Tensor, k: Tensor) -> int:
  each = torch.size(q, 1) * torch.size(k, 1)
  return min(torch.size(q, 0), max(1, torch.floordiv(4194304, each)))

def rows_at_once(self, q: Tensor, k: Tensor) -> int:
  return min(torch.size(q, 1), max(64, torch.floordiv(4194304, torch.size(k, 1))))

def attend_rows(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
  rows = self.rows_at_once(q, k)
  total = torch.size(q, 1)
  parts = annotate(List[Tensor], [])
  for i in range(torch.floordiv(total + rows - 1, rows)):
    part = torch.narrow(q, 1, i * rows, min(rows, total - i * rows))
    _0 = torch.append(parts, torch.bmm(self.probabilities(part, k, False), v))
  return torch.cat(parts, 1)

# q, k, v: [batch, tokens, channels]; heads are cut from the channels.
def attend(self, q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool) -> Tensor:
  q = self.split_heads(q, heads)
  k = self.split_heads(k, heads)
  v = self.split_heads(v, heads)
  if q.is_cuda:
    return self.join_heads(torch.scaled_dot_product_attention(q, k, v, None, 0., causal), heads)
  q = torch.mul(q, self.head_scale(q))
  step = self.heads_at_once(q, k)
  total = torch.size(q, 0)
  if step >= total:
    return self.join_heads(torch.bmm(self.probabilities(q, k, causal), v), heads)
  parts = annotate(List[Tensor], [])
  for i in range(torch.floordiv(total + step - 1, step)):
    n = min(step, total - i * step)
    qi = torch.narrow(q, 0, i * step, n)
    ki = torch.narrow(k, 0, i * step, n)
    vi = torch.narrow(v, 0, i * step, n)
    if causal:
      _0 = torch.append(parts, torch.bmm(self.probabilities(qi, ki, causal), vi))
    else:
      _1 = torch.append(parts, self.attend_rows(qi, ki, vi))
  return self.join_heads(torch.cat(parts, 0), heads)

# q and k both scaled here, so that the large matrix of scores is not.
def attend_part_grad(self, q: Tensor, k: Tensor, v: Tensor, g: Tensor, causal: bool) -> List[Tensor]:
  scale = self.head_scale(q)
  q = torch.mul(q, scale)
  probs = self.probabilities(q, k, causal)
  gv = torch.bmm(torch.transpose(probs, 1, 2), g)
  gp = torch.bmm(g, torch.transpose(v, 1, 2))
  code = 6
  if torch.element_size(q) == 2:
    code = ops.prim.dtype(q)
  gs = torch._softmax_backward_data(gp, probs, -1, code)
  return [torch.bmm(gs, torch.mul(k, scale)), torch.bmm(torch.transpose(gs, 1, 2), q), gv]

# The probabilities are made again from q and k: at 64 x 64 latents they would outweigh everything else kept.
def attend_grad(self, q: Tensor, k: Tensor, v: Tensor, g: Tensor, heads: int, causal: bool) -> List[Tensor]:
  q = self.split_heads(q, heads)
  k = self.split_heads(k, heads)
  v = self.split_heads(v, heads)
  g = self.split_heads(g, heads)
  step = self.heads_at_once(q, k)
  total = torch.size(q, 0)
  if step >= total:
    whole = self.attend_part_grad(q, k, v, g, causal)
    return [self.join_heads(whole[0], heads), self.join_heads(whole[1], heads), self.join_heads(whole[2], heads)]
  gq = annotate(List[Tensor], [])
  gk = annotate(List[Tensor], [])
  gv = annotate(List[Tensor], [])
  for i in range(torch.floordiv(total + step - 1, step)):
    n = min(step, total - i * step)
    part = self.attend_part_grad(torch.narrow(q, 0, i * step, n), torch.narrow(k, 0, i * step, n), torch.narrow(v, 0, i * step, n), torch.narrow(g, 0, i * step, n), causal)
    _0 = torch.append(gq, part[0])
    _1 = torch.append(gk, part[1])
    _2 = torch.append(gv, part[2])
  return [self.join_heads(torch.cat(gq, 0), heads), self.join_heads(torch.cat(gk, 0), heads), self.join_heads(torch.cat(gv, 0), heads)]
