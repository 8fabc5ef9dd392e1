// A CUDA runtime without a GPU. It keeps account of memory, launches, copies and synchronisations, runs no kernel, and
// gives zeros for whatever is copied to the host (FAKE_COPY). What a real runtime refuses on the host's side (memory beyond the
// card's, impossible launch sizes, copies from memory that is not the device's, waiting while a graph is captured) it
// refuses too.
//
//   FAKE_REPORT=FILE    lines of JSON are added to it: one a mark, one at the process's end
//   FAKE_MARK=SUFFIX    a write to a file whose path ends so is a mark (metrics.csv: a mark a step): marks.cpp
//   FAKE_OPERATORS=LIB  libatelier_operators.so: launches are told apart by kernel text and PyTorch operator too
//   FAKE_COPY=1         copies are made, so that what was only copied can be read back; else copies to the host give zeros
//   FAKE_DEVICES=1  FAKE_MEM_GB=24  FAKE_SM=89  FAKE_NOGPU=1    which cards there are
#include <cuda_runtime_api.h>
#include <cxxabi.h>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace {

constexpr int MOST_DEVICES = 8;
constexpr size_t PAGE = 2u << 20;
constexpr unsigned MOST_THREADS = 1024, MOST_ROWS = 65535;

// What is counted from one mark to the next.
struct Tally {
    std::map<std::tuple<std::string, std::string, std::string>, long> kernels;  // segment, operator, kernel
    std::map<std::string, std::pair<long, size_t>> copies;                      // direction: times, bytes
    std::map<std::string, long> waits;
    long mallocs = 0, graphs = 0;
    size_t peak = 0;
};

struct Block {
    size_t bytes;
    int device;
};

struct Graph {
    std::map<std::string, long> kernels;
};

struct State {
    std::recursive_mutex lock;
    std::unordered_map<const void*, std::string> names;  // of kernels, by the host's function
    Tally tally;
    std::map<uintptr_t, Block> memory;
    size_t used[MOST_DEVICES] = {}, used_all = 0, peak_all = 0;
    size_t peaks[MOST_DEVICES] = {};
    std::unordered_map<void*, size_t> pinned;
    size_t pinned_now = 0, pinned_peak = 0;
    std::unordered_map<void*, Graph*> capturing;  // streams
    std::unordered_map<void*, Graph*> forked;     // events that were recorded on such a stream
    bool touched = false;
};

// Never destroyed: libraries still free memory while the process ends.
State& state() {
    static State* s = new State;
    return *s;
}

using Lock = std::lock_guard<std::recursive_mutex>;

long number(const char* name, long otherwise) {
    const char* text = getenv(name);
    return text ? atol(text) : otherwise;
}

size_t card_memory() {
    static const size_t bytes = static_cast<size_t>((getenv("FAKE_MEM_GB") ? atof(getenv("FAKE_MEM_GB")) : 24.) * (1ull << 30));
    return bytes;
}

int devices() {
    static const int n = getenv("FAKE_NOGPU") ? 0 : static_cast<int>(number("FAKE_DEVICES", 1));
    return n < MOST_DEVICES ? n : MOST_DEVICES;
}

int architecture() {
    static const int sm = static_cast<int>(number("FAKE_SM", 89));
    return sm;
}

thread_local int device = 0;
thread_local cudaError_t last = cudaSuccess;
// Which kernel text and which operator of PyTorch are at work; libatelier_operators.so says so.
thread_local std::vector<std::pair<bool, std::string>>* at_work = nullptr;

cudaError_t result(cudaError_t e) {
    if (e != cudaSuccess) last = e;
    return e;
}

std::string readable(const std::string& name) {
    int status = 0;
    char* plain = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
    std::string text = status == 0 ? plain : name;
    free(plain);
    return text;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return out + '"';
}

size_t resident() {
    size_t pages = 0, held = 0;
    if (FILE* f = fopen("/proc/self/statm", "r")) {
        if (fscanf(f, "%zu %zu", &pages, &held) != 2) held = 0;
        fclose(f);
    }
    return held * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Writes what was counted since the last mark and begins anew.
void mark(const std::string& name) {
    State& s = state();
    Lock l(s.lock);
    const char* file = getenv("FAKE_REPORT");
    FILE* out = file ? fopen(file, "a") : nullptr;
    if (out) {
        Tally& t = s.tally;
        long launches = t.graphs;
        std::map<std::string, std::string> plain;
        for (auto& k : t.kernels) launches += k.second;
        std::string line = "{\"mark\": " + quoted(name) + ", \"pid\": " + std::to_string(getpid()) + ", \"launches\": " + std::to_string(launches);
        line += ", \"graph_launches\": " + std::to_string(t.graphs) + ", \"mallocs\": " + std::to_string(t.mallocs);
        line += ", \"device_bytes\": " + std::to_string(s.used_all) + ", \"device_peak\": " + std::to_string(t.peak > s.used_all ? t.peak : s.used_all);
        line += ", \"device_peak_ever\": " + std::to_string(s.peak_all) + ", \"peak_by_device\": [";
        for (int d = 0; d < devices(); d++) line += (d ? ", " : "") + std::to_string(s.peaks[d]);
        line += "], \"pinned_bytes\": " + std::to_string(s.pinned_now) + ", \"pinned_peak\": " + std::to_string(s.pinned_peak);
        line += ", \"resident_bytes\": " + std::to_string(resident()) + ", \"waits\": {";
        const char* comma = "";
        for (auto& w : t.waits) line += comma + quoted(w.first) + ": " + std::to_string(w.second), comma = ", ";
        line += "}, \"copies\": {";
        comma = "";
        for (auto& c : t.copies) line += comma + quoted(c.first) + ": [" + std::to_string(c.second.first) + ", " + std::to_string(c.second.second) + "]", comma = ", ";
        line += "}, \"kernels\": [";
        comma = "";
        for (auto& k : t.kernels) {
            auto& [segment, op, kernel] = k.first;
            auto known = plain.find(kernel);
            if (known == plain.end()) known = plain.emplace(kernel, readable(kernel)).first;
            line += comma + ("[" + quoted(segment)) + ", " + quoted(op) + ", " + quoted(known->second) + ", " + std::to_string(k.second) + "]";
            comma = ", ";
        }
        fprintf(out, "%s]}\n", line.c_str());
        fclose(out);
    }
    s.tally = Tally();
    s.tally.peak = s.used_all;
}

// The block that an address lies in, or null.
const Block* block_of(const void* p) {
    State& s = state();
    auto i = s.memory.upper_bound(reinterpret_cast<uintptr_t>(p));
    if (i == s.memory.begin()) return nullptr;
    --i;
    return reinterpret_cast<uintptr_t>(p) < i->first + i->second.bytes ? &i->second : nullptr;
}

void wait(const char* kind) {
    Lock l(state().lock);
    state().tally.waits[kind]++;
}

cudaError_t copy(void* to, const void* from, size_t n, cudaMemcpyKind kind, void* stream) {
    State& s = state();
    Lock l(s.lock);
    const Block* target = block_of(to);
    const Block* source = block_of(from);
    if (kind == cudaMemcpyDefault) {
        kind = target ? (source ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice) : (source ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost);
    }
    const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    if (n > 0 && (from_device != (source != nullptr) || to_device != (target != nullptr))) return result(cudaErrorInvalidValue);
    const char* name = "host to host";
    if (from_device && to_device) {
        name = source && target && source->device != target->device ? "device to device, another" : "device to device";
    } else if (from_device) {
        name = "device to host";
    } else if (to_device) {
        name = s.pinned.count(const_cast<void*>(from)) ? "pinned host to device" : "host to device";
    }
    if (s.capturing.count(stream)) {
        s.capturing[stream]->kernels["copy"]++;
        return cudaSuccess;
    }
    auto& entry = s.tally.copies[name];
    entry.first++;
    entry.second += n;
    static const bool copies = getenv("FAKE_COPY") != nullptr;
    if (copies) {
        memmove(to, from, n);
    } else if (from_device && !to_device) {
        memset(to, 0, n);
    }
    return cudaSuccess;
}

void* handle() {
    static uintptr_t next = 0x1000;
    Lock l(state().lock);
    return reinterpret_cast<void*>(next += 16);
}

__attribute__((destructor)) void end() {
    if (state().touched) mark("end");
}

struct Launch {
    dim3 grid, threads;
    size_t shared;
    void* stream;
};
thread_local std::vector<Launch>* configured = nullptr;

int no_driver() { return 0; }

}  // namespace

extern "C" {

// For the stub's other libraries, and for whoever measures: marks by name, labels of what is at work.
void fake_launch(const char* kernel, void* stream) {
    State& s = state();
    Lock l(s.lock);
    auto captured = s.capturing.find(stream);
    if (captured != s.capturing.end()) {
        captured->second->kernels[kernel]++;
        return;
    }
    std::string segment, op;
    if (at_work) {
        // The outermost of each: the segment that was called, and the operator that its text names.
        for (auto& label : *at_work) {
            std::string& which = label.first ? segment : op;
            if (which.empty()) which = label.second;
        }
    }
    s.tally.kernels[{segment, op, kernel}]++;
}
void fake_mark(const char* name) {
    if (state().touched) mark(name);
}
void fake_enter(int is_segment, const char* name) {
    if (!at_work) at_work = new std::vector<std::pair<bool, std::string>>;
    at_work->emplace_back(is_segment != 0, name);
}
void fake_leave() { if (at_work && !at_work->empty()) at_work->pop_back(); }

// Registration of kernels, which the compiler generates calls of.
void** __cudaRegisterFatBinary(void*) { return static_cast<void**>(malloc(64)); }
void __cudaRegisterFatBinaryEnd(void**) {}
void __cudaUnregisterFatBinary(void**) {}
char __cudaInitModule(void**) { return 1; }
void __cudaRegisterFunction(void**, const char* host, char*, const char* name, int, uint3*, uint3*, dim3*, dim3*, int*) {
    Lock l(state().lock);
    state().names[host] = name;
}
void __cudaRegisterVar(void**, char*, char*, const char*, int, size_t, int, int) {}
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 threads, size_t shared, void* stream) {
    if (!configured) configured = new std::vector<Launch>;
    configured->push_back({grid, threads, shared, stream});
    return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* threads, size_t* shared, void* stream) {
    Launch c = configured->back();
    configured->pop_back();
    *grid = c.grid;
    *threads = c.threads;
    *shared = c.shared;
    *static_cast<void**>(stream) = c.stream;
    return cudaSuccess;
}

// Launches.
cudaError_t cudaLaunchKernel(const void* kernel, dim3 grid, dim3 threads, void**, size_t, cudaStream_t stream) {
    const bool empty = grid.x == 0 || grid.y == 0 || grid.z == 0 || threads.x == 0 || threads.y == 0 || threads.z == 0;
    if (empty || grid.x > 2147483647u || grid.y > MOST_ROWS || grid.z > MOST_ROWS || threads.x * threads.y * threads.z > MOST_THREADS || threads.z > 64) {
        return result(cudaErrorInvalidConfiguration);
    }
    std::string name = "unnamed";
    {
        Lock l(state().lock);
        auto i = state().names.find(kernel);
        if (i != state().names.end()) name = i->second;
    }
    fake_launch(name.c_str(), stream);
    return cudaSuccess;
}
cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* c, const void* kernel, void** arguments) {
    return cudaLaunchKernel(kernel, c->gridDim, c->blockDim, arguments, c->dynamicSmemBytes, c->stream);
}
cudaError_t cudaLaunchHostFunc(cudaStream_t, cudaHostFn_t function, void* data) {
    function(data);
    return cudaSuccess;
}
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* a, const void*) {
    memset(a, 0, sizeof *a);
    a->maxThreadsPerBlock = MOST_THREADS;
    a->numRegs = 32;
    a->binaryVersion = a->ptxVersion = architecture();
    a->maxDynamicSharedSizeBytes = 49152;
    return cudaSuccess;
}
cudaError_t cudaFuncSetAttribute(const void*, enum cudaFuncAttribute, int) { return cudaSuccess; }
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* n, const void*, int, size_t, unsigned) {
    *n = 2;
    return cudaSuccess;
}

// Devices.
cudaError_t cudaGetDeviceCount(int* n) {
    *n = devices();
    return *n ? cudaSuccess : result(cudaErrorNoDevice);
}
cudaError_t cudaGetDevice(int* d) {
    *d = device;
    return cudaSuccess;
}
cudaError_t cudaSetDevice(int d) {
    if (d < 0 || d >= devices()) return result(cudaErrorInvalidDevice);
    device = d;
    return cudaSuccess;
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int a, int b) {
    *can = a != b;
    return cudaSuccess;
}
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) { return cudaSuccess; }
cudaError_t cudaDriverGetVersion(int* v) {
    *v = 12080;
    return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* v) {
    *v = 12060;
    return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties_v2(cudaDeviceProp* p, int) {
    const int sm = architecture();
    memset(p, 0, sizeof *p);
    strcpy(p->name, "Stub without a GPU");
    p->totalGlobalMem = card_memory();
    p->major = sm / 10;
    p->minor = sm % 10;
    p->multiProcessorCount = sm >= 90 ? 132 : 128;
    p->maxThreadsPerBlock = MOST_THREADS;
    p->maxThreadsPerMultiProcessor = sm == 89 || sm == 86 ? 1536 : 2048;
    p->maxBlocksPerMultiProcessor = 24;
    p->warpSize = 32;
    p->regsPerBlock = p->regsPerMultiprocessor = 65536;
    p->sharedMemPerBlock = 49152;
    p->sharedMemPerBlockOptin = 101376;
    p->sharedMemPerMultiprocessor = 102400;
    p->l2CacheSize = 72 << 20;
    p->maxGridSize[0] = 2147483647;
    p->maxGridSize[1] = p->maxGridSize[2] = MOST_ROWS;
    p->maxThreadsDim[0] = p->maxThreadsDim[1] = MOST_THREADS;
    p->maxThreadsDim[2] = 64;
    p->textureAlignment = 512;
    p->memPitch = 2147483647;
    p->totalConstMem = 65536;
    p->clockRate = 2500000;
    p->memoryClockRate = 10000000;
    p->memoryBusWidth = 384;
    p->concurrentKernels = p->unifiedAddressing = 1;
    p->asyncEngineCount = 2;
    return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* v, enum cudaDeviceAttr a, int d) {
    cudaDeviceProp p;
    cudaGetDeviceProperties_v2(&p, d);
    switch (a) {
        case cudaDevAttrComputeCapabilityMajor: *v = p.major; break;
        case cudaDevAttrComputeCapabilityMinor: *v = p.minor; break;
        case cudaDevAttrMaxThreadsPerBlock: *v = p.maxThreadsPerBlock; break;
        case cudaDevAttrMaxSharedMemoryPerBlock: *v = static_cast<int>(p.sharedMemPerBlock); break;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin: *v = static_cast<int>(p.sharedMemPerBlockOptin); break;
        case cudaDevAttrMaxSharedMemoryPerMultiprocessor: *v = static_cast<int>(p.sharedMemPerMultiprocessor); break;
        case cudaDevAttrWarpSize: *v = p.warpSize; break;
        case cudaDevAttrMultiProcessorCount: *v = p.multiProcessorCount; break;
        case cudaDevAttrMaxThreadsPerMultiProcessor: *v = p.maxThreadsPerMultiProcessor; break;
        case cudaDevAttrMaxBlocksPerMultiprocessor: *v = p.maxBlocksPerMultiProcessor; break;
        case cudaDevAttrMaxRegistersPerBlock:
        case cudaDevAttrMaxRegistersPerMultiprocessor: *v = p.regsPerBlock; break;
        case cudaDevAttrMaxGridDimX: *v = p.maxGridSize[0]; break;
        case cudaDevAttrMaxGridDimY:
        case cudaDevAttrMaxGridDimZ: *v = p.maxGridSize[1]; break;
        case cudaDevAttrL2CacheSize: *v = p.l2CacheSize; break;
        default: *v = 0;
    }
    return cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* s, int n, int d) {
    snprintf(s, n, "0000:%02x:00.0", d + 1);
    return cudaSuccess;
}
cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
    *least = 0;
    *greatest = -5;
    return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
    if (!state().capturing.empty()) return result(cudaErrorStreamCaptureUnsupported);
    wait("device");
    return cudaSuccess;
}

// Errors.
cudaError_t cudaGetLastError() {
    cudaError_t e = last;
    last = cudaSuccess;
    return e;
}
cudaError_t cudaPeekAtLastError() { return last; }
const char* cudaGetErrorString(cudaError_t e) {
    switch (e) {
        case cudaSuccess: return "no error";
        case cudaErrorMemoryAllocation: return "out of memory";
        case cudaErrorNoDevice: return "no CUDA-capable device is detected";
        case cudaErrorInvalidDevice: return "invalid device ordinal";
        case cudaErrorInvalidConfiguration: return "invalid configuration argument";
        case cudaErrorInvalidValue: return "invalid argument";
        case cudaErrorStreamCaptureUnsupported: return "operation not permitted when stream is capturing";
        default: return "an error of the stub";
    }
}
const char* cudaGetErrorName(cudaError_t e) { return cudaGetErrorString(e); }

// Memory. It is address space only: no kernel ever touches a page of it.
cudaError_t cudaMalloc(void** p, size_t n) {
    State& s = state();
    Lock l(s.lock);
    if (!s.touched && getenv("FAKE_OPERATORS") && !dlopen(getenv("FAKE_OPERATORS"), RTLD_NOW)) fprintf(stderr, "%s\n", dlerror());
    s.touched = true;
    const size_t bytes = (n + PAGE - 1) & ~(PAGE - 1);
    *p = nullptr;
    if (s.used[device] + bytes > card_memory()) return result(cudaErrorMemoryAllocation);
    void* a = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (a == MAP_FAILED) return result(cudaErrorMemoryAllocation);
    s.memory[reinterpret_cast<uintptr_t>(a)] = {bytes, device};
    s.used[device] += bytes;
    s.used_all += bytes;
    if (s.used[device] > s.peaks[device]) s.peaks[device] = s.used[device];
    if (s.used_all > s.peak_all) s.peak_all = s.used_all;
    if (s.used_all > s.tally.peak) s.tally.peak = s.used_all;
    s.tally.mallocs++;
    *p = a;
    return cudaSuccess;
}
cudaError_t cudaFree(void* p) {
    if (!p) return cudaSuccess;
    State& s = state();
    Lock l(s.lock);
    auto i = s.memory.find(reinterpret_cast<uintptr_t>(p));
    if (i == s.memory.end()) return result(cudaErrorInvalidValue);
    munmap(p, i->second.bytes);
    s.used[i->second.device] -= i->second.bytes;
    s.used_all -= i->second.bytes;
    s.memory.erase(i);
    return cudaSuccess;
}
cudaError_t cudaMallocAsync(void** p, size_t n, cudaStream_t) { return cudaMalloc(p, n); }
cudaError_t cudaFreeAsync(void* p, cudaStream_t) { return cudaFree(p); }
cudaError_t cudaMemGetInfo(size_t* free, size_t* all) {
    *all = card_memory();
    *free = *all - state().used[device];
    return cudaSuccess;
}
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* p, int) {
    *p = reinterpret_cast<cudaMemPool_t>(1);
    return cudaSuccess;
}
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t, enum cudaMemPoolAttr, void*) { return cudaSuccess; }
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, enum cudaMemPoolAttr, void*) { return cudaSuccess; }
cudaError_t cudaMemPoolSetAccess(cudaMemPool_t, const cudaMemAccessDesc*, size_t) { return cudaSuccess; }
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, size_t) { return cudaSuccess; }
cudaError_t cudaHostAlloc(void** p, size_t n, unsigned) {
    State& s = state();
    Lock l(s.lock);
    *p = malloc(n ? n : 1);
    s.pinned[*p] = n;
    s.pinned_now += n;
    if (s.pinned_now > s.pinned_peak) s.pinned_peak = s.pinned_now;
    return cudaSuccess;
}
cudaError_t cudaFreeHost(void* p) {
    State& s = state();
    Lock l(s.lock);
    auto i = s.pinned.find(p);
    if (i != s.pinned.end()) {
        s.pinned_now -= i->second;
        s.pinned.erase(i);
    }
    free(p);
    return cudaSuccess;
}
cudaError_t cudaHostGetDevicePointer(void** d, void* h, unsigned) {
    *d = h;
    return cudaSuccess;
}
cudaError_t cudaHostRegister(void*, size_t, unsigned) { return cudaSuccess; }
cudaError_t cudaHostUnregister(void*) { return cudaSuccess; }
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* a, const void* p) {
    Lock l(state().lock);
    const Block* block = block_of(p);
    const bool pinned = state().pinned.count(const_cast<void*>(p)) > 0;
    memset(a, 0, sizeof *a);
    a->type = block ? cudaMemoryTypeDevice : pinned ? cudaMemoryTypeHost : cudaMemoryTypeUnregistered;
    a->device = block ? block->device : -1;
    a->devicePointer = block ? const_cast<void*>(p) : nullptr;
    a->hostPointer = block ? nullptr : const_cast<void*>(p);
    return cudaSuccess;
}

// Copies.
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t n, cudaMemcpyKind kind, cudaStream_t stream) { return copy(to, from, n, kind, stream); }
cudaError_t cudaMemcpy(void* to, const void* from, size_t n, cudaMemcpyKind kind) {
    if (kind != cudaMemcpyDeviceToDevice) wait("copy");
    return copy(to, from, n, kind, nullptr);
}
cudaError_t cudaMemcpyPeerAsync(void* to, int, const void* from, int, size_t n, cudaStream_t stream) {
    return copy(to, from, n, cudaMemcpyDeviceToDevice, stream);
}
cudaError_t cudaMemcpy2DAsync(void* to, size_t, const void* from, size_t, size_t width, size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
    return copy(to, from, kind == cudaMemcpyDeviceToHost ? 0 : width * height, kind, stream);
}
cudaError_t cudaMemsetAsync(void*, int, size_t, cudaStream_t stream) {
    fake_launch("memset", stream);
    return cudaSuccess;
}
cudaError_t cudaMemset(void* p, int v, size_t n) { return cudaMemsetAsync(p, v, n, nullptr); }

// Streams and events.
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* s, unsigned, int) {
    *s = static_cast<cudaStream_t>(handle());
    return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* s) { return cudaStreamCreateWithPriority(s, 0, 0); }
cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamGetPriority(cudaStream_t, int* p) {
    *p = 0;
    return cudaSuccess;
}
cudaError_t cudaStreamQuery(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamSynchronize(cudaStream_t s) {
    if (state().capturing.count(s)) return result(cudaErrorStreamCaptureUnsupported);
    wait("stream");
    return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
    Lock l(state().lock);
    auto fork = state().forked.find(event);
    if (fork != state().forked.end()) state().capturing[stream] = fork->second;
    return cudaSuccess;
}
cudaError_t cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t call, void* data, unsigned) {
    call(stream, cudaSuccess, data);
    return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* e, unsigned) {
    *e = static_cast<cudaEvent_t>(handle());
    return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* e) { return cudaEventCreateWithFlags(e, 0); }
cudaError_t cudaEventDestroy(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* t, cudaEvent_t, cudaEvent_t) {
    *t = 1;
    return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    Lock l(state().lock);
    auto captured = state().capturing.find(stream);
    if (captured != state().capturing.end()) {
        state().forked[event] = captured->second;
    } else {
        state().forked.erase(event);
    }
    return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t) {
    wait("event");
    return cudaSuccess;
}

// Graphs: what is captured is kept as a list of kernels, and a launch of the graph is one launch.
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode) {
    Lock l(state().lock);
    state().capturing[stream] = new Graph;
    return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
    State& s = state();
    Lock l(s.lock);
    auto captured = s.capturing.find(stream);
    if (captured == s.capturing.end()) return result(cudaErrorIllegalState);
    Graph* made = captured->second;
    for (auto i = s.capturing.begin(); i != s.capturing.end();) i = i->second == made ? s.capturing.erase(i) : std::next(i);
    for (auto i = s.forked.begin(); i != s.forked.end();) i = i->second == made ? s.forked.erase(i) : std::next(i);
    *graph = reinterpret_cast<cudaGraph_t>(made);
    return cudaSuccess;
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus* status) {
    Lock l(state().lock);
    *status = state().capturing.count(stream) ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
    return cudaSuccess;
}
cudaError_t cudaStreamGetCaptureInfo_v2(cudaStream_t stream, enum cudaStreamCaptureStatus* status, unsigned long long* id, cudaGraph_t* graph, const cudaGraphNode_t**, size_t* nodes) {
    Lock l(state().lock);
    auto captured = state().capturing.find(stream);
    const bool active = captured != state().capturing.end();
    *status = active ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
    if (id) *id = active ? reinterpret_cast<uintptr_t>(captured->second) : 0;
    if (graph && active) *graph = reinterpret_cast<cudaGraph_t>(captured->second);
    if (nodes) *nodes = 0;
    return cudaSuccess;
}
cudaError_t cudaThreadExchangeStreamCaptureMode(enum cudaStreamCaptureMode*) { return cudaSuccess; }
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* e, cudaGraph_t g, unsigned long long) {
    *e = reinterpret_cast<cudaGraphExec_t>(g);
    return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* e, cudaGraph_t g, unsigned long long) { return cudaGraphInstantiateWithFlags(e, g, 0); }
cudaError_t cudaGraphGetNodes(cudaGraph_t g, cudaGraphNode_t*, size_t* n) {
    *n = 0;
    for (auto& k : reinterpret_cast<Graph*>(g)->kernels) *n += k.second;
    return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t) {
    Lock l(state().lock);
    state().tally.graphs++;
    return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t) { return cudaSuccess; }
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t) { return cudaSuccess; }
cudaError_t cudaGraphDebugDotPrint(cudaGraph_t, const char*, unsigned) { return cudaSuccess; }

// The driver's functions, which PyTorch fetches for virtual memory and for cards beyond this one.
cudaError_t cudaGetDriverEntryPoint(const char*, void** f, unsigned long long, enum cudaDriverEntryPointQueryResult* r) {
    *f = reinterpret_cast<void*>(no_driver);
    if (r) *r = cudaDriverEntryPointSuccess;
    return cudaSuccess;
}
cudaError_t cudaGetDriverEntryPointByVersion(const char* name, void** f, unsigned, unsigned long long flags, enum cudaDriverEntryPointQueryResult* r) {
    return cudaGetDriverEntryPoint(name, f, flags, r);
}

// Named by PyTorch, called by nothing here.
cudaError_t cudaIpcCloseMemHandle(void*) { return cudaErrorNotSupported; }
cudaError_t cudaIpcGetEventHandle(cudaIpcEventHandle_t*, cudaEvent_t) { return cudaErrorNotSupported; }
cudaError_t cudaIpcGetMemHandle(cudaIpcMemHandle_t*, void*) { return cudaErrorNotSupported; }
cudaError_t cudaIpcOpenEventHandle(cudaEvent_t*, cudaIpcEventHandle_t) { return cudaErrorNotSupported; }
cudaError_t cudaIpcOpenMemHandle(void**, cudaIpcMemHandle_t, unsigned) { return cudaErrorNotSupported; }
cudaError_t cudaProfilerStart() { return cudaSuccess; }
cudaError_t cudaProfilerStop() { return cudaSuccess; }
}
