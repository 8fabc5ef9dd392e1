// cuSOLVER without a GPU: singular values and QR, each decomposition counted as one launch. The real library cannot be used: it speaks to the
// driver directly.
#include <cstdarg>
#include <cstddef>
#include <cstdlib>

#include "account.h"

namespace {
constexpr int NOT_SUPPORTED = 9;

int told(va_list arguments, int place) {
    for (int i = 0; i < place; i++) va_arg(arguments, void*);
    *va_arg(arguments, int*) = 1;
    va_end(arguments);
    return 0;
}
}  // namespace

extern "C" {
int cusolverDnCreate(Handle** h) {
    *h = new Handle;
    return 0;
}
int cusolverDnDestroy(Handle* h) {
    delete h;
    return 0;
}
int cusolverDnSetStream(Handle* h, void* stream) {
    h->stream = stream;
    return 0;
}

// Where each function's room for work is told: the pointer's place behind the handle. Little is asked for.
#define SIZES(K) \
    K(cusolverDnCgeqrf_bufferSize, 4) K(cusolverDnCgesvd_bufferSize, 2) K(cusolverDnCgesvdaStridedBatched_bufferSize, 15) \
    K(cusolverDnCgesvdjBatched_bufferSize, 10) K(cusolverDnCgesvdj_bufferSize, 11) K(cusolverDnCungqr_bufferSize, 6) \
    K(cusolverDnCunmqr_bufferSize, 10) K(cusolverDnDgeqrf_bufferSize, 4) K(cusolverDnDgesvd_bufferSize, 2) \
    K(cusolverDnDgesvdaStridedBatched_bufferSize, 15) K(cusolverDnDgesvdjBatched_bufferSize, 10) K(cusolverDnDgesvdj_bufferSize, 11) \
    K(cusolverDnDorgqr_bufferSize, 6) K(cusolverDnDormqr_bufferSize, 10) K(cusolverDnSgeqrf_bufferSize, 4) K(cusolverDnSgesvd_bufferSize, 2) \
    K(cusolverDnSgesvdaStridedBatched_bufferSize, 15) K(cusolverDnSgesvdjBatched_bufferSize, 10) K(cusolverDnSgesvdj_bufferSize, 11) \
    K(cusolverDnSorgqr_bufferSize, 6) K(cusolverDnSormqr_bufferSize, 10) K(cusolverDnZgeqrf_bufferSize, 4) K(cusolverDnZgesvd_bufferSize, 2) \
    K(cusolverDnZgesvdaStridedBatched_bufferSize, 15) K(cusolverDnZgesvdjBatched_bufferSize, 10) K(cusolverDnZgesvdj_bufferSize, 11) \
    K(cusolverDnZungqr_bufferSize, 6) K(cusolverDnZunmqr_bufferSize, 10)

#define SIZED(name, place) \
    int name(Handle* h, ...) { \
        va_list arguments; \
        va_start(arguments, h); \
        return told(arguments, place); \
    }
#define K(...) SIZED(__VA_ARGS__)
SIZES(K)
#undef K

int cusolverDnXgeqrf_bufferSize(Handle*, void*, long, long, int, const void*, long, int, const void*, int, size_t* on_device, size_t* on_host) {
    *on_device = *on_host = 1;
    return 0;
}
int cusolverDnXgeqrf(Handle* h, ...) {
    launch("cusolverDnXgeqrf", h->stream);
    return 0;
}

#define KERNELS(K) \
    K(cusolverDnCgeqrf) K(cusolverDnCgesvd) K(cusolverDnCgesvdaStridedBatched) K(cusolverDnCgesvdj) K(cusolverDnCgesvdjBatched) K(cusolverDnCungqr) \
    K(cusolverDnCunmqr) K(cusolverDnDgeqrf) K(cusolverDnDgesvd) K(cusolverDnDgesvdaStridedBatched) K(cusolverDnDgesvdj) K(cusolverDnDgesvdjBatched) \
    K(cusolverDnDorgqr) K(cusolverDnDormqr) K(cusolverDnSgeqrf) K(cusolverDnSgesvd) K(cusolverDnSgesvdaStridedBatched) K(cusolverDnSgesvdj) \
    K(cusolverDnSgesvdjBatched) K(cusolverDnSorgqr) K(cusolverDnSormqr) K(cusolverDnZgeqrf) K(cusolverDnZgesvd) K(cusolverDnZgesvdaStridedBatched) \
    K(cusolverDnZgesvdj) K(cusolverDnZgesvdjBatched) K(cusolverDnZungqr) K(cusolverDnZunmqr)
#define COUNTED(name) \
    int name(Handle* h, ...) { \
        launch(#name, h->stream); \
        return 0; \
    }
KERNELS(COUNTED)

#define SETTINGS(K) \
    K(cusolverDnCreateGesvdjInfo) K(cusolverDnCreateParams) K(cusolverDnCreateSyevjInfo) K(cusolverDnDestroyGesvdjInfo) K(cusolverDnDestroyParams) \
    K(cusolverDnDestroySyevjInfo) K(cusolverDnXgesvdjSetMaxSweeps) K(cusolverDnXgesvdjSetSortEig) K(cusolverDnXgesvdjSetTolerance) \
    K(cusolverDnXsyevjSetSortEig)
#define IGNORED(name) \
    int name() { return 0; }
SETTINGS(IGNORED)

// Named by PyTorch, used by nothing here; were it, it would say so.
#define OTHERS(K) \
    K(cusolverDnCgetrf) K(cusolverDnCgetrf_bufferSize) K(cusolverDnCgetrs) K(cusolverDnCheevd) K(cusolverDnCheevd_bufferSize) K(cusolverDnCheevj) \
    K(cusolverDnCheevjBatched) K(cusolverDnCheevjBatched_bufferSize) K(cusolverDnCheevj_bufferSize) K(cusolverDnCpotrf) K(cusolverDnCpotrfBatched) \
    K(cusolverDnCpotrf_bufferSize) K(cusolverDnCpotrs) K(cusolverDnCpotrsBatched) K(cusolverDnCsytrf) K(cusolverDnCsytrf_bufferSize) \
    K(cusolverDnDgetrf) K(cusolverDnDgetrf_bufferSize) K(cusolverDnDgetrs) K(cusolverDnDpotrf) K(cusolverDnDpotrfBatched) \
    K(cusolverDnDpotrf_bufferSize) K(cusolverDnDpotrs) K(cusolverDnDpotrsBatched) K(cusolverDnDsyevd) K(cusolverDnDsyevd_bufferSize) \
    K(cusolverDnDsyevj) K(cusolverDnDsyevjBatched) K(cusolverDnDsyevjBatched_bufferSize) K(cusolverDnDsyevj_bufferSize) K(cusolverDnDsytrf) \
    K(cusolverDnDsytrf_bufferSize) K(cusolverDnSgetrf) K(cusolverDnSgetrf_bufferSize) K(cusolverDnSgetrs) K(cusolverDnSpotrf) \
    K(cusolverDnSpotrfBatched) K(cusolverDnSpotrf_bufferSize) K(cusolverDnSpotrs) K(cusolverDnSpotrsBatched) K(cusolverDnSsyevd) \
    K(cusolverDnSsyevd_bufferSize) K(cusolverDnSsyevj) K(cusolverDnSsyevjBatched) K(cusolverDnSsyevjBatched_bufferSize) K(cusolverDnSsyevj_bufferSize) \
    K(cusolverDnSsytrf) K(cusolverDnSsytrf_bufferSize) K(cusolverDnXpotrf) K(cusolverDnXpotrf_bufferSize) K(cusolverDnXpotrs) K(cusolverDnXsyevd) \
    K(cusolverDnXsyevd_bufferSize) K(cusolverDnXsytrs) K(cusolverDnXsytrs_bufferSize) K(cusolverDnZgetrf) K(cusolverDnZgetrf_bufferSize) \
    K(cusolverDnZgetrs) K(cusolverDnZheevd) K(cusolverDnZheevd_bufferSize) K(cusolverDnZheevj) K(cusolverDnZheevjBatched) \
    K(cusolverDnZheevjBatched_bufferSize) K(cusolverDnZheevj_bufferSize) K(cusolverDnZpotrf) K(cusolverDnZpotrfBatched) K(cusolverDnZpotrf_bufferSize) \
    K(cusolverDnZpotrs) K(cusolverDnZpotrsBatched) K(cusolverDnZsytrf) K(cusolverDnZsytrf_bufferSize)
#define REFUSED(name) \
    int name() { return NOT_SUPPORTED; }
OTHERS(REFUSED)
}
