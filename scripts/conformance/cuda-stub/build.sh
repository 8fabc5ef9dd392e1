#!/usr/bin/env bash
# Builds the stub of CUDA's libraries: build.sh FOLDER PYTHON; does nothing where FOLDER holds what these sources make.
# PYTHON's environment has torch 2.7.1 for CUDA, whose wheels bring the runtime's and cuDNN's headers; the compiler's internal
# headers come from a wheel of their own, unpacked into FOLDER. Prints what LD_PRELOAD must be.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
python=$2
site=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
torch=$site/torch

stamp=$(cat "$here"/* | sha256sum | cut -c1-64)
if [ "$(cat "$out/built" 2> /dev/null)" != "$stamp" ]; then
  if [ ! -d "$out/nvidia/cuda_nvcc/include/crt" ]; then
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps -d "$out" nvidia-cuda-nvcc-cu12==12.6.85 >&2
    "$python" -m zipfile -e "$out"/nvidia_cuda_nvcc*.whl "$out"
  fi
  library() { # NAME SOURCE [OPTION ...]
    local name=$1 source=$2
    shift 2
    # glibc's loader asks for a version of each library; any will do.
    echo "$name { global: *; };" > "$out/$name.map"
    g++ -O1 -fPIC -shared -std=c++17 -Wall -I"$site/nvidia/cuda_runtime/include" -I"$out/nvidia/cuda_nvcc/include" "$here/$source" -o "$out/$name" \
      -Wl,-soname,"$name" -Wl,--version-script="$out/$name.map" -ldl "$@"
  }
  library libcudart.so.12 cudart.cpp
  library libcublas.so.12 cublas.cpp
  library libcublasLt.so.12 cublasLt.cpp
  library libcudnn.so.9 cudnn.cpp
  library libcusolver.so.11 cusolver.cpp
  g++ -O1 -fPIC -shared -std=c++17 "$here/marks.cpp" -o "$out/libatelier_marks.so" -ldl
  gcc -O1 -fPIC -shared "$here/driver.c" -o "$out/libcuda.so.1" -Wl,-soname,libcuda.so.1
  for name in operators recorder; do
    g++ -O1 -fPIC -shared -std=c++17 -D_GLIBCXX_USE_CXX11_ABI=1 -I"$torch/include" -I"$torch/include/torch/csrc/api/include" "$here/$name.cpp" \
      -o "$out/libatelier_$name.so" -L"$torch/lib" -ltorch_cpu -lc10 -ldl
  done
  echo "$stamp" > "$out/built"
fi
echo "$out/libcudart.so.12:$out/libcublasLt.so.12:$out/libcublas.so.12:$out/libcudnn.so.9:$out/libcusolver.so.11:$out/libatelier_marks.so"
