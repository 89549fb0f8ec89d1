// One generic call through libtorch's dispatcher: every operator that libtorch has, by name, without a line of C++ each.
#include "boundary.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

#include <vector>

namespace dreamer {

std::string& last_error() {
  static thread_local std::string message;
  return message;
}

namespace {

enum Tag : int32_t { kDefault, kNone, kTensor, kInt, kDouble, kBool, kIntList, kDoubleList, kTensorList, kOptionalTensorList, kDevice, kGenerator, kString };

// 16 bytes, the same on both sides. A list is `count` elements at `pointer`; a device is (type = count, index = integer).
struct Arg {
  Tag tag;
  int32_t count;
  union {
    int64_t integer;
    double real;
    void* pointer;
  };
};
static_assert(sizeof(Arg) == 16, "Arg crosses the language boundary");

c10::IValue to_ivalue(const Arg& arg) {
  switch (arg.tag) {
    case kNone: return {};
    case kTensor: return *static_cast<at::Tensor*>(arg.pointer);
    case kInt: return arg.integer;
    case kDouble: return arg.real;
    case kBool: return arg.integer != 0;
    case kIntList: return c10::IntArrayRef(static_cast<const int64_t*>(arg.pointer), arg.count);
    case kDoubleList: return at::ArrayRef<double>(static_cast<const double*>(arg.pointer), arg.count);
    case kTensorList: {
      c10::List<at::Tensor> list;
      list.reserve(arg.count);
      for (int i = 0; i < arg.count; ++i) list.push_back(*static_cast<at::Tensor**>(arg.pointer)[i]);
      return list;
    }
    case kOptionalTensorList: {
      c10::List<optional<at::Tensor>> list;
      list.reserve(arg.count);
      for (int i = 0; i < arg.count; ++i) {
        auto* tensor = static_cast<at::Tensor**>(arg.pointer)[i];
        list.push_back(tensor ? optional<at::Tensor>(*tensor) : optional<at::Tensor>());
      }
      return list;
    }
    case kDevice: return c10::Device(static_cast<c10::DeviceType>(arg.count), static_cast<c10::DeviceIndex>(arg.integer));
    case kGenerator: return *static_cast<at::Generator*>(arg.pointer);
    case kString: return std::string(static_cast<const char*>(arg.pointer), arg.count);
    default: TORCH_CHECK(false, "argument tag ", static_cast<int>(arg.tag), " is unknown");
  }
}

// Lists that an operator answers live here until the thread's next call.
thread_local std::vector<at::Tensor*> returned_list;

Arg to_arg(c10::IValue value) {
  Arg arg{kNone, 0, {0}};
  if (value.isTensor()) {
    arg.tag = kTensor;
    arg.pointer = wrap(std::move(value).toTensor());
  } else if (value.isTensorList()) {
    auto list = std::move(value).toTensorVector();
    returned_list.clear();
    for (auto& tensor : list) returned_list.push_back(wrap(std::move(tensor)));
    arg.tag = kTensorList;
    arg.count = static_cast<int32_t>(returned_list.size());
    arg.pointer = returned_list.data();
  } else if (value.isBool()) {
    arg.tag = kBool;
    arg.integer = value.toBool();
  } else if (value.isInt()) {
    arg.tag = kInt;
    arg.integer = value.toInt();
  } else if (value.isDouble()) {
    arg.tag = kDouble;
    arg.real = value.toDouble();
  } else {
    TORCH_CHECK(value.isNone(), "a result of type ", value.tagKind(), " cannot cross the boundary");
  }
  return arg;
}

}  // namespace
}  // namespace dreamer

using namespace dreamer;

DREAMER_EXPORT const char* dreamer_last_error() { return last_error().c_str(); }

// A handle that lives as long as the process; null when libtorch has no such operator.
DREAMER_EXPORT const c10::OperatorHandle* dreamer_op(const char* name, const char* overload) {
  return guarded<const c10::OperatorHandle*>(nullptr, [&] {
    return new c10::OperatorHandle(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload));
  });
}

// Calls the operator. Arguments that are missing at the end take the schema's defaults. Answers how many results were written, or -1;
// without a place for them the results are dropped, for operators that answer the argument they changed.
DREAMER_EXPORT int dreamer_call(const c10::OperatorHandle* op, const Arg* args, int count, Arg* results, int capacity) {
  return guarded(-1, [&] {
    const auto& formal = op->schema().arguments();
    TORCH_CHECK(count <= static_cast<int>(formal.size()), op->schema().name(), " takes ", formal.size(), " arguments, not ", count);
    torch::jit::Stack stack;
    stack.reserve(formal.size());
    for (int i = 0; i < static_cast<int>(formal.size()); ++i) {
      if (i < count && args[i].tag != kDefault) {
        stack.push_back(to_ivalue(args[i]));
      } else {
        const auto& fallback = formal[i].default_value();
        TORCH_CHECK(fallback.has_value(), op->schema().name(), " needs its argument ", formal[i].name());
        stack.push_back(*fallback);
      }
    }
    op->callBoxed(&stack);
    if (results == nullptr) return 0;  // in place: the caller has the result already
    TORCH_CHECK(static_cast<int>(stack.size()) <= capacity, op->schema().name(), " answers ", stack.size(), " values, room for ", capacity);
    int written = 0;
    for (auto& value : stack) results[written++] = to_arg(std::move(value));
    return written;
  });
}
