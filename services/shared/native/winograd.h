// Convolution by Winograd's minimal filtering: tiles of 4x4 outputs are made of `points` squared products instead of sixteen times the kernel's
// elements (Lavin and Gray 2016). y = A^T [(G w G^T) . (B^T d B)] A; summed over the input channels, every point is a matrix product.
// Sixteen channels at a time: a vector holds one element of the tile for each.
#pragma once

#include "kernels.h"

namespace dreamer {

typedef float vector16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t mask16 __attribute__((vector_size(64)));
typedef uint8_t bytes16 __attribute__((vector_size(16), aligned(1), may_alias));

constexpr int kLanes = 16;
constexpr int kTile = 4;

// The rows of B^T and A: the point 0, then one row per pair of points p and -p, which differ in the sign of the odd columns, then infinity.
constexpr float kInput8[5][8] = {{1, 0, -5.25f, 0, 5.25f, 0, -1, 0},
                                 {0, 1, 1, -4.25f, -4.25f, 1, 1, 0},
                                 {0, 0.5f, 0.25f, -2.5f, -1.25f, 2, 1, 0},
                                 {0, 2, 4, -2.5f, -5, 0.5f, 1, 0},
                                 {0, -1, 0, 5.25f, 0, -5.25f, 0, 1}};
constexpr float kOutput8[5][4] = {{1, 0, 0, 0}, {1, 1, 1, 1}, {1, 2, 4, 8}, {1, 0.5f, 0.25f, 0.125f}, {0, 0, 0, 1}};
constexpr float kInput6[4][6] = {{4, 0, -5, 0, 1, 0}, {0, -4, -4, 1, 1, 0}, {0, -2, -1, 2, 1, 0}, {0, 4, 0, -5, 0, 1}};
constexpr float kOutput6[4][4] = {{1, 0, 0, 0}, {1, 1, 1, 1}, {1, 2, 4, 8}, {0, 0, 0, 1}};

// out[points] = table * in[columns]; elements of a vector of the tile lie `step` apart.
template <int rows, int columns>
DREAMER_INLINE void to_points(const float (&table)[rows][columns], const vector16* in, int in_step, vector16* out, int out_step) {
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
    vector16 even = {}, odd = {};
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      if (table[i][j] != 0) (j % 2 ? odd : even) += table[i][j] * in[j * in_step];
    }
    if (i == 0 || i == rows - 1) {
      out[(i == 0 ? 0 : 2 * rows - 3) * out_step] = even + odd;
    } else {
      out[(2 * i - 1) * out_step] = even + odd;
      out[2 * i * out_step] = even - odd;
    }
  }
}

// The transposed map: out[columns] = table^T * in[points].
template <int rows, int columns>
DREAMER_INLINE void from_points(const float (&table)[rows][columns], const vector16* in, int in_step, vector16* out, int out_step) {
  vector16 even[rows], odd[rows];
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
    const vector16 plus = in[(i == 0 ? 0 : 2 * i - 1) * in_step];
    const bool pair = i > 0 && i < rows - 1;
    even[i] = pair ? plus + in[2 * i * in_step] : plus;
    odd[i] = pair ? plus - in[2 * i * in_step] : plus;
  }
#pragma GCC unroll 8
  for (int j = 0; j < columns; ++j) {
    vector16 sum = {};
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      if (table[i][j] != 0) sum += table[i][j] * (j % 2 ? odd[i] : even[i]);
    }
    out[j * out_step] = sum;
  }
}

// The same for both axes of a tile: [columns, columns] -> [points, points] and back.
template <int rows, int columns>
DREAMER_INLINE void tile_to_points(const float (&table)[rows][columns], const vector16* in, vector16* out) {
  constexpr int points = 2 * rows - 2;
  vector16 half[points * columns];
  for (int j = 0; j < columns; ++j) to_points(table, in + j, columns, half + j, columns);
  for (int i = 0; i < points; ++i) to_points(table, half + i * columns, 1, out + i * points, 1);
}

template <int rows, int columns>
DREAMER_INLINE void tile_from_points(const float (&table)[rows][columns], const vector16* in, vector16* out) {
  constexpr int points = 2 * rows - 2;
  vector16 half[columns * points];
  for (int j = 0; j < points; ++j) from_points(table, in + j, points, half + j, points);
  for (int i = 0; i < columns; ++i) from_points(table, half + i * points, 1, out + i * columns, 1);
}

// The first `count` of sixteen channels; the others are 0.
DREAMER_INLINE vector16 load_lanes(const float* from, int64_t count) {
  if (count >= kLanes) return *reinterpret_cast<const vector16*>(from);
  vector16 lanes = {};
  for (int64_t i = 0; i < count; ++i) lanes[i] = from[i];
  return lanes;
}

DREAMER_INLINE void add_lanes(float* to, vector16 lanes, int64_t count) {
  if (count >= kLanes) {
    *reinterpret_cast<vector16*>(to) += lanes;
  } else {
    for (int64_t i = 0; i < count; ++i) to[i] += lanes[i];
  }
}

// A matrix in row-major order whose rows are a whole odd number of cache lines: columns do not collide in the cache, and products may run over the end.
inline int64_t padded(int64_t columns) { return (columns + 31) / 32 * 32 + kLanes; }

// c [rows, columns] = (or +=) a [rows, depth] * b [depth, columns]; a's element (r, k) lies at r * row + k * step, b and c are padded.
void product(const float* a, int64_t row, int64_t step, const float* b, float* c, int64_t rows, int64_t columns, int64_t depth, bool add);

}  // namespace dreamer
