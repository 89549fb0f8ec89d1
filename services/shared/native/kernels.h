// What the fused kernels share: vectorisable elementary functions, the split of work over threads, and the checks of their inputs.
#pragma once

#include "boundary.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DREAMER_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DREAMER_SIMD
#endif
#define DREAMER_INLINE static inline __attribute__((always_inline))

namespace dreamer {

// exp to 2 units in the last place, without a call or a branch, so that a loop over it vectorises (Cephes' polynomial).
DREAMER_INLINE float fast_exp(float x) {
  x = x > 88.0f ? 88.0f : x < -87.0f ? -87.0f : x;
  const float n = __builtin_floorf(x * 1.44269504088896341f + 0.5f);
  const float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = (static_cast<int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return p * power;
}

DREAMER_INLINE float sigmoid(float x) { return 1.0f / (1.0f + fast_exp(-x)); }

// Rows of a contiguous matrix, enough of them for one thread to be worth its start.
inline int64_t grain(int64_t width) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(width, 1)); }

// Nodes here answer first-order gradients only; a second order would be silently wrong without this.
inline void refuse_double_backward(const char* kernel) {
  TORCH_CHECK(!c10::GradMode::is_enabled(), kernel, " has no second-order gradient: use the eager form under create_graph");
}

inline void check_float_cpu(const char* kernel, const at::Tensor& tensor) {
  TORCH_CHECK(tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat, kernel, " takes float32 on the CPU, not ", tensor.scalar_type(), " on ",
              tensor.device());
}

}  // namespace dreamer
