// cuDNN without a GPU. Convolutions come through the graph interface: whatever is asked of the heuristics has one answer, and
// an executed plan counts as one launch under its operation's name.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "account.h"

namespace {

// From cudnn_graph.h, whose own declarations would clash with these.
enum Type { CONVOLUTION_FORWARD = 10, CONVOLUTION_FILTER = 11, CONVOLUTION_DATA = 12 };
enum Attribute { HEURISTIC_RESULTS = 202, CONFIGURATION_ENGINE = 300, PLAN_CONFIGURATION = 401 };
enum Kind { INT64 = 3, BACKEND_DESCRIPTOR = 15, INT32 = 23 };

struct Descriptor {
    int type;
    // What the plan that it becomes part of is counted as.
    const char* operation;
};

const char* operation_of(int type) {
    switch (type) {
        case CONVOLUTION_FORWARD: return "convolution";
        case CONVOLUTION_FILTER: return "convolution, by its weights";
        case CONVOLUTION_DATA: return "convolution, by its input";
        default: return nullptr;
    }
}

}  // namespace

extern "C" {
int cudnnCreate(Handle** h) {
    *h = new Handle;
    return 0;
}
int cudnnSetStream(Handle* h, void* stream) {
    h->stream = stream;
    return 0;
}
int cudnnGetStream(Handle* h, void** stream) {
    *stream = h->stream;
    return 0;
}
size_t cudnnGetVersion() { return 90501; }
size_t cudnnGetCudartVersion() { return 12060; }
const char* cudnnGetErrorString(int) { return "an error of the stub"; }
void cudnnGetLastErrorString(char* text, size_t room) {
    if (room) *text = 0;
}

int cudnnBackendCreateDescriptor(int type, void** d) {
    *d = new Descriptor{type, operation_of(type)};
    return 0;
}
int cudnnBackendDestroyDescriptor(void* d) {
    delete static_cast<Descriptor*>(d);
    return 0;
}
int cudnnBackendFinalize(void*) { return 0; }
int cudnnBackendSetAttribute(void* d, int, int kind, int64_t n, const void* values) {
    // An operation's name goes on to graph, engine, configuration and plan.
    for (int64_t i = 0; kind == BACKEND_DESCRIPTOR && i < n; i++) {
        auto part = static_cast<Descriptor* const*>(values)[i];
        if (part && part->operation) static_cast<Descriptor*>(d)->operation = part->operation;
    }
    return 0;
}
int cudnnBackendGetAttribute(void* d, int attribute, int kind, int64_t wanted, int64_t* n, void* values) {
    // The heuristics find one configuration, with one engine; there are no knobs and no notes, and numbers are 0.
    if (attribute == HEURISTIC_RESULTS || attribute == CONFIGURATION_ENGINE || attribute == PLAN_CONFIGURATION) {
        if (n) *n = 1;
        if (values && wanted > 0) {
            auto part = *static_cast<Descriptor**>(values);
            if (part) part->operation = static_cast<Descriptor*>(d)->operation;
        }
        return 0;
    }
    const bool counts = kind == INT64 || kind == INT32;
    if (n) *n = counts && wanted > 0;
    if (counts && values && wanted > 0) memset(values, 0, kind == INT64 ? 8 : 4);
    return 0;
}
int cudnnBackendExecute(Handle* h, Descriptor* plan, void*) {
    launch(plan->operation ? plan->operation : "cudnnBackendExecute", h->stream);
    return 0;
}

#define KERNELS(K) \
    K(cudnnBatchNormalizationBackwardEx) K(cudnnBatchNormalizationForwardInference) K(cudnnBatchNormalizationForwardTrainingEx) \
    K(cudnnConvolutionBackwardData) K(cudnnConvolutionBackwardFilter) K(cudnnConvolutionBiasActivationForward) K(cudnnConvolutionForward) \
    K(cudnnPoolingForward) K(cudnnRNNBackwardData_v8) K(cudnnRNNBackwardWeights_v8) K(cudnnRNNForward)

#define DESCRIPTORS(K) \
    K(cudnnCreateActivationDescriptor) K(cudnnCreateCTCLossDescriptor) K(cudnnCreateConvolutionDescriptor) K(cudnnCreateDropoutDescriptor) \
    K(cudnnCreateFilterDescriptor) K(cudnnCreatePoolingDescriptor) K(cudnnCreateRNNDataDescriptor) K(cudnnCreateRNNDescriptor) \
    K(cudnnCreateSpatialTransformerDescriptor) K(cudnnCreateTensorDescriptor)

#define IGNORED(K) \
    K(cudnnCTCLoss) K(cudnnCTCLoss_v8) K(cudnnDestroyActivationDescriptor) K(cudnnDestroyCTCLossDescriptor) K(cudnnDestroyConvolutionDescriptor) \
    K(cudnnDestroyDropoutDescriptor) K(cudnnDestroyFilterDescriptor) K(cudnnDestroyRNNDataDescriptor) K(cudnnDestroyRNNDescriptor) \
    K(cudnnDestroySpatialTransformerDescriptor) K(cudnnDestroyTensorDescriptor) K(cudnnDropoutGetStatesSize) \
    K(cudnnFindConvolutionBackwardDataAlgorithmEx) K(cudnnFindConvolutionBackwardFilterAlgorithmEx) K(cudnnFindConvolutionForwardAlgorithmEx) \
    K(cudnnGetBatchNormalizationBackwardExWorkspaceSize) K(cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize) \
    K(cudnnGetBatchNormalizationTrainingExReserveSpaceSize) K(cudnnGetCTCLossWorkspaceSize) K(cudnnGetCTCLossWorkspaceSize_v8) \
    K(cudnnGetConvolutionBackwardDataAlgorithm_v7) K(cudnnGetConvolutionBackwardDataWorkspaceSize) K(cudnnGetConvolutionBackwardFilterAlgorithm_v7) \
    K(cudnnGetConvolutionBackwardFilterWorkspaceSize) K(cudnnGetConvolutionForwardAlgorithm_v7) K(cudnnGetConvolutionForwardWorkspaceSize) \
    K(cudnnGetFilterNdDescriptor) K(cudnnGetRNNTempSpaceSizes) K(cudnnGetRNNWeightParams) K(cudnnGetRNNWeightSpaceSize) K(cudnnGetTensorNdDescriptor) \
    K(cudnnRestoreDropoutDescriptor) K(cudnnSetActivationDescriptor) K(cudnnSetCTCLossDescriptorEx) K(cudnnSetCTCLossDescriptor_v9) \
    K(cudnnSetConvolutionGroupCount) K(cudnnSetConvolutionMathType) K(cudnnSetConvolutionNdDescriptor) K(cudnnSetDropoutDescriptor) \
    K(cudnnSetFilterNdDescriptor) K(cudnnSetPooling2dDescriptor) K(cudnnSetRNNDataDescriptor) K(cudnnSetRNNDescriptor_v8) \
    K(cudnnSetSpatialTransformerNdDescriptor) K(cudnnSetTensorNdDescriptor) K(cudnnSpatialTfGridGeneratorBackward) \
    K(cudnnSpatialTfGridGeneratorForward) K(cudnnSpatialTfSamplerBackward) K(cudnnSpatialTfSamplerForward) K(cudnnGetProperty)

#define COUNTED(name) \
    int name(Handle* h, ...) { \
        launch(#name, h->stream); \
        return 0; \
    }
KERNELS(COUNTED)
#define CREATED(name) \
    int name(void** d) { \
        *d = calloc(1, 4096); \
        return 0; \
    }
DESCRIPTORS(CREATED)
#define NOTHING(name) \
    int name() { return 0; }
IGNORED(NOTHING)
}
