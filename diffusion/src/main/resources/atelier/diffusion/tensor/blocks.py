# Blocks. Each kernel NAME(p, c, a, save) takes a block's tensors p, its numbers c and its inputs a, and gives
# [output, kept...]; what is kept only when save is set. NAME_grad(p, c, a, s, g) takes the same inputs, what was
# kept and the gradient of the output, and gives the gradients of the inputs, in their order; an input that does
# not need its gradient (need) may get anything.

def resnet(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  if self.is_fused():
    return self.resnet_fused(p, c, a, save)
  x = a[0]
  groups = int(c["groups"])
  if save or not self.is_large(p, x):
    n1, _0, _1 = self.group_norm(p, "norm1", x, groups, c["eps"])
    h = self.conv_active(p, "conv1", n1)
  else:
    h = self.conv_by_rows(p, x, groups, c["eps"])
  if len(a) > 1:
    h = torch.add_(h, torch.unsqueeze(torch.unsqueeze(self.linear(p, "time", a[1]), -1), -1))
  n2, _2, _3 = self.group_norm(p, "norm2", h, groups, c["eps"])
  kept = annotate(List[Tensor], [])
  if save:
    _4 = torch.append(kept, h)
  y = self.conv_active(p, "conv2", n2)
  if "shortcut.bias" in p:
    y = torch.add_(y, self.conv(p, "shortcut", x, 1, 0))
  else:
    y = torch.add_(y, x)
  return torch.add([y], kept)

# Whether a picture's normalised copy is to be made in parts: drawing, it decides how much memory is needed.
def is_large(self, p: Dict[str, Tensor], x: Tensor) -> bool:
  return not ("conv1.down" in p) and torch.size(x, 0) == 1 and torch.numel(x) >= 67108864

# conv1 of silu(norm1(x)), 32 rows of one picture at a time. Normalising with a group's mean and deviation is what batch
# norm does with a channel's. The rows before and after a part are computed with it where a transformed kernel adds zeros
# of its own, and left out.
def conv_by_rows(self, p: Dict[str, Tensor], x: Tensor, groups: int, eps: float) -> Tensor:
  b, channels, h, w = torch.size(x)
  each = torch.floordiv(channels, groups)
  weight = torch.to(p["norm1.weight"], 6)
  bias = torch.to(p["norm1.bias"], 6)
  _0, mean, rstd = torch.native_group_norm(x, weight, bias, b, channels, h * w, groups, eps)
  means = torch.repeat_interleave(torch.reshape(mean, [-1]), each)
  variances = torch.repeat_interleave(torch.reciprocal(torch.square(torch.reshape(rstd, [-1]))), each)
  parts = annotate(List[Tensor], [])
  for i in range(torch.floordiv(h + 31, 32)):
    first = max(i * 32 - 1, 0)
    n = min(i * 32 + 33, h) - first
    part = torch.batch_norm(torch.narrow(x, 2, first, n), weight, bias, means, variances, False, 0., 0., False)
    rows = min(32, h - i * 32)
    if "conv1.winograd" in p:
      y = torch.narrow(self.winograd(part, p["conv1.winograd"], self.bias_of(p, "conv1"), False, True), 2, i * 32 - first, rows)
    else:
      room = torch.new_empty(x, [b, rows + 2, w + 2, channels])
      frame = self.framed_rows(room, torch.permute(part, [0, 2, 3, 1]), i * 32 - 1 - first, True)
      y = self.conv_base(p, "conv1", torch.permute(frame, [0, 3, 1, 2]), self.bias_of(p, "conv1"), 1, 0)
    _1 = torch.append(parts, y)
  return self.channels_last(torch.cat(parts, 2))

# The gradient to x of silu(x); it overwrites g.
def silu_grad(self, g: Tensor, x: Tensor) -> Tensor:
  return torch.silu_backward(g, x, grad_input=g)

def resnet_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  if self.is_fused():
    return self.resnet_fused_grad(p, c, a, s, g, need)
  x = a[0]
  h = s[0]
  groups = int(c["groups"])
  g = self.channels_last(g)
  n2, mean2, rstd2 = self.group_norm(p, "norm2", h, groups, c["eps"])
  act2 = n2
  if self.trainable(p, "conv2"):
    act2 = torch.silu(n2)
  gh = self.silu_grad(self.conv_grad(p, "conv2", act2, g, 1, 1), n2)
  gh = self.group_norm_grad(p, "norm2", h, mean2, rstd2, self.channels_last(gh), groups)
  gtime = gh
  if len(a) > 1:
    if need[1] or self.trainable(p, "time"):
      gtime = self.linear_grad(p, "time", a[1], torch.sum(gh, [2, 3]))
  n1, mean1, rstd1 = self.group_norm(p, "norm1", x, groups, c["eps"])
  act1 = n1
  if self.trainable(p, "conv1"):
    act1 = torch.silu(n1)
  gx = self.silu_grad(self.conv_grad(p, "conv1", act1, gh, 1, 1), n1)
  gx = self.group_norm_grad(p, "norm1", x, mean1, rstd1, self.channels_last(gx), groups)
  if "shortcut.bias" in p:
    gx = torch.add_(gx, self.conv_grad(p, "shortcut", x, g, 1, 0))
  else:
    gx = torch.add_(gx, g)
  if len(a) > 1:
    return [gx, gtime]
  return [gx]

def downsample(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  if self.is_fused():
    return self.downsample_fused(p, c, a, save)
  x = a[0]
  if c["padding"] < 1.:
    # The autoencoder pads on the right and below only.
    x = self.channels_last(torch.constant_pad_nd(x, [0, 1, 0, 1], 0))
  return [self.conv(p, "conv", x, 2, int(c["padding"]))]

def downsample_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  return [self.conv_grad(p, "conv", a[0], g, 2, int(c["padding"]))]

# a[1], when given, is an array of the size that the result must have: odd sizes are not doubled.
def upsample(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  if self.is_fused():
    return self.upsample_fused(p, c, a, save)
  if not self.doubles(p, a):
    return [self.conv(p, "conv", self.enlarge(a), 1, 1)]
  y = self.winograd_doubled(a[0], p["conv.winograd"], self.bias_of(p, "conv"))
  if "conv.down" in p:
    y = self.conv_adapted(p, "conv", self.enlarge(a), y, 1, 1)
  return [y]

# Whether the convolution can do without the doubled picture.
def doubles(self, p: Dict[str, Tensor], a: List[Tensor]) -> bool:
  doubled = "conv.winograd" in p
  if len(a) > 1:
    doubled = doubled and torch.size(a[1], 2) == 2 * torch.size(a[0], 2) and torch.size(a[1], 3) == 2 * torch.size(a[0], 3)
  return doubled

def enlarge(self, a: List[Tensor]) -> Tensor:
  size = [torch.size(a[0], 2) * 2, torch.size(a[0], 3) * 2]
  if len(a) > 1:
    size = [torch.size(a[1], 2), torch.size(a[1], 3)]
  return self.channels_last(torch.upsample_nearest2d(a[0], size, None))

def upsample_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  if self.doubles(p, a) and not ("conv.down" in p or "conv.bias.grad" in p):
    gx = self.winograd_doubled_grad(g, p["conv.winograd"])
  else:
    big = self.enlarge(a)
    gb = self.conv_grad(p, "conv", big, g, 1, 1)
    gx = torch.upsample_nearest2d_backward(gb, [torch.size(big, 2), torch.size(big, 3)], torch.size(a[0]), None, None)
  if len(a) > 1:
    return [self.channels_last(gx), torch.zeros_like(a[1])]
  return [self.channels_last(gx)]

def concat(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  whole = torch.cat(a, 1)
  if not self.is_fused():
    whole = self.channels_last(whole)
  return [whole]

def concat_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  left = torch.size(a[0], 1)
  first = torch.narrow(g, 1, 0, left)
  second = torch.narrow(g, 1, left, torch.size(a[1], 1))
  if not self.is_fused():
    first = self.channels_last(first)
    second = self.channels_last(second)
  return [first, second]

def tokens(self, x: Tensor) -> Tensor:
  b, ch, h, w = torch.size(x)
  return torch.reshape(torch.permute(x, [0, 2, 3, 1]), [b, h * w, ch])

def picture(self, t: Tensor, like: Tensor) -> Tensor:
  b, ch, h, w = torch.size(like)
  return torch.permute(torch.view(torch.contiguous(t), [b, h, w, torch.size(t, 2)]), [0, 3, 1, 2])

# [b, c, h, w] -> [b, h*w, c]. A 1x1 projection is a linear layer over the tokens.
def transformer_in(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  if self.is_fused():
    return self.transformer_in_fused(p, c, a, save)
  n, _0, _1 = self.group_norm(p, "norm", a[0], int(c["groups"]), c["eps"])
  return [self.linear(p, "proj_in", self.tokens(n))]

def transformer_in_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  if self.is_fused():
    return self.transformer_in_fused_grad(p, c, a, s, g, need)
  n, mean, rstd = self.group_norm(p, "norm", a[0], int(c["groups"]), c["eps"])
  gn = self.picture(self.linear_grad(p, "proj_in", self.tokens(n), g), a[0])
  return [self.group_norm_grad(p, "norm", a[0], mean, rstd, gn, int(c["groups"]))]

# a = [tokens, residual picture]
def transformer_out(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  if self.is_fused():
    return self.transformer_out_fused(p, c, a, save)
  return [torch.add_(self.picture(self.linear(p, "proj_out", a[0]), a[1]), a[1])]

def transformer_out_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  if self.is_fused():
    return self.transformer_out_fused_grad(p, c, a, s, g, need)
  return [self.linear_grad(p, "proj_out", a[0], self.tokens(g)), g]

# a = [tokens], [tokens, context] or, forward only, [tokens, keys, values]; the result includes the residual.
def attention(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  if self.is_fused():
    return self.attention_fused(p, c, a, save)
  n, _0, _1 = self.layer_norm(p, "norm", a[0], c["eps"])
  if len(a) > 2:
    q = self.linear(p, "q", n)
    k = a[1]
    v = a[2]
  elif len(a) > 1:
    q = self.linear(p, "q", n)
    k = self.linear(p, "k", a[1])
    v = self.linear(p, "v", a[1])
  else:
    q, k, v = self.linear_three(p, ["q", "k", "v"], n)
  o = self.attend(q, k, v, int(c["heads"]), c["causal"] > 0.)
  y = torch.add_(self.linear(p, "out", o), a[0])
  if save:
    return [y, q, k, v, o]
  return [y]

# What a context gives: keys and values.
def attention_keys(self, p: Dict[str, Tensor], c: Dict[str, float], context: Tensor) -> List[Tensor]:
  return [self.linear(p, "k", context), self.linear(p, "v", context)]

def attention_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  if self.is_fused():
    return self.attention_fused_grad(p, c, a, s, g, need)
  n, mean, rstd = self.layer_norm(p, "norm", a[0], c["eps"])
  go = self.linear_grad(p, "out", s[3], g)
  gqkv = self.attend_grad(s[0], s[1], s[2], go, int(c["heads"]), c["causal"] > 0.)
  gn = self.linear_grad(p, "q", n, gqkv[0])
  if len(a) > 1:
    gcontext = a[1]
    if need[1] or self.trainable(p, "k") or self.trainable(p, "v"):
      gcontext = torch.add_(self.linear_grad(p, "k", a[1], gqkv[1]), self.linear_grad(p, "v", a[1], gqkv[2]))
    gx = torch.add_(self.layer_norm_grad(p, "norm", a[0], mean, rstd, gn), g)
    return [gx, gcontext]
  gn = torch.add_(torch.add_(gn, self.linear_grad(p, "k", n, gqkv[1])), self.linear_grad(p, "v", n, gqkv[2]))
  return [torch.add_(self.layer_norm_grad(p, "norm", a[0], mean, rstd, gn), g)]

# GEGLU: half of the first projection, times gelu of the other half.
def feed_forward(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  if self.is_fused():
    return self.feed_forward_fused(p, c, a, save)
  n, _0, _1 = self.layer_norm(p, "norm", a[0], c["eps"])
  u = self.linear(p, "in", n)
  value, gate = torch.chunk(u, 2, -1)
  y = torch.add_(self.linear(p, "out", torch.mul_(torch.gelu(gate), value)), a[0])
  if save:
    return [y, u]
  return [y]

def feed_forward_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  if self.is_fused():
    return self.feed_forward_fused_grad(p, c, a, s, g, need)
  n, mean, rstd = self.layer_norm(p, "norm", a[0], c["eps"])
  value, gate = torch.chunk(s[0], 2, -1)
  active = torch.gelu(gate)
  gm = self.linear_grad(p, "out", torch.mul(value, active), g)
  gu = torch.empty_like(s[0])
  gvalue, ggate = torch.chunk(gu, 2, -1)
  _0 = torch.mul(gm, active, out=gvalue)
  _1 = torch.gelu_backward(torch.mul_(gm, value), gate, approximate="none", grad_input=ggate)
  gn = self.linear_grad(p, "in", n, gu)
  return [torch.add_(self.layer_norm_grad(p, "norm", a[0], mean, rstd, gn), g)]

# CLIP's feed-forward: 0 is quick_gelu, x * sigmoid(1.702 x); 1 is gelu.
def mlp(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  if self.is_fused():
    return self.mlp_fused(p, c, a, save)
  n, _0, _1 = self.layer_norm(p, "norm", a[0], c["eps"])
  u = self.linear(p, "fc1", n)
  y = torch.add_(self.linear(p, "fc2", self.activate(u, c["activation"])), a[0])
  if save:
    return [y, u]
  return [y]

def activate(self, u: Tensor, kind: float) -> Tensor:
  if kind > 0.:
    return torch.gelu(u)
  return torch.mul_(torch.sigmoid_(torch.mul(u, 1.702)), u)

# The gradient to u of activate(u).
def activate_grad(self, g: Tensor, u: Tensor, kind: float) -> Tensor:
  if kind > 0.:
    return torch.gelu_backward(g, u)
  sig = torch.sigmoid(torch.mul(u, 1.702))
  slope = torch.add(sig, torch.mul(torch.mul(torch.mul(u, 1.702), sig), torch.rsub(sig, 1.)))
  return torch.mul(g, slope)

def mlp_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  if self.is_fused():
    return self.mlp_fused_grad(p, c, a, s, g, need)
  u = s[0]
  n, mean, rstd = self.layer_norm(p, "norm", a[0], c["eps"])
  gu = self.linear_grad(p, "fc2", self.activate(u, c["activation"]), g)
  gn = self.linear_grad(p, "fc1", n, self.activate_grad(gu, u, c["activation"]))
  return [torch.add_(self.layer_norm_grad(p, "norm", a[0], mean, rstd, gn), g)]

def norm(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  n, _0, _1 = self.layer_norm(p, "norm", a[0], c["eps"])
  return [n]

def norm_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  n, mean, rstd = self.layer_norm(p, "norm", a[0], c["eps"])
  return [self.layer_norm_grad(p, "norm", a[0], mean, rstd, g)]

# a = [token ids, int64]; token and position embeddings added.
def embed(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  return [torch.add(self.token_vectors(p, a[0]), torch.narrow(p["position.weight"], 0, 0, torch.size(a[0], 1)))]

# Ids beyond the vocabulary are embedding tokens, whose vectors lie apart.
def token_vectors(self, p: Dict[str, Tensor], ids: Tensor) -> Tensor:
  if not ("extra.weight" in p):
    return torch.embedding(p["token.weight"], ids)
  known = torch.size(p["token.weight"], 0)
  own = torch.embedding(p["token.weight"], torch.clamp(ids, 0, known - 1))
  added = torch.embedding(p["extra.weight"], torch.clamp(torch.sub(ids, known), 0))
  return torch.where(torch.unsqueeze(torch.ge(ids, known), -1), torch.type_as(added, own), own)

def embed_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  if "token.weight.grad" in p:
    _0 = torch.index_add_(p["token.weight.grad"], 0, torch.reshape(a[0], [-1]), torch.type_as(self.flat(g), p["token.weight.grad"]))
  if "extra.weight.grad" in p:
    ids = torch.sub(torch.reshape(a[0], [-1]), torch.size(p["token.weight"], 0))
    rows = torch.type_as(self.flat(g), p["extra.weight.grad"])
    own = torch.mul(rows, torch.unsqueeze(torch.type_as(torch.ge(ids, 0), rows), 1))
    _1 = torch.index_add_(p["extra.weight.grad"], 0, torch.clamp(ids, 0), own)
  return [a[0]]

# One linear layer on its own: a projection of a pooled text state.
def projection(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  return [self.linear(p, "linear", a[0])]

def projection_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  return [self.linear_grad(p, "linear", a[0], g)]

# Vaswani et al. 2017, as DDPM uses it: t [n] -> [n, width], cosines first when c["flip"] is set.
def sinusoid(self, t: Tensor, width: int, flip: bool, shift: float) -> Tensor:
  half = torch.floordiv(width, 2)
  i = torch.arange(half, dtype=6, layout=None, device=ops.prim.device(t), pin_memory=None)
  rate = torch.exp(torch.div(torch.mul(i, -9.210340371976184), float(half) - shift))
  angle = torch.mul(torch.unsqueeze(torch.to(t, 6), 1), torch.unsqueeze(rate, 0))
  if flip:
    return torch.cat([torch.cos(angle), torch.sin(angle)], 1)
  return torch.cat([torch.sin(angle), torch.cos(angle)], 1)

# a = [timesteps] or, with text_time conditioning, [timesteps, pooled text, six sizes per picture].
# The result has silu applied: every user of the embedding applies it first.
def time_embedding(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  t = torch.type_as(self.sinusoid(a[0], int(c["width"]), c["flip"] > 0., c["shift"]), p["linear_1.bias"])
  u = self.linear(p, "linear_1", t)
  e = self.linear(p, "linear_2", torch.silu(u))
  kept = [t, u]
  if len(a) > 1:
    sizes = self.sinusoid(torch.reshape(a[2], [-1]), int(c["size_width"]), c["flip"] > 0., c["shift"])
    text = torch.cat([torch.to(a[1], 6), torch.reshape(sizes, [torch.size(a[1], 0), -1])], 1)
    text = torch.type_as(text, t)
    v = self.linear(p, "add_1", text)
    e = torch.add(e, self.linear(p, "add_2", torch.silu(v)))
    kept = [t, u, text, v]
  if save:
    return torch.add([torch.silu(e), e], kept)
  return [torch.silu(e)]

def time_embedding_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  ge = torch.silu_backward(g, s[0])
  gu = torch.silu_backward(self.linear_grad(p, "linear_2", torch.silu(s[2]), ge), s[2])
  _0 = self.linear_grad(p, "linear_1", s[1], gu)
  out = [a[0]]
  if len(a) > 1:
    gv = torch.silu_backward(self.linear_grad(p, "add_2", torch.silu(s[4]), ge), s[4])
    gtext = self.linear_grad(p, "add_1", s[3], gv)
    out = [a[0], torch.narrow(gtext, 1, 0, torch.size(a[1], 1)), a[2]]
  return out

# To the type that the block computes in.
def cast(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  return [torch.type_as(a[0], p["conv.bias"])]

def cast_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  return [torch.type_as(g, a[0])]

def conv_in(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  x = self.channels_last(torch.type_as(a[0], p["conv.bias"]))
  if self.is_fused():
    return [self.conv_first(p, "conv", x, 1, int(c["padding"]))]
  return [self.conv(p, "conv", x, 1, int(c["padding"]))]

def conv_in_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  x = self.channels_last(torch.type_as(a[0], p["conv.bias"]))
  return [self.conv_grad(p, "conv", x, g, 1, int(c["padding"]))]

# The result is fp32 and contiguous: it leaves the network.
def conv_out(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  n, _0, _1 = self.group_norm(p, "norm", a[0], int(c["groups"]), c["eps"])
  return [torch.contiguous(torch.to(self.conv(p, "conv", torch.silu(n), 1, 1), 6), memory_format=0)]

def conv_out_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  n, mean, rstd = self.group_norm(p, "norm", a[0], int(c["groups"]), c["eps"])
  g = self.channels_last(torch.type_as(g, a[0]))
  gn = self.silu_grad(self.conv_grad(p, "conv", torch.silu(n), g, 1, 1), n)
  return [self.group_norm_grad(p, "norm", a[0], mean, rstd, self.channels_last(gn), int(c["groups"]))]

# The autoencoder's attention: one head over the pixels of the smallest picture.
def pixel_attention(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  n, _0, _1 = self.group_norm(p, "norm", a[0], int(c["groups"]), c["eps"])
  t = self.tokens(n)
  o = self.attend(self.linear(p, "q", t), self.linear(p, "k", t), self.linear(p, "v", t), int(c["heads"]), False)
  return [torch.add_(self.picture(self.linear(p, "out", o), a[0]), a[0])]

# A 1x1 convolution of fp32 input, given back in fp32: beside the autoencoder's latents.
def pointwise(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  x = self.channels_last(torch.type_as(a[0], p["conv.bias"]))
  return [torch.contiguous(torch.to(self.conv(p, "conv", x, 1, 0), 6), memory_format=0)]

# [b, 2c, h, w] -> mean and log-variance [b, c, h, w]
def split_moments(self, both: Tensor) -> List[Tensor]:
  mean, log_variance = torch.chunk(both, 2, 1)
  return [torch.contiguous(mean), torch.clamp(torch.contiguous(log_variance), -30., 20.)]

def sample_latents(self, mean: Tensor, log_variance: Tensor, noise: Tensor, scale: float) -> Tensor:
  deviation = torch.exp(torch.mul(log_variance, 0.5))
  return torch.mul(torch.add(mean, torch.mul(deviation, noise)), scale)

def times_number(self, x: Tensor, factor: float) -> Tensor:
  return torch.mul(x, factor)

# States of several text encoders side by side: [b, n, c1], [b, n, c2] -> [b, n, c1 + c2]
def join_width(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  return [torch.cat(a, -1)]

def join_width_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  left = torch.size(a[0], -1)
  return [torch.narrow(g, -1, 0, left), torch.narrow(g, -1, left, torch.size(a[1], -1))]

# a = [states [b, n, c], positions [b]] -> [b, c]
def take_row(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  b, n, ch = torch.size(a[0])
  index = torch.expand(torch.view(a[1], [b, 1, 1]), [b, 1, ch])
  return [torch.squeeze(torch.gather(a[0], 1, index), 1)]

def take_row_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  b, n, ch = torch.size(a[0])
  index = torch.expand(torch.view(a[1], [b, 1, 1]), [b, 1, ch])
  return [torch.scatter_add(torch.zeros_like(a[0]), 1, index, torch.unsqueeze(g, 1)), a[1]]

# a = [pictures [b, 3, side, side]] -> [b, 1 + patches, width]: a vector for the whole, then one a patch.
def patch_embed(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  size = int(c["patch"])
  x = torch.conv2d(torch.type_as(a[0], p["patch.weight"]), p["patch.weight"], None, [size, size], [0, 0], [1, 1], 1)
  b, ch, h, w = torch.size(x)
  patches = torch.transpose(torch.reshape(x, [b, ch, h * w]), 1, 2)
  whole = torch.expand(torch.view(p["class.weight"], [1, 1, ch]), [b, 1, ch])
  return [torch.add(torch.cat([whole, patches], 1), p["position.weight"])]
