// Records what a process asks of its TorchScript kernels, into the folder that RECORD names; Java loads it once PyTorch is (Cells.java).
// When record_end is called the folder holds the module (kernels.pt) and calls.pt, which torch.load reads: each call's method and arguments in
// order, tensors by number; the tensors that no call made, as they were when first used; and what each call gave. With RECORD_SHAPES=1 of
// tensors only shape, strides and type are kept, so that a step of full size takes little room.
//
// Numbers follow a tensor through the calls, so that a replay can work with its own results where the process worked with its own.
#include <ATen/record_function.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace {

using c10::IValue;

struct Record {
    std::mutex lock;
    std::unordered_map<const void*, int64_t> numbers;
    // Held, so that no other tensor gets a number's address.
    std::vector<at::Tensor> held;
    c10::impl::GenericList calls{c10::AnyType::get()};
    c10::impl::GenericList given{c10::AnyType::get()};
    std::unique_ptr<torch::jit::Module> module;
    // A call within a call is a part of it.
    static thread_local int depth;
};
thread_local int Record::depth = 0;

Record& record() {
    static Record* r = new Record;
    return *r;
}

IValue tuple(std::vector<IValue> parts);

// A tensor's value, on the host; or what it looks like.
IValue kept(const at::Tensor& t) {
    static const bool shapes = getenv("RECORD_SHAPES") != nullptr;
    if (shapes) return tuple({t.sizes().vec(), t.strides().vec(), static_cast<int64_t>(t.scalar_type())});
    return t.is_cpu() ? t.detach().clone() : t.detach().cpu();
}

IValue tuple(std::vector<IValue> parts) { return c10::ivalue::Tuple::create(std::move(parts)); }

int64_t number(const at::Tensor& t, bool made) {
    if (!t.defined()) return -1;
    Record& r = record();
    auto known = r.numbers.find(t.unsafeGetTensorImpl());
    if (known != r.numbers.end()) return known->second;
    const int64_t n = static_cast<int64_t>(r.held.size());
    r.numbers[t.unsafeGetTensorImpl()] = n;
    r.held.push_back(t);
    if (!made) r.given.push_back(tuple({n, kept(t)}));
    return n;
}

// A value as plain data: a pair of kind and content.
IValue plain(const IValue& v, bool made) {
    if (v.isTensor()) return tuple({"tensor", number(v.toTensor(), made)});
    c10::impl::GenericList parts{c10::AnyType::get()};
    if (v.isList()) {
        for (const IValue& part : v.toListRef()) parts.push_back(plain(part, made));
        return tuple({"list", parts});
    }
    if (v.isTuple()) {
        for (const IValue& part : v.toTupleRef().elements()) parts.push_back(plain(part, made));
        return tuple({"tuple", parts});
    }
    if (v.isGenericDict()) {
        for (const auto& entry : v.toGenericDict()) parts.push_back(tuple({entry.key(), plain(entry.value(), made)}));
        return tuple({"dict", parts});
    }
    return tuple({"number", v});
}

void copies(const IValue& v, c10::impl::GenericList& into) {
    if (v.isTensor() && v.toTensor().defined()) {
        into.push_back(kept(v.toTensor()));
    } else if (v.isList()) {
        for (const IValue& part : v.toListRef()) copies(part, into);
    } else if (v.isTuple()) {
        for (const IValue& part : v.toTupleRef().elements()) copies(part, into);
    }
}

struct Call : at::ObserverContext {
    std::string name;
    IValue arguments;
};

std::unique_ptr<at::ObserverContext> begun(const at::RecordFunction& f) {
    if (Record::depth++ > 0) return nullptr;
    at::DisableRecordFunctionGuard unrecorded;
    Record& r = record();
    std::lock_guard<std::mutex> l(r.lock);
    auto inputs = f.inputs();
    if (inputs.empty() || !inputs[0].isObject()) return nullptr;
    if (!r.module) r.module = std::make_unique<torch::jit::Module>(inputs[0].toObject());
    auto call = std::make_unique<Call>();
    call->name = f.name();
    c10::impl::GenericList arguments{c10::AnyType::get()};
    for (size_t i = 1; i < inputs.size(); i++) arguments.push_back(plain(inputs[i], false));
    call->arguments = arguments;
    return call;
}

void ended(const at::RecordFunction& f, at::ObserverContext* context) {
    Record::depth--;
    auto call = static_cast<Call*>(context);
    if (!call) return;
    at::DisableRecordFunctionGuard unrecorded;
    Record& r = record();
    std::lock_guard<std::mutex> l(r.lock);
    IValue gave;
    c10::impl::GenericList made{c10::AnyType::get()};
    if (!f.outputs().empty()) {
        gave = plain(f.outputs()[0], true);
        copies(f.outputs()[0], made);
    }
    r.calls.push_back(tuple({call->name, call->arguments, gave, made}));
}

__attribute__((constructor)) void begin() {
    if (!getenv("RECORD")) return;
    at::addGlobalCallback(at::RecordFunctionCallback(begun, ended).needsInputs(true).needsOutputs(true).scopes({at::RecordScope::TORCHSCRIPT_FUNCTION}));
}

}  // namespace

// To be called when all is done.
extern "C" void record_end() {
    Record& r = record();
    std::lock_guard<std::mutex> l(r.lock);
    at::DisableRecordFunctionGuard unrecorded;
    if (!r.module) return;
    const std::string folder = getenv("RECORD");
    r.module->save(folder + "/kernels.pt");
    std::vector<char> bytes = torch::jit::pickle_save(tuple({r.calls, r.given}));
    std::ofstream(folder + "/calls.pt", std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
