// Adaptive gradient clipping and LaProp in one pass over flat buffers. In place and without gradients.
#include "kernels.h"

#include <array>
#include <vector>

using namespace dreamer;

namespace {

constexpr int64_t kPiece = 1 << 15;

DREAMER_SIMD double squares(const float* x, int64_t count) {
  double total = 0;
  for (int64_t start = 0; start < count; start += 4096) {
    const int64_t end = std::min(count, start + 4096);
    float part = 0;
#pragma omp simd reduction(+ : part)
    for (int64_t j = start; j < end; ++j) part += x[j] * x[j];
    total += part;
  }
  return total;
}

struct Rates {
  float rate, correction, beta1, beta2, epsilon;
};

DREAMER_SIMD void laprop_piece(float* p, const float* g, float* m, float* v, int64_t count, float shrink, Rates r) {
#pragma omp simd
  for (int64_t j = 0; j < count; ++j) {
    const float gradient = g[j] * shrink;
    v[j] = r.beta2 * v[j] + (1.0f - r.beta2) * gradient * gradient;
    m[j] = r.beta1 * m[j] + (1.0f - r.beta1) * gradient / (__builtin_sqrtf(v[j] * r.correction) + r.epsilon);
    p[j] -= r.rate * m[j];
  }
}

// Calls body(segment, from, to) for pieces of bounded size, which do not depend on the number of threads.
template <typename F>
void for_pieces(const int64_t* offsets, int64_t segments, F&& body) {
  std::vector<std::array<int64_t, 3>> pieces;
  for (int64_t s = 0; s < segments; ++s)
    for (int64_t from = offsets[s]; from < offsets[s + 1]; from += kPiece) pieces.push_back({s, from, std::min(offsets[s + 1], from + kPiece)});
  at::parallel_for(0, static_cast<int64_t>(pieces.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) body(i, pieces[i][0], pieces[i][1], pieces[i][2]);
  });
}

}  // namespace

// p, g, m, v [N] flat; offsets: segments + 1 numbers from 0 to N. rate and correction already hold the bias corrections.
DREAMER_EXPORT int dreamer_laprop(at::Tensor* p, const at::Tensor* g, at::Tensor* m, at::Tensor* v, const int64_t* offsets, int64_t segments, double clip,
                                  double floor, double rate, double correction, double beta1, double beta2, double epsilon) {
  return guarded_void([&] {
    for (const at::Tensor* tensor : {static_cast<const at::Tensor*>(p), g, static_cast<const at::Tensor*>(m), static_cast<const at::Tensor*>(v)}) {
      check_float_cpu("laprop", *tensor);
      TORCH_CHECK(tensor->is_contiguous() && tensor->numel() == offsets[segments], "laprop: a buffer of ", tensor->numel(), " elements, parameters of ",
                  offsets[segments]);
    }
    float *pp = p->data_ptr<float>(), *pm = m->data_ptr<float>(), *pv = v->data_ptr<float>();
    const float* pg = g->data_ptr<float>();
    int64_t pieces = 0;
    for (int64_t s = 0; s < segments; ++s) pieces += (offsets[s + 1] - offsets[s] + kPiece - 1) / kPiece;
    std::vector<double> parts(2 * pieces), sums(2 * segments);
    std::vector<int64_t> owner(pieces);
    for_pieces(offsets, segments, [&](int64_t i, int64_t s, int64_t from, int64_t to) {
      owner[i] = s;
      parts[2 * i] = squares(pg + from, to - from);
      parts[2 * i + 1] = squares(pp + from, to - from);
    });
    for (int64_t i = 0; i < pieces; ++i) {
      sums[2 * owner[i]] += parts[2 * i];
      sums[2 * owner[i] + 1] += parts[2 * i + 1];
    }
    const Rates rates{static_cast<float>(rate), static_cast<float>(correction), static_cast<float>(beta1), static_cast<float>(beta2),
                      static_cast<float>(epsilon)};
    for_pieces(offsets, segments, [&](int64_t, int64_t s, int64_t from, int64_t to) {
      const double limit = clip * std::max(floor, std::sqrt(sums[2 * s + 1]));
      const float shrink = static_cast<float>(1.0 / std::max(1.0, std::sqrt(sums[2 * s]) / limit));
      laprop_piece(pp + from, pg + from, pm + from, pv + from, to - from, shrink, rates);
    });
  });
}
