# MobileNetV2 as Keras builds it. p holds kernels by layer name and, under name.gamma and so on, norms.

def nsfw_norm(self, p: Dict[str, Tensor], n: str, x: Tensor) -> Tensor:
  return torch.batch_norm(x, p[n + ".gamma"], p[n + ".beta"], p[n + ".mean"], p[n + ".variance"], False, 0., 0.001, False)

def nsfw_active(self, p: Dict[str, Tensor], n: str, x: Tensor) -> Tensor:
  return torch.clamp(self.nsfw_norm(p, n, x), 0., 6.)

# Where the picture is halved, padding lies on the right and below only.
def nsfw_halved(self, w: Tensor, x: Tensor, groups: int) -> Tensor:
  padded = torch.constant_pad_nd(x, [0, 1, 0, 1], 0)
  return torch.conv2d(padded, w, None, [2, 2], [0, 0], [1, 1], groups)

def nsfw_unit(self, p: Dict[str, Tensor], n: str, x: Tensor, halve: bool) -> Tensor:
  h = x
  if (n + "_expand") in p:
    h = self.nsfw_active(p, n + "_expand_BN", torch.conv2d(h, p[n + "_expand"]))
  channels = torch.size(h, 1)
  if halve:
    h = self.nsfw_halved(p[n + "_depthwise"], h, channels)
  else:
    h = torch.conv2d(h, p[n + "_depthwise"], None, [1, 1], [1, 1], [1, 1], channels)
  h = self.nsfw_active(p, n + "_depthwise_BN", h)
  h = self.nsfw_norm(p, n + "_project_BN", torch.conv2d(h, p[n + "_project"]))
  if (not halve) and torch.size(x, 1) == torch.size(h, 1):
    h = torch.add(h, x)
  return h

# x [1, 3, 224, 224] in [0, 1] -> probabilities [1, 5]
def nsfw_classify(self, p: Dict[str, Tensor], c: Dict[str, float], x: Tensor) -> Tensor:
  h = self.nsfw_active(p, "bn_Conv1", self.nsfw_halved(p["Conv1"], x, 1))
  h = self.nsfw_unit(p, "expanded_conv", h, False)
  for i in range(16):
    n = i + 1
    h = self.nsfw_unit(p, "block_" + str(n), h, n == 1 or n == 3 or n == 6 or n == 13)
  h = torch.mean(self.nsfw_active(p, "Conv_1_bn", torch.conv2d(h, p["Conv_1"])), [2, 3])
  h = torch.relu(torch.linear(h, p["dense_1"], p["dense_1.bias"]))
  h = torch.relu(torch.linear(h, p["dense_2"], p["dense_2.bias"]))
  return torch.softmax(torch.linear(h, p["dense_3"], p["dense_3.bias"]), -1)
