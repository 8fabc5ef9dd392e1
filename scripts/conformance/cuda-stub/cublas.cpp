// cuBLAS without a GPU: each product is counted as one launch on its handle's stream.
#include "account.h"

extern "C" {
int cublasCreate_v2(Handle** h) {
    *h = new Handle;
    return 0;
}
int cublasDestroy_v2(Handle* h) {
    delete h;
    return 0;
}
int cublasSetStream_v2(Handle* h, void* stream) {
    h->stream = stream;
    return 0;
}
int cublasGetMathMode(Handle*, int* mode) { return *mode = 0; }
int cublasGetPointerMode_v2(Handle*, int* mode) { return *mode = 0; }
int cublasSetMathMode(Handle*, int) { return 0; }
int cublasSetPointerMode_v2(Handle*, int) { return 0; }
int cublasSetWorkspace_v2(Handle*, void*, unsigned long) { return 0; }
int cublasGetMatrixAsync() { return 0; }
int cublasGetVectorAsync() { return 0; }
int cublasSetMatrixAsync() { return 0; }
int cublasSetVectorAsync() { return 0; }

// All that libtorch_cuda, cuSOLVER and the linear algebra's library name.
#define KERNELS(K) \
    K(cublasCaxpy_v2) K(cublasCcopy_v2) K(cublasCdotc_v2) K(cublasCdotu_v2) K(cublasCgelsBatched) K(cublasCgemmBatched) K(cublasCgemmStridedBatched) \
    K(cublasCgemm_v2) K(cublasCgemv_v2) K(cublasCgeqrfBatched) K(cublasCgerc_v2) K(cublasCgeru_v2) K(cublasCgetrfBatched) K(cublasCgetrsBatched) \
    K(cublasChemm_v2) K(cublasChemv_v2) K(cublasCher2_v2) K(cublasCher2k_v2) K(cublasCher_v2) K(cublasCherk_v2) K(cublasCrot_v2) K(cublasCrotg_v2) \
    K(cublasCscal_v2) K(cublasCsrot_v2) K(cublasCsscal_v2) K(cublasCswap_v2) K(cublasCsymm_v2) K(cublasCsymv_v2) K(cublasCsyr2_v2) K(cublasCsyr2k_v2) \
    K(cublasCsyr_v2) K(cublasCsyrk_v2) K(cublasCtrmm_v2) K(cublasCtrmv_v2) K(cublasCtrsmBatched) K(cublasCtrsm_v2) K(cublasCtrsv_v2) K(cublasDasum_v2) \
    K(cublasDaxpy_v2) K(cublasDcopy_v2) K(cublasDdot_v2) K(cublasDgelsBatched) K(cublasDgemmBatched) K(cublasDgemmStridedBatched) K(cublasDgemm_v2) \
    K(cublasDgemv_v2) K(cublasDgeqrfBatched) K(cublasDger_v2) K(cublasDgetrfBatched) K(cublasDgetrsBatched) K(cublasDnrm2_v2) K(cublasDotEx) \
    K(cublasDrot_v2) K(cublasDrotg_v2) K(cublasDrotm_v2) K(cublasDrotmg_v2) K(cublasDscal_v2) K(cublasDswap_v2) K(cublasDsymm_v2) K(cublasDsymv_v2) \
    K(cublasDsyr2_v2) K(cublasDsyr2k_v2) K(cublasDsyr_v2) K(cublasDsyrk_v2) K(cublasDtrmm_v2) K(cublasDtrmv_v2) K(cublasDtrsmBatched) \
    K(cublasDtrsm_v2) K(cublasDtrsv_v2) K(cublasDzasum_v2) K(cublasDznrm2_v2) K(cublasGemmEx) K(cublasGemmStridedBatchedEx) K(cublasIcamax_v2) \
    K(cublasIcamin_v2) K(cublasIdamax_v2) K(cublasIdamin_v2) K(cublasIsamax_v2) K(cublasIsamin_v2) K(cublasIzamax_v2) K(cublasIzamin_v2) \
    K(cublasSasum_v2) K(cublasSaxpy_v2) K(cublasScasum_v2) K(cublasScnrm2_v2) K(cublasScopy_v2) K(cublasSdot_v2) K(cublasSgelsBatched) \
    K(cublasSgemmBatched) K(cublasSgemmEx) K(cublasSgemmStridedBatched) K(cublasSgemm_v2) K(cublasSgemv_v2) K(cublasSgeqrfBatched) K(cublasSger_v2) \
    K(cublasSgetrfBatched) K(cublasSgetrsBatched) K(cublasSnrm2_v2) K(cublasSrot_v2) K(cublasSrotg_v2) K(cublasSrotm_v2) K(cublasSrotmg_v2) \
    K(cublasSscal_v2) K(cublasSswap_v2) K(cublasSsymm_v2) K(cublasSsymv_v2) K(cublasSsyr2_v2) K(cublasSsyr2k_v2) K(cublasSsyr_v2) K(cublasSsyrk_v2) \
    K(cublasStrmm_v2) K(cublasStrmv_v2) K(cublasStrsmBatched) K(cublasStrsm_v2) K(cublasStrsv_v2) K(cublasZaxpy_v2) K(cublasZcopy_v2) \
    K(cublasZdotc_v2) K(cublasZdotu_v2) K(cublasZdrot_v2) K(cublasZdscal_v2) K(cublasZgelsBatched) K(cublasZgemmBatched) K(cublasZgemmStridedBatched) \
    K(cublasZgemm_v2) K(cublasZgemv_v2) K(cublasZgeqrfBatched) K(cublasZgerc_v2) K(cublasZgeru_v2) K(cublasZgetrfBatched) K(cublasZgetrsBatched) \
    K(cublasZhemm_v2) K(cublasZhemv_v2) K(cublasZher2_v2) K(cublasZher2k_v2) K(cublasZher_v2) K(cublasZherk_v2) K(cublasZrot_v2) K(cublasZrotg_v2) \
    K(cublasZscal_v2) K(cublasZswap_v2) K(cublasZsymm_v2) K(cublasZsymv_v2) K(cublasZsyr2_v2) K(cublasZsyr2k_v2) K(cublasZsyr_v2) K(cublasZsyrk_v2) \
    K(cublasZtrmm_v2) K(cublasZtrmv_v2) K(cublasZtrsmBatched) K(cublasZtrsm_v2) K(cublasZtrsv_v2)

#define COUNTED(name) \
    int name(Handle* h, ...) { \
        launch(#name, h->stream); \
        return 0; \
    }
KERNELS(COUNTED)
}
