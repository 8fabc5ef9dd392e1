# Weights in the layout that oneDNN's kernels read, so that no call lays them out again. The layout fits every picture
# and batch size; the sizes given below only choose the kernel that it is made for.
def packs_bf16(self) -> Tensor:
  return torch.tensor(ops.mkldnn._is_mkldnn_bf16_supported())

def packed_linear(self, x: Tensor, w: Tensor, bias: Optional[Tensor]) -> Tensor:
  return ops.mkldnn._linear_pointwise(x, w, bias, "none", annotate(List[Optional[number]], []), "")

def packed_conv(self, x: Tensor, w: Tensor, bias: Optional[Tensor], stride: int, padding: int) -> Tensor:
  return ops.mkldnn._convolution_pointwise(x, w, bias, [padding, padding], [stride, stride], [1, 1], 1, "none", annotate(List[Optional[number]], []), "")

def pack_matrix(self, w: Tensor, wanted: int, outputs: int, inputs: int) -> Tensor:
  return ops.mkldnn._reorder_linear_weight(torch.reshape(torch.to(w, wanted), [outputs, inputs]), None)

def pack_matrix_back(self, w: Tensor, wanted: int, outputs: int, inputs: int) -> Tensor:
  return ops.mkldnn._reorder_linear_weight(torch.contiguous(torch.t(torch.reshape(torch.to(w, wanted), [outputs, inputs]))), None)

def pack_kernel(self, w: Tensor, wanted: int, stride: int, padding: int) -> Tensor:
  w = torch.to(w, wanted)
  return torch.mkldnn_reorder_conv2d_weight(torch.to_mkldnn(w), [padding, padding], [stride, stride], [1, 1], 1, [1, torch.size(w, 1), 16, 16])

def pack_kernel_back(self, w: Tensor, wanted: int, padding: int) -> Tensor:
  w = torch.transpose(torch.flip(torch.to(w, wanted), [2, 3]), 0, 1)
  return self.pack_kernel(torch.contiguous(w), wanted, 1, padding)
