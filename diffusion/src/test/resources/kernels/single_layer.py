# A layer by itself, as a segment of the tape.
def single_linear(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  return [self.linear(p, "l", a[0])]

def single_linear_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  return [self.linear_grad(p, "l", a[0], g)]

def single_conv(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], save: bool) -> List[Tensor]:
  return [torch.contiguous(self.conv(p, "l", self.channels_last(a[0]), int(c["stride"]), int(c["padding"])), memory_format=0)]

def single_conv_grad(self, p: Dict[str, Tensor], c: Dict[str, float], a: List[Tensor], s: List[Tensor], g: Tensor, need: List[bool]) -> List[Tensor]:
  return [torch.contiguous(self.conv_grad(p, "l", self.channels_last(a[0]), g, int(c["stride"]), int(c["padding"])), memory_format=0)]
