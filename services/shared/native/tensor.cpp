// A tensor's life, its memory and its gradient; the thread's modes; random generators; devices.
#include "boundary.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

using namespace dreamer;

namespace {

std::vector<at::Tensor> gather(at::Tensor* const* tensors, int count) {
  std::vector<at::Tensor> list;
  list.reserve(count);
  for (int i = 0; i < count; ++i) list.push_back(tensors[i] ? *tensors[i] : at::Tensor());
  return list;
}

c10::Device device_of(int type, int index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

}  // namespace

DREAMER_EXPORT void dreamer_tensor_delete(at::Tensor* tensor) { delete tensor; }

DREAMER_EXPORT void* dreamer_tensor_data(at::Tensor* tensor) {
  return guarded<void*>(nullptr, [&] { return tensor->data_ptr(); });
}

DREAMER_EXPORT int dreamer_tensor_dim(at::Tensor* tensor) { return static_cast<int>(tensor->dim()); }

DREAMER_EXPORT int64_t dreamer_tensor_numel(at::Tensor* tensor) { return tensor->numel(); }

DREAMER_EXPORT void dreamer_tensor_layout(at::Tensor* tensor, int64_t* sizes, int64_t* strides) {
  for (int64_t d = 0; d < tensor->dim(); ++d) {
    sizes[d] = tensor->size(d);
    strides[d] = tensor->stride(d);
  }
}

DREAMER_EXPORT int dreamer_tensor_dtype(at::Tensor* tensor) { return static_cast<int>(tensor->scalar_type()); }

DREAMER_EXPORT void dreamer_tensor_device(at::Tensor* tensor, int* type, int* index) {
  *type = static_cast<int>(tensor->device().type());
  *index = static_cast<int>(tensor->device().index());
}

DREAMER_EXPORT int dreamer_tensor_is_contiguous(at::Tensor* tensor) { return tensor->is_contiguous(); }

// The memory stays the caller's until `release(context)`.
DREAMER_EXPORT at::Tensor* dreamer_tensor_from_blob(void* data, const int64_t* sizes, int dims, int dtype, void (*release)(void*), void* context) {
  return guarded<at::Tensor*>(nullptr, [&] {
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    return wrap(at::from_blob(data, at::IntArrayRef(sizes, dims), [release, context](void*) { release(context); }, options));
  });
}

DREAMER_EXPORT int dreamer_tensor_requires_grad(at::Tensor* tensor) { return tensor->requires_grad(); }

DREAMER_EXPORT int dreamer_tensor_is_leaf(at::Tensor* tensor) { return tensor->is_leaf(); }

DREAMER_EXPORT int dreamer_tensor_set_requires_grad(at::Tensor* tensor, int value) {
  return guarded_void([&] { tensor->set_requires_grad(value != 0); });
}

// Null when there is no gradient.
DREAMER_EXPORT at::Tensor* dreamer_tensor_grad(at::Tensor* tensor) {
  return guarded<at::Tensor*>(nullptr, [&] { return tensor->grad().defined() ? wrap(tensor->grad()) : nullptr; });
}

DREAMER_EXPORT int dreamer_tensor_set_grad(at::Tensor* tensor, at::Tensor* grad) {
  return guarded_void([&] { tensor->mutable_grad() = grad ? *grad : at::Tensor(); });
}

DREAMER_EXPORT int dreamer_backward(at::Tensor* const* tensors, at::Tensor* const* grads, int count, int retain_graph, int create_graph,
                                    at::Tensor* const* inputs, int input_count) {
  return guarded_void([&] {
    torch::autograd::backward(gather(tensors, count), grads ? gather(grads, count) : std::vector<at::Tensor>(), retain_graph != 0,
                              create_graph != 0, gather(inputs, input_count));
  });
}

// Writes one handle per input into `results`; null for an unused input.
DREAMER_EXPORT int dreamer_grad(at::Tensor* const* outputs, int output_count, at::Tensor* const* inputs, int input_count, at::Tensor* const* grads,
                                int retain_graph, int create_graph, int allow_unused, at::Tensor** results) {
  return guarded_void([&] {
    auto found = torch::autograd::grad(gather(outputs, output_count), gather(inputs, input_count),
                                       grads ? gather(grads, output_count) : std::vector<at::Tensor>(), retain_graph != 0, create_graph != 0,
                                       allow_unused != 0);
    for (int i = 0; i < input_count; ++i) results[i] = found[i].defined() ? wrap(std::move(found[i])) : nullptr;
  });
}

DREAMER_EXPORT int dreamer_grad_enabled() { return c10::GradMode::is_enabled(); }

DREAMER_EXPORT void dreamer_set_grad_enabled(int enabled) { c10::GradMode::set_enabled(enabled != 0); }

DREAMER_EXPORT c10::InferenceMode* dreamer_inference_enter(int enabled) { return new c10::InferenceMode(enabled != 0); }

DREAMER_EXPORT void dreamer_inference_leave(c10::InferenceMode* mode) { delete mode; }

DREAMER_EXPORT int dreamer_inference_enabled() { return c10::InferenceMode::is_enabled(); }

DREAMER_EXPORT int dreamer_num_threads() { return at::get_num_threads(); }

DREAMER_EXPORT int dreamer_set_num_threads(int count) {
  return guarded_void([&] { at::set_num_threads(count); });
}

DREAMER_EXPORT int dreamer_cuda_count() {
  return guarded(0, [] { return at::hasCUDA() ? static_cast<int>(at::getNumGPUs()) : 0; });
}

DREAMER_EXPORT int dreamer_cuda_synchronize(int index) {
  return guarded_void([&] { at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(index < 0 ? 0 : index)); });
}

DREAMER_EXPORT int dreamer_manual_seed(int64_t seed) {
  return guarded_void([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

DREAMER_EXPORT at::Generator* dreamer_generator_default(int type, int index) {
  return guarded<at::Generator*>(nullptr, [&] { return new at::Generator(at::globalContext().defaultGenerator(device_of(type, index))); });
}

// A generator of its own on the same device, in the same state.
DREAMER_EXPORT at::Generator* dreamer_generator_clone(at::Generator* generator) {
  return guarded<at::Generator*>(nullptr, [&] { return new at::Generator(generator->clone()); });
}

DREAMER_EXPORT void dreamer_generator_delete(at::Generator* generator) { delete generator; }

DREAMER_EXPORT int64_t dreamer_generator_seed(at::Generator* generator) { return static_cast<int64_t>(generator->current_seed()); }

DREAMER_EXPORT int dreamer_generator_set_seed(at::Generator* generator, int64_t seed) {
  return guarded_void([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(static_cast<uint64_t>(seed));
  });
}

DREAMER_EXPORT at::Tensor* dreamer_generator_state(at::Generator* generator) {
  return guarded<at::Tensor*>(nullptr, [&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    return wrap(generator->get_state());
  });
}

DREAMER_EXPORT int dreamer_generator_set_state(at::Generator* generator, at::Tensor* state) {
  return guarded_void([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(*state);
  });
}
