# EfficientNet-Lite: convolutions with folded batch norms, ReLU6, no squeeze and excitation.
# Padding is TensorFlow's SAME: for a stride of 2 it is uneven, so it is added apart.

def lite_stem(self, p: Dict[str, Tensor], c: Dict[str, float], x: Tensor, pad: List[int]) -> Tensor:
  x = torch.div(torch.sub(torch.div(x, 255.), p["mean"]), p["deviation"])
  x = torch.contiguous(torch.constant_pad_nd(x, pad, 0), memory_format=2)
  return torch.hardtanh(torch.conv2d(x, p["weight"], p["bias"], [2, 2], [0, 0], [1, 1], 1), 0., 6.)

def lite_block(self, p: Dict[str, Tensor], c: Dict[str, float], x: Tensor, pad: List[int]) -> Tensor:
  y = x
  if "expand.weight" in p:
    y = torch.hardtanh(torch.conv2d(y, p["expand.weight"], p["expand.bias"], [1, 1], [0, 0], [1, 1], 1), 0., 6.)
  stride = int(c["stride"])
  padding = int(c["padding"])
  groups = torch.size(y, 1)
  if stride > 1:
    y = torch.constant_pad_nd(y, pad, 0)
  y = torch.conv2d(y, p["depthwise.weight"], p["depthwise.bias"], [stride, stride], [padding, padding], [1, 1], groups)
  y = torch.hardtanh(y, 0., 6.)
  y = torch.conv2d(y, p["project.weight"], p["project.bias"], [1, 1], [0, 0], [1, 1], 1)
  if c["skip"] > 0.5:
    y = torch.add(y, x)
  return y

def lite_head(self, p: Dict[str, Tensor], c: Dict[str, float], x: Tensor) -> Tensor:
  y = torch.hardtanh(torch.conv2d(x, p["weight"], p["bias"], [1, 1], [0, 0], [1, 1], 1), 0., 6.)
  return torch.mean(y, [2, 3])

# Mean and variance of each channel over the picture, [B, C]; channels' products f f^T / (C H W), [B, C, C].
def style_statistics(self, x: Tensor) -> List[Tensor]:
  f = torch.flatten(torch.contiguous(x, memory_format=0), 2, -1)
  mean = torch.mean(f, [2])
  centred = torch.sub(f, torch.unsqueeze(mean, 2))
  variance = torch.mean(torch.mul(centred, centred), [2])
  n = torch.size(f, 1) * torch.size(f, 2)
  gram = torch.div(torch.matmul(f, torch.transpose(f, 1, 2)), n)
  return [mean, variance, gram]
