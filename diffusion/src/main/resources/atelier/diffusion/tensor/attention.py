# Plain matmul, softmax, matmul: on a CPU in bf16 it runs in half the time of scaled_dot_product_attention.
# On CUDA the fused operators are the faster ones; fused.py goes back through them.

def split_heads(self, x: Tensor, heads: int) -> Tensor:
  b, n, c = torch.size(x)
  width = torch.floordiv(c, heads)
  return torch.reshape(torch.permute(torch.view(x, [b, n, heads, width]), [0, 2, 1, 3]), [b * heads, n, width])

def join_heads(self, x: Tensor, heads: int) -> Tensor:
  bh, n, width = torch.size(x)
  b = torch.floordiv(bh, heads)
  return torch.reshape(torch.permute(torch.view(x, [b, heads, n, width]), [0, 2, 1, 3]), [b, n, heads * width])

# [batch, tokens, channels] -> [batch, heads, tokens, width], a view: the fused operators take four dimensions only.
def by_head(self, x: Tensor, heads: int) -> Tensor:
  b, n, c = torch.size(x)
  return torch.transpose(torch.unflatten(x, 2, [heads, torch.floordiv(c, heads)]), 1, 2)

def heads_joined(self, x: Tensor) -> Tensor:
  b, h, n, width = torch.size(x)
  return torch.reshape(torch.transpose(x, 1, 2), [b, n, h * width])

def head_scale(self, q: Tensor) -> float:
  return torch.pow(float(torch.size(q, -1)), -0.5)

# A row of scores that does not fill whole vectors takes up to four times as long, so keys are added that get no weight.
# For few rows and keys the copies cost as much.
def room_for_vectors(self, q: Tensor, k: Tensor) -> int:
  keys = torch.size(k, 1)
  room = 0
  if not q.is_cuda and min(keys, torch.size(q, 1)) > 64:
    room = torch.remainder(-keys, 32)
  return room

def with_room(self, x: Tensor, room: int) -> Tensor:
  if room > 0:
    x = torch.constant_pad_nd(x, [0, 0, 0, room], 0.)
  return x

# q scaled already; the last keys, as many as room says, get no weight. On a CPU softmax overwrites the scores: nobody needs
# them afterwards.
def probabilities(self, q: Tensor, k: Tensor, room: int, causal: bool) -> Tensor:
  scores = torch.bmm(q, torch.transpose(k, 1, 2))
  if room > 0:
    _1 = torch.fill_(torch.narrow(scores, 2, torch.size(k, 1) - room, room), -60000.)
  if causal:
    n = torch.size(scores, 1)
    later = torch.triu(torch.ones([n, torch.size(scores, 2)], dtype=11, layout=None, device=ops.prim.device(q), pin_memory=None), 1)
    _0 = torch.masked_fill_(scores, later, -60000.)
  if scores.is_cuda:
    probs = torch.softmax(scores, -1)
  else:
    probs = torch._softmax(scores, -1, False, out=scores)
  return probs

# How many scores are made at a time; a GPU has no caches to fit them into.
def scores_at_once(self, q: Tensor, on_cpu: int) -> int:
  most = on_cpu
  if q.is_cuda:
    most = 16777216
  return most

# How many heads' scores, or rows of one head's, are made at a time: a processor's caches hold 2 Mi of them at their best,
# and rows from 4 Mi on are worth the copies that parts cost.
def heads_at_once(self, q: Tensor, k: Tensor) -> int:
  most = self.scores_at_once(q, 2097152)
  return min(torch.size(q, 0), max(1, torch.floordiv(most, torch.size(q, 1) * torch.size(k, 1))))

def rows_at_once(self, q: Tensor, k: Tensor, causal: bool) -> int:
  rows = torch.size(q, 1)
  if not causal:
    rows = min(rows, max(256, torch.floordiv(self.scores_at_once(q, 4194304), torch.size(k, 1))))
  return rows

def in_one(self, parts: List[Tensor], dim: int) -> Tensor:
  if torch.len(parts) == 1:
    whole = parts[0]
  else:
    whole = torch.cat(parts, dim)
  return whole

def attend_rows(self, q: Tensor, k: Tensor, v: Tensor, room: int, causal: bool) -> Tensor:
  rows = self.rows_at_once(q, k, causal)
  total = torch.size(q, 1)
  parts = annotate(List[Tensor], [])
  for i in range(torch.floordiv(total + rows - 1, rows)):
    part = torch.narrow(q, 1, i * rows, min(rows, total - i * rows))
    _0 = torch.append(parts, torch.bmm(self.probabilities(part, k, room, causal), v))
  return self.in_one(parts, 1)

# Where the processor multiplies tiles, the fused operator takes half the time from 512 tokens on: products are then so fast
# that writing all scores down is what costs.
def is_long_for_tiles(self, q: Tensor, k: Tensor) -> bool:
  return self.has_tiles() and ops.prim.dtype(q) == 15 and min(torch.size(q, 1), torch.size(k, 1)) >= 512

# q, k, v: [batch, tokens, channels]; heads are cut from the channels.
def attend(self, q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool) -> Tensor:
  if q.is_cuda or self.is_long_for_tiles(q, k):
    o = torch.scaled_dot_product_attention(self.by_head(q, heads), self.by_head(k, heads), self.by_head(v, heads), None, 0., causal)
    return self.heads_joined(o)
  q = self.split_heads(q, heads)
  k = self.split_heads(k, heads)
  v = self.split_heads(v, heads)
  q = torch.mul(q, self.head_scale(q))
  room = self.room_for_vectors(q, k)
  k = self.with_room(k, room)
  v = self.with_room(v, room)
  step = self.heads_at_once(q, k)
  total = torch.size(q, 0)
  parts = annotate(List[Tensor], [])
  for i in range(torch.floordiv(total + step - 1, step)):
    n = min(step, total - i * step)
    _0 = torch.append(parts, self.attend_rows(torch.narrow(q, 0, i * step, n), torch.narrow(k, 0, i * step, n), torch.narrow(v, 0, i * step, n), room, causal))
  return self.join_heads(self.in_one(parts, 0), heads)

# The gradient of softmax. On a CPU it overwrites that of the probabilities: a matrix of its own would have to be fetched
# into the caches first, which takes several times as long as the sums.
def scores_grad(self, g: Tensor, probs: Tensor) -> Tensor:
  code = ops.prim.dtype(g)
  if g.is_cuda:
    gs = torch._softmax_backward_data(g, probs, -1, code)
  else:
    gs = torch._softmax_backward_data(g, probs, -1, code, grad_input=g)
  return gs

# s: [b, n, m], x: [b, n, d] -> [b, m, d], the product of s transposed and x. With many columns it is faster to transpose
# x, the narrow one, and the result.
def product_over_rows(self, s: Tensor, x: Tensor) -> Tensor:
  if torch.size(s, 2) >= 256:
    y = torch.transpose(torch.bmm(torch.transpose(x, 1, 2), s), 1, 2)
  else:
    y = torch.bmm(torch.transpose(s, 1, 2), x)
  return y

# q and k both scaled here, so that the large matrix of scores is not.
def attend_part_grad(self, q: Tensor, k: Tensor, v: Tensor, g: Tensor, room: int, causal: bool) -> List[Tensor]:
  scale = self.head_scale(q)
  q = torch.mul(q, scale)
  probs = self.probabilities(q, k, room, causal)
  gv = self.product_over_rows(probs, g)
  gs = self.scores_grad(torch.bmm(g, torch.transpose(v, 1, 2)), probs)
  return [torch.bmm(gs, torch.mul(k, scale)), self.product_over_rows(gs, q), gv]

# What parts of the rows give to keys and values is added up in fp32.
def attend_rows_grad(self, q: Tensor, k: Tensor, v: Tensor, g: Tensor, room: int, causal: bool) -> List[Tensor]:
  rows = self.rows_at_once(q, k, causal)
  total = torch.size(q, 1)
  if rows >= total:
    return self.attend_part_grad(q, k, v, g, room, causal)
  gq = annotate(List[Tensor], [])
  gk = torch.zeros_like(torch.transpose(k, 1, 2), dtype=6, memory_format=0)
  gv = torch.zeros_like(torch.transpose(v, 1, 2), dtype=6, memory_format=0)
  for i in range(torch.floordiv(total + rows - 1, rows)):
    n = min(rows, total - i * rows)
    part = self.attend_part_grad(torch.narrow(q, 1, i * rows, n), k, v, torch.narrow(g, 1, i * rows, n), room, causal)
    _0 = torch.append(gq, part[0])
    _1 = torch.add_(gk, torch.transpose(part[1], 1, 2))
    _2 = torch.add_(gv, torch.transpose(part[2], 1, 2))
  return [torch.cat(gq, 1), torch.transpose(torch.type_as(gk, k), 1, 2), torch.transpose(torch.type_as(gv, v), 1, 2)]

# The probabilities are made again from q and k: at 64 x 64 latents they would outweigh everything else kept.
def attend_grad(self, q: Tensor, k: Tensor, v: Tensor, g: Tensor, heads: int, causal: bool) -> List[Tensor]:
  q = self.split_heads(q, heads)
  k = self.split_heads(k, heads)
  v = self.split_heads(v, heads)
  g = self.split_heads(g, heads)
  keys = torch.size(k, 1)
  room = self.room_for_vectors(q, k)
  k = self.with_room(k, room)
  v = self.with_room(v, room)
  step = self.heads_at_once(q, k)
  total = torch.size(q, 0)
  gq = annotate(List[Tensor], [])
  gk = annotate(List[Tensor], [])
  gv = annotate(List[Tensor], [])
  for i in range(torch.floordiv(total + step - 1, step)):
    n = min(step, total - i * step)
    part = self.attend_rows_grad(torch.narrow(q, 0, i * step, n), torch.narrow(k, 0, i * step, n), torch.narrow(v, 0, i * step, n), torch.narrow(g, 0, i * step, n), room, causal)
    _0 = torch.append(gq, part[0])
    _1 = torch.append(gk, part[1])
    _2 = torch.append(gv, part[2])
  back = [self.in_one(gq, 0), torch.narrow(self.in_one(gk, 0), 1, 0, keys), torch.narrow(self.in_one(gv, 0), 1, 0, keys)]
  return [self.join_heads(back[0], heads), self.join_heads(back[1], heads), self.join_heads(back[2], heads)]
