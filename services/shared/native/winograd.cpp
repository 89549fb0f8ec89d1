// The matrix product of the convolutions: small, its operands in the cache, its right side padded.
#include "winograd.h"

namespace dreamer {

namespace {

constexpr int64_t kPanel = 2 * kLanes;

template <int rows>
DREAMER_INLINE void block(const float* a, int64_t row, int64_t step, const float* b, float* c, int64_t width, int64_t depth, bool add) {
  vector16 left[rows], right[rows];
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
    left[r] = add ? *reinterpret_cast<const vector16*>(c + r * width) : vector16{};
    right[r] = add ? *reinterpret_cast<const vector16*>(c + r * width + kLanes) : vector16{};
  }
  for (int64_t k = 0; k < depth; ++k, a += step, b += width) {
    const vector16 b0 = *reinterpret_cast<const vector16*>(b), b1 = *reinterpret_cast<const vector16*>(b + kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
      const float scale = a[r * row];
      left[r] += scale * b0;
      right[r] += scale * b1;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r) {
    *reinterpret_cast<vector16*>(c + r * width) = left[r];
    *reinterpret_cast<vector16*>(c + r * width + kLanes) = right[r];
  }
}

// As many rows at once as the accumulators of the processor hold.
template <int most>
DREAMER_INLINE void panels(const float* a, int64_t row, int64_t step, const float* b, float* c, int64_t rows, int64_t columns, int64_t depth, bool add) {
  const int64_t width = padded(columns);
  for (int64_t j = 0; j < columns; j += kPanel) {
    int64_t r = 0;
    for (; r + most <= rows; r += most) block<most>(a + r * row, row, step, b + j, c + r * width + j, width, depth, add);
    for (; r + 2 <= rows; r += 2) block<2>(a + r * row, row, step, b + j, c + r * width + j, width, depth, add);
    for (; r < rows; ++r) block<1>(a + r * row, row, step, b + j, c + r * width + j, width, depth, add);
  }
}

bool wide_registers() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

}  // namespace

DREAMER_SIMD void product(const float* a, int64_t row, int64_t step, const float* b, float* c, int64_t rows, int64_t columns, int64_t depth, bool add) {
  static const bool wide = wide_registers();
  wide ? panels<12>(a, row, step, b, c, rows, columns, depth, add) : panels<3>(a, row, step, b, c, rows, columns, depth, add);
}

}  // namespace dreamer
