# Weights in the layout that oneDNN's kernels read, so that no call lays them out again. The layout fits every picture
# and batch size; the sizes given below only choose the kernel that it is made for.
def packs_bf16(self) -> Tensor:
  return torch.tensor(ops.mkldnn._is_mkldnn_bf16_supported())

def packed_linear(self, x: Tensor, w: Tensor, bias: Optional[Tensor]) -> Tensor:
  return ops.mkldnn._linear_pointwise(x, w, bias, "none", annotate(List[Optional[number]], []), "")

def packed_conv(self, x: Tensor, w: Tensor, bias: Optional[Tensor], stride: int, padding: int) -> Tensor:
  return ops.mkldnn._convolution_pointwise(x, w, bias, [padding, padding], [stride, stride], [1, 1], 1, "none", annotate(List[Optional[number]], []), "")

# For the gradient a matrix is transposed, and a kernel turned round with its channels exchanged.
def pack_matrix(self, w: Tensor, wanted: int, outputs: int, inputs: int, back: bool) -> Tensor:
  m = torch.reshape(torch.to(w, wanted), [outputs, inputs])
  if back:
    m = torch.contiguous(torch.t(m))
  return ops.mkldnn._reorder_linear_weight(m, None)

def pack_kernel(self, w: Tensor, wanted: int, stride: int, padding: int, back: bool) -> Tensor:
  k = torch.to(w, wanted)
  if back:
    k = torch.contiguous(torch.transpose(torch.flip(k, [2, 3]), 0, 1))
  return torch.mkldnn_reorder_conv2d_weight(torch.to_mkldnn(k), [padding, padding], [stride, stride], [1, 1], 1, [1, torch.size(k, 1), 16, 16])
