# Operations of convolutional networks that are given as a list; each takes all values that it needs, and its numbers.

def graph_convolution(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  stride = int(c["stride"])
  padding = [int(c["padding_y"]), int(c["padding_x"])]
  y = torch.conv2d(x[0], p["weight"], p["bias"], [stride, stride], padding, [1, 1], int(c["groups"]))
  if c["relu"] > 0.5:
    y = torch.relu(y)
  return y

def graph_max_pool(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  kernel = int(c["kernel"])
  stride = int(c["stride"])
  padding = int(c["padding"])
  return torch.max_pool2d(x[0], [kernel, kernel], [stride, stride], [padding, padding], [1, 1], False)

def graph_average_pool(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  kernel = int(c["kernel"])
  stride = int(c["stride"])
  padding = int(c["padding"])
  counted = c["count_padding"] > 0.5
  return torch.avg_pool2d(x[0], [kernel, kernel], [stride, stride], [padding, padding], False, counted, None)

def graph_add(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  y = torch.add(x[0], x[1])
  if c["relu"] > 0.5:
    y = torch.relu(y)
  return y

def graph_concatenate(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  return torch.cat(x, 1)

def graph_global_average(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  return torch.mean(x[0], [2, 3])

# The p-th root of the mean p-th power: between a mean and a maximum.
def graph_gem(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  power = c["p"]
  mean = torch.mean(torch.pow(torch.clamp_min(x[0], 1e-06), power), [2, 3])
  return torch.pow(mean, torch.div(1., power))

def graph_linear(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  return torch.linear(x[0], p["weight"], p["bias"])

def graph_normalise(self, p: Dict[str, Tensor], c: Dict[str, float], x: List[Tensor]) -> Tensor:
  length = torch.sqrt(torch.sum(torch.mul(x[0], x[0]), [1], True))
  return torch.div(x[0], torch.clamp_min(length, 1e-12))

# A convolution's weights as the engine reads them fastest.
def graph_stored(self, x: Tensor) -> Tensor:
  if torch.dim(x) == 4:
    x = torch.contiguous(x, memory_format=2)
  return x
