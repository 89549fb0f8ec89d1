// What every exported function shares: the calling convention, and the rule that no C++ exception crosses it.
#pragma once

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <torch/version.h>

#include <string>

#define DREAMER_EXPORT extern "C" __attribute__((visibility("default")))

namespace dreamer {

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
template <typename T> using optional = std::optional<T>;
constexpr auto nullopt = std::nullopt;
#else
template <typename T> using optional = c10::optional<T>;
constexpr auto nullopt = c10::nullopt;
#endif

// The message of the last failed call of this thread, for dreamer_last_error.
std::string& last_error();

// Runs `body`; on an exception keeps its message and returns `failed`.
template <typename R, typename F>
R guarded(R failed, F&& body) {
  try {
    return body();
  } catch (const c10::Error& e) {
    last_error() = e.what_without_backtrace();
  } catch (const std::exception& e) {
    last_error() = e.what();
  } catch (...) {
    last_error() = "libtorch raised something that is not a std::exception";
  }
  return failed;
}

// The same for functions that answer nothing: true when all went well.
template <typename F>
int guarded_void(F&& body) {
  return guarded(0, [&] { body(); return 1; });
}

inline at::Tensor* wrap(at::Tensor tensor) { return new at::Tensor(std::move(tensor)); }

}  // namespace dreamer
