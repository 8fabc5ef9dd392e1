# How blocks run on a GPU, where a kernel's start costs as much as a small kernel: fewer and larger ones, and the hidden
# states of low-rank updates kept for going back. Pictures travel between blocks channels first, as CUDA's group norm wants
# them, and are channels last for convolutions; whatever writes them anyway changes the order.
#
# A block may carry, beside its layers q, k and v, their matrices one below the other as qkv.weight (and k's and v's as
# kv.weight), of which q.weight, k.weight and v.weight are views; qkv.down, qkv.down.grad likewise for their updates.

# silu of a picture, channels last.
def silu_last(self, x: Tensor) -> Tensor:
  y = torch.empty_like(x, memory_format=2)
  _0 = torch.silu(x, out=y)
  return y

# The gradient to x of silu(x), channels first as x is.
def silu_grad_first(self, g: Tensor, x: Tensor) -> Tensor:
  gx = torch.empty_like(x, memory_format=0)
  _0 = torch.silu_backward(g, x, grad_input=gx)
  return gx

# a + b, channels first; b may be smaller.
def sum_first(self, a: Tensor, b: Tensor) -> Tensor:
  y = torch.empty_like(a, memory_format=0)
  _0 = torch.add(a, b, out=y)
  return y

# A convolution of a channels-last picture, its result channels first.
def conv_first(self, p: Dict[str, Tensor], n: str, x: Tensor, stride: int, padding: int) -> Tensor:
  bias = self.bias_of(p, n)
  if (n + ".down") in p or bias is None:
    y = torch.contiguous(self.conv(p, n, x, stride, padding))
  else:
    y = self.sum_first(self.conv_base(p, n, x, None, stride, padding), torch.view(bias, [1, -1, 1, 1]))
  return y

# The gradient of a convolution to its input x, of which only the size counts here.
def conv_transposed(self, x: Tensor, w: Tensor, g: Tensor, stride: int, padding: int) -> Tensor:
  more = annotate(List[int], [])
  for i in range(2):
    least = (torch.size(g, i + 2) - 1) * stride - 2 * padding + torch.size(w, i + 2)
    _0 = torch.append(more, torch.size(x, i + 2) - least)
  if self.in_order(g):
    gx = torch.cudnn_convolution_transpose(g, w, [padding, padding], more, [stride, stride], [1, 1], 1, False, True, False)
  else:
    gx = torch.conv_transpose2d(g, w, None, [stride, stride], [padding, padding], more, 1, [1, 1])
  return gx

# Whether convolutions of x are to be those that add up in a fixed order: cuDNN has others beside them.
def in_order(self, x: Tensor) -> bool:
  return self.is_exact() and x.is_cuda

def conv_in_order(self, x: Tensor, w: Tensor, bias: Optional[Tensor], stride: int, padding: int) -> Tensor:
  y = torch.cudnn_convolution(x, w, [padding, padding], [stride, stride], [1, 1], 1, False, True, False)
  if bias is not None:
    y = torch.add_(y, torch.view(bias, [1, -1, 1, 1]))
  return y

# A kernel's gradient as a product of windows and g, summed over the pictures.
def weight_grad_in_order(self, x: Tensor, w: Tensor, g: Tensor, stride: int, padding: int) -> Tensor:
  side = [torch.size(w, 2), torch.size(w, 3)]
  seen = torch.im2col(torch.contiguous(x), side, [1, 1], [padding, padding], [stride, stride])
  each = torch.bmm(self.pixels(g), torch.transpose(seen, 1, 2))
  return torch.view(torch.sum(each, [0]), torch.size(w))

def norm_first(self, p: Dict[str, Tensor], n: str, x: Tensor, groups: int, eps: float) -> Tuple[Tensor, Tensor, Tensor]:
  b, c, h, w = torch.size(x)
  return torch.native_group_norm(torch.contiguous(x), p[n + ".weight"], p[n + ".bias"], b, c, h * w, groups, eps)

def norm_first_grad(self, p: Dict[str, Tensor], n: str, x: Tensor, mean: Tensor, rstd: Tensor, g: Tensor, groups: int) -> Tensor:
  b, c, h, w = torch.size(x)
  trained = (n + ".weight.grad") in p
  gx, gw, gb = torch.native_group_norm_backward(torch.contiguous(g), torch.contiguous(x), mean, rstd, p[n + ".weight"], b, c, h * w, groups, [True, trained, trained])
  if trained:
    _0 = self.accumulate(p, n + ".weight.grad", gw)
    _1 = self.accumulate(p, n + ".bias.grad", gb)
  return gx

# A 1x1 convolution that no update changes is a product over the channels of a picture, channels first.
def is_product(self, p: Dict[str, Tensor], n: str) -> bool:
  return not ((n + ".down") in p or (n + ".weight.grad") in p or (n + ".bias.grad") in p)

def pixels(self, x: Tensor) -> Tensor:
  b, c, h, w = torch.size(x)
  return torch.view(torch.contiguous(x), [b, c, h * w])

def matrix_for_each(self, w: Tensor, x: Tensor) -> Tensor:
  return torch.expand(torch.flatten(w, 1), [torch.size(x, 0), -1, -1])

# y + shortcut(x), channels first.
def add_shortcut(self, p: Dict[str, Tensor], y: Tensor, x: Tensor) -> Tensor:
  if not ("shortcut.weight" in p):
    return self.sum_first(y, x)
  if not self.is_product(p, "shortcut"):
    return self.sum_first(y, self.conv(p, "shortcut", self.channels_last(x), 1, 0))
  b, c, h, w = torch.size(y)
  side = torch.view(torch.bmm(self.matrix_for_each(p["shortcut.weight"], x), self.pixels(x)), [b, c, h, w])
  if "shortcut.bias" in p:
    side = torch.add_(side, torch.view(p["shortcut.bias"], [1, -1, 1, 1]))
  return self.sum_first(y, side)

# gx plus what comes back through the shortcut, in place.
def add_shortcut_grad(self, p: Dict[str, Tensor], gx: Tensor, x: Tensor, g: Tensor) -> Tensor:
  if not ("shortcut.weight" in p):
    gx = torch.add_(gx, g)
  elif not self.is_product(p, "shortcut"):
    gx = torch.add_(gx, self.conv_grad(p, "shortcut", self.channels_last(x), g, 1, 0))
  else:
    w = torch.transpose(self.matrix_for_each(p["shortcut.weight"], x), 1, 2)
    _0 = torch.baddbmm_(self.pixels(gx), w, self.pixels(g))
  return gx

def resnet_fused(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  x = torch.contiguous(a[0])
  groups = int(c["groups"])
  n1, _0, _1 = self.norm_first(p, "norm1", x, groups, c["eps"])
  h = self.conv(p, "conv1", self.silu_last(n1), 1, 1)
  if len(a) > 1:
    h = self.sum_first(h, torch.unsqueeze(torch.unsqueeze(self.linear(p, "time", a[1]), -1), -1))
  else:
    h = torch.contiguous(h)
  n2, _2, _3 = self.norm_first(p, "norm2", h, groups, c["eps"])
  y = self.add_shortcut(p, self.conv(p, "conv2", self.silu_last(n2), 1, 1), x)
  if save:
    return [y, h]
  return [y]

def resnet_fused_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  x = torch.contiguous(a[0])
  h = s[0]
  groups = int(c["groups"])
  n2, mean2, rstd2 = self.norm_first(p, "norm2", h, groups, c["eps"])
  act2 = n2
  if self.trainable(p, "conv2"):
    act2 = self.silu_last(n2)
  gh = self.silu_grad_first(self.conv_grad(p, "conv2", act2, g, 1, 1), n2)
  gh = self.norm_first_grad(p, "norm2", h, mean2, rstd2, gh, groups)
  gtime = gh
  if len(a) > 1:
    if need[1] or self.trainable(p, "time"):
      gtime = self.linear_grad(p, "time", a[1], torch.sum(gh, [2, 3]))
  n1, mean1, rstd1 = self.norm_first(p, "norm1", x, groups, c["eps"])
  act1 = n1
  if self.trainable(p, "conv1"):
    act1 = self.silu_last(n1)
  gx = self.silu_grad_first(self.conv_grad(p, "conv1", act1, gh, 1, 1), n1)
  gx = self.norm_first_grad(p, "norm1", x, mean1, rstd1, gx, groups)
  gx = self.add_shortcut_grad(p, gx, x, g)
  if len(a) > 1:
    return [gx, gtime]
  return [gx]

# Whether what an update adds to layer n is up(down(x)) and no more, with the hidden state kept for going back.
def keeps_hidden(self, p: Dict[str, Tensor], n: str) -> bool:
  return (n + ".down") in p and not ((n + ".ratio") in p)

# [layer n of x, the hidden state of its update]; x stands for a hidden state that is not kept.
def linear_kept(self, p: Dict[str, Tensor], n: str, x: Tensor) -> Tuple[Tensor, Tensor]:
  h = x
  if self.keeps_hidden(p, n):
    h = self.hidden(p, n, x)
  return (self.linear_again(p, n, x, h), h)

# Layer n of x, whose hidden state is known.
def linear_again(self, p: Dict[str, Tensor], n: str, x: Tensor, h: Tensor) -> Tensor:
  y = self.linear_base(p, n, x, self.bias_of(p, n))
  if self.keeps_hidden(p, n):
    _0 = self.add_product(y, self.scaled(p, n, h), torch.t(torch.type_as(p[n + ".up"], x)))
  else:
    y = self.adapted(p, n, x, y)
  return y

# Adds the gradients of a layer's update; gives the gradient of its hidden state.
def update_grads(self, p: Dict[str, Tensor], n: str, x: Tensor, h: Tensor, g: Tensor) -> Tensor:
  gh = self.scaled(p, n, torch.matmul(g, torch.type_as(p[n + ".up"], x)))
  gh = self.masked(p, n, gh, torch.dim(gh) - 1)
  if (n + ".down.grad") in p:
    _0 = self.add_outer(p[n + ".down.grad"], gh, x)
    _1 = self.add_outer(p[n + ".up.grad"], g, self.scaled(p, n, h))
  return gh

# target += the sum over rows of a b, [columns of a, columns of b].
def add_outer(self, target: Tensor, a: Tensor, b: Tensor) -> int:
  if ops.prim.dtype(target) == ops.prim.dtype(a):
    _0 = torch.addmm_(target, torch.t(self.flat(a)), self.flat(b))
  else:
    _1 = torch.add_(target, torch.matmul(torch.t(self.flat(a)), self.flat(b)))
  return 0

def linear_kept_grad(self, p: Dict[str, Tensor], n: str, x: Tensor, h: Tensor, g: Tensor) -> Tensor:
  if not self.keeps_hidden(p, n) or (n + ".weight.grad") in p or (n + ".bias.grad") in p:
    return self.linear_grad(p, n, x, g)
  gx = self.linear_input_grad(p, n, g)
  gh = self.update_grads(p, n, x, h, g)
  _0 = self.add_product(gx, gh, torch.type_as(p[n + ".down"], x))
  return gx

# Whether layers of one input run as one: their weights lie one below the other, and so do their updates, if any.
def is_joint(self, p: Dict[str, Tensor], whole: str, names: List[str]) -> bool:
  joint = (whole + ".weight") in p
  if joint:
    at = 0
    for i in range(torch.len(names)):
      w = p[names[i] + ".weight"]
      joint = joint and torch.is_set_to(w, torch.narrow(p[whole + ".weight"], 0, at, torch.size(w, 0)))
      joint = joint and ((names[i] + ".down") in p) == ((whole + ".down") in p)
      joint = joint and not ((names[i] + ".bias.grad") in p)
      joint = joint and not ((names[i] + ".rank_mask") in p) and not ((names[i] + ".dropout") in p)
      at = at + torch.size(w, 0)
  return joint

# Several layers of one input: [their results, the hidden states of their updates], views of one tensor each.
def linear_joint(self, p: Dict[str, Tensor], whole: str, names: List[str], x: Tensor) -> List[Tensor]:
  results = annotate(List[Tensor], [])
  states = annotate(List[Tensor], [])
  if self.is_joint(p, whole, names):
    y = torch.linear(x, p[whole + ".weight"], self.bias_of(p, whole))
    h = x
    adapted = (whole + ".down") in p
    if adapted:
      h = torch.linear(x, p[whole + ".down"])
    at = 0
    room = 0
    for i in range(torch.len(names)):
      part = torch.narrow(y, -1, at, torch.size(p[names[i] + ".weight"], 0))
      at = at + torch.size(part, -1)
      state = h
      if adapted:
        up = p[names[i] + ".up"]
        state = torch.narrow(h, -1, room, torch.size(up, 1))
        room = room + torch.size(up, 1)
        _0 = torch.addmm_(self.rows(part), self.rows(state), torch.t(up))
      _1 = torch.append(results, part)
      _2 = torch.append(states, state)
  else:
    for i in range(torch.len(names)):
      own, kept = self.linear_kept(p, names[i], x)
      _3 = torch.append(results, own)
      _4 = torch.append(states, kept)
  return torch.add(results, states)

# [..., columns] -> [rows, columns] of a tensor whose rows may lie apart, a view.
def rows(self, x: Tensor) -> Tensor:
  if torch.dim(x) == 2:
    return x
  b, n, c = torch.size(x)
  return torch.as_strided(x, [b * n, c], [torch.stride(x, 1), 1], None)

# The gradient to x of layers of one input; g their results' gradients, h the hidden states. Where x needs none, x.
def linear_joint_grad(self, p: Dict[str, Tensor], whole: str, names: List[str], x: Tensor, h: List[Tensor], g: List[Tensor], need: bool) -> Tensor:
  if not self.is_joint(p, whole, names):
    gx = self.linear_kept_grad(p, names[0], x, h[0], g[0])
    for i in range(torch.len(names) - 1):
      gx = torch.add_(gx, self.linear_kept_grad(p, names[i + 1], x, h[i + 1], g[i + 1]))
    return gx
  gx = x
  if need:
    gx = torch.matmul(torch.cat(g, -1), p[whole + ".weight"])
  if (whole + ".down") in p:
    down = p[whole + ".down"]
    gh = torch.new_empty(x, [torch.floordiv(torch.numel(x), torch.size(x, -1)), torch.size(down, 0)])
    room = 0
    for i in range(torch.len(names)):
      up = p[names[i] + ".up"]
      part = torch.narrow(gh, 1, room, torch.size(up, 1))
      room = room + torch.size(up, 1)
      rows = self.flat(g[i])
      _0 = torch.mm(rows, up, out=part)
      if (whole + ".down.grad") in p:
        _1 = torch.addmm_(p[names[i] + ".up.grad"], torch.t(rows), self.rows(h[i]))
    if (whole + ".down.grad") in p:
      _2 = torch.addmm_(p[whole + ".down.grad"], torch.t(gh), self.flat(x))
    if need:
      _3 = torch.addmm_(self.flat(gx), gh, down)
  return gx

# 1 where the flash kernels serve, 2 where the memory-efficient ones do, else 0: they add up in no fixed order. Where
# PyTorch would take cuDNN's (3), flash serves as well. Heads are not filled up to eights, which flash asks for.
def fused_choice(self, q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool) -> int:
  choice = 0
  if q.is_cuda and not self.is_exact():
    choice = torch._fused_sdp_choice(self.by_head(q, heads), self.by_head(k, heads), self.by_head(v, heads), None, 0., causal)
    if choice == 3:
      choice = 1
    if choice > 2 or torch.remainder(torch.size(q, 2), 8 * heads) != 0:
      choice = 0
  return choice

# [result, logarithms of the sums] for going back; without a fused operator the result stands for both.
def attend_kept(self, q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool) -> Tuple[Tensor, Tensor]:
  choice = self.fused_choice(q, k, v, heads, causal)
  if choice == 0:
    plain = self.attend(q, k, v, heads, causal)
    return (plain, plain)
  q = self.by_head(q, heads)
  k = self.by_head(k, heads)
  v = self.by_head(v, heads)
  if choice == 1:
    o, sums, _0, _1, _2, _3, _4, _5, _6 = torch._scaled_dot_product_flash_attention(q, k, v, 0., causal, False)
  else:
    o, sums, _7, _8 = torch._scaled_dot_product_efficient_attention(q, k, v, None, True, 0., causal)
  return (self.heads_joined(o), sums)

def attend_kept_grad(self, q: Tensor, k: Tensor, v: Tensor, o: Tensor, sums: Tensor, g: Tensor, heads: int, causal: bool) -> List[Tensor]:
  choice = self.fused_choice(q, k, v, heads, causal)
  if choice == 0:
    return self.attend_grad(q, k, v, g, heads, causal)
  q = self.by_head(q, heads)
  k = self.by_head(k, heads)
  v = self.by_head(v, heads)
  o = self.by_head(o, heads)
  g = self.by_head(torch.contiguous(g), heads)
  # Without dropout nobody looks at its seed.
  seed = torch.empty([], dtype=4, layout=None, device=ops.prim.device(sums), pin_memory=None)
  if choice == 1:
    # An undefined tensor, as all sequences are of one length: a norm of which no gradient is asked gives one.
    one = torch.reshape(torch.slice(torch.flatten(sums), 0, 0, 1), [1, 1])
    none, _1, _2 = torch.native_layer_norm_backward(one, one, [1], one, one, None, None, [False, False, False])
    gq, gk, gv = torch._scaled_dot_product_flash_attention_backward(g, q, k, v, o, sums, none, none, torch.size(q, 2), torch.size(k, 2), 0., causal, seed, seed)
  else:
    gq, gk, gv, _0 = torch._efficient_attention_backward(torch.transpose(g, 1, 2), torch.transpose(q, 1, 2), torch.transpose(k, 1, 2), torch.transpose(v, 1, 2), None, torch.transpose(o, 1, 2), None, None, torch.size(q, 2), torch.size(k, 2), sums, 0., seed, seed, int(causal), False)
    gq = torch.transpose(gq, 1, 2)
    gk = torch.transpose(gk, 1, 2)
    gv = torch.transpose(gv, 1, 2)
  return [self.heads_joined(gq), self.heads_joined(gk), self.heads_joined(gv)]

# Kept: q, k, v, the hidden states of their updates, the heads' result and its sums, out's hidden state.
def attention_fused(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  n, _0, _1 = self.layer_norm(p, "norm", a[0], c["eps"])
  heads = int(c["heads"])
  causal = c["causal"] > 0.
  if len(a) == 1:
    q, k, v, hq, hk, hv = self.linear_joint(p, "qkv", ["q", "k", "v"], n)
  else:
    q, hq = self.linear_kept(p, "q", n)
    if len(a) == 2:
      k, v, hk, hv = self.linear_joint(p, "kv", ["k", "v"], a[1])
    else:
      k = a[1]
      v = a[2]
      hk = k
      hv = v
  if save:
    o, sums = self.attend_kept(q, k, v, heads, causal)
  else:
    o = self.attend(q, k, v, heads, causal)
    sums = o
  y, ho = self.linear_kept(p, "out", o)
  y = torch.add_(y, a[0])
  if save:
    return [y, q, k, v, hq, hk, hv, o, sums, ho]
  return [y]

def attention_fused_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  q, k, v, hq, hk, hv, o, sums, ho = s
  n, mean, rstd = self.layer_norm(p, "norm", a[0], c["eps"])
  go = self.linear_kept_grad(p, "out", o, ho, g)
  gq, gk, gv = self.attend_kept_grad(q, k, v, o, sums, go, int(c["heads"]), c["causal"] > 0.)
  if len(a) == 1:
    gn = self.linear_joint_grad(p, "qkv", ["q", "k", "v"], n, [hq, hk, hv], [gq, gk, gv], True)
    return [torch.add_(self.layer_norm_grad(p, "norm", a[0], mean, rstd, gn), g)]
  gn = self.linear_kept_grad(p, "q", n, hq, gq)
  gcontext = a[1]
  if need[1] or self.trainable(p, "k") or self.trainable(p, "v"):
    gcontext = self.linear_joint_grad(p, "kv", ["k", "v"], a[1], [hk, hv], [gk, gv], need[1])
  return [torch.add_(self.layer_norm_grad(p, "norm", a[0], mean, rstd, gn), g), gcontext]

# Whether the wide state of a feed-forward is made again going back. At the finest level it is a fifth of all that is kept,
# and a hundredth of a step's time.
def is_made_again(self, tokens: Tensor) -> bool:
  return torch.size(tokens, 1) >= 4096

def feed_forward_fused(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  n, _0, _1 = self.layer_norm(p, "norm", a[0], c["eps"])
  u, hu = self.linear_kept(p, "in", n)
  value, gate = torch.chunk(u, 2, -1)
  y, hy = self.linear_kept(p, "out", torch.mul_(torch.gelu(gate), value))
  y = torch.add_(y, a[0])
  if save:
    if self.is_made_again(a[0]):
      u = hu
    return [y, u, hu, hy]
  return [y]

def feed_forward_fused_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  n, mean, rstd = self.layer_norm(p, "norm", a[0], c["eps"])
  u = s[0]
  if self.is_made_again(a[0]):
    u = self.linear_again(p, "in", n, s[1])
  value, gate = torch.chunk(u, 2, -1)
  active = torch.gelu(gate)
  gm = self.linear_kept_grad(p, "out", torch.mul(value, active), s[2], g)
  gu = torch.empty_like(u)
  gvalue, ggate = torch.chunk(gu, 2, -1)
  _0 = torch.mul(gm, active, out=gvalue)
  _1 = torch.gelu_backward(torch.mul_(gm, value), gate, approximate="none", grad_input=ggate)
  gn = self.linear_kept_grad(p, "in", n, s[1], gu)
  return [torch.add_(self.layer_norm_grad(p, "norm", a[0], mean, rstd, gn), g)]

def mlp_fused(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  n, _0, _1 = self.layer_norm(p, "norm", a[0], c["eps"])
  u, hu = self.linear_kept(p, "fc1", n)
  y, hy = self.linear_kept(p, "fc2", self.activate(u, c["activation"]))
  y = torch.add_(y, a[0])
  if save:
    return [y, u, hu, hy]
  return [y]

def mlp_fused_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  n, mean, rstd = self.layer_norm(p, "norm", a[0], c["eps"])
  gu = self.linear_kept_grad(p, "fc2", self.activate(s[0], c["activation"]), s[2], g)
  gn = self.linear_kept_grad(p, "fc1", n, s[1], self.activate_grad(gu, s[0], c["activation"]))
  return [torch.add_(self.layer_norm_grad(p, "norm", a[0], mean, rstd, gn), g)]

def transformer_in_fused(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  n, _0, _1 = self.norm_first(p, "norm", a[0], int(c["groups"]), c["eps"])
  y, h = self.linear_kept(p, "proj_in", self.tokens(n))
  if save:
    return [y, h]
  return [y]

def transformer_in_fused_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  n, mean, rstd = self.norm_first(p, "norm", a[0], int(c["groups"]), c["eps"])
  gn = self.linear_kept_grad(p, "proj_in", self.tokens(n), s[0], g)
  return [self.norm_first_grad(p, "norm", a[0], mean, rstd, self.picture(gn, a[0]), int(c["groups"]))]

def transformer_out_fused(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  t, h = self.linear_kept(p, "proj_out", a[0])
  y = self.sum_first(a[1], self.picture(t, a[1]))
  if save:
    return [y, h]
  return [y]

def transformer_out_fused_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  return [self.linear_kept_grad(p, "proj_out", a[0], s[0], self.tokens(g)), g]

def downsample_fused(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  x = a[0]
  if c["padding"] < 1.:
    x = torch.constant_pad_nd(x, [0, 1, 0, 1], 0)
  return [self.conv_first(p, "conv", self.channels_last(x), 2, int(c["padding"]))]

def upsample_fused(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  return [self.conv_first(p, "conv", self.enlarge_last(a), 1, 1)]

# The small picture is laid channels last, not the large one.
def enlarge_last(self, a: List[Tensor]) -> Tensor:
  like = [self.channels_last(a[0])]
  if len(a) > 1:
    _0 = torch.append(like, a[1])
  return self.enlarge(like)

# [whole, parts...]: matrices one below the other, and each of them as a view of the whole. The given ones are not made such
# views: a view remembers what it was a view of, and would keep its memory.
def lay_below(self, matrices: List[Tensor]) -> List[Tensor]:
  whole = torch.cat(matrices, 0)
  views = [whole]
  at = 0
  for i in range(torch.len(matrices)):
    n = torch.size(matrices[i], 0)
    _0 = torch.append(views, torch.narrow(whole, 0, at, n))
    at = at + n
  return views
