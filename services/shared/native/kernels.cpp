// Fused operations as autograd nodes. Each kernel has three parts: loops over raw rows, which the compiler vectorises for several
// processors and the loader picks from; a node that saves what the backward pass needs; and an exported function on at::Tensor*.
// float32 on the CPU only; the caller has an eager form of each for everything else, which is also what the tests compare with.
#include "kernels.h"

using namespace dreamer;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

// ---- RMSNorm, optionally followed by SiLU -------------------------------------------------------------------------------------
// y = f(z), z = x * r * scale, r = 1 / sqrt(mean(x^2) + eps) by row, f = SiLU or nothing.

template <bool silu>
DREAMER_INLINE void rms_norm_forward(const float* x, const float* scale, float* y, float* r, int64_t rows, int64_t width, float eps) {
  for (int64_t i = 0; i < rows; ++i, x += width, y += width) {
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t j = 0; j < width; ++j) squares += x[j] * x[j];
    const float inverse = 1.0f / __builtin_sqrtf(squares / static_cast<float>(width) + eps);
    r[i] = inverse;
#pragma omp simd
    for (int64_t j = 0; j < width; ++j) {
      const float z = x[j] * inverse * scale[j];
      y[j] = silu ? z * sigmoid(z) : z;
    }
  }
}

// Adds to `dscale`; `dx` is overwritten, and first holds the gradient by the normalised input.
template <bool silu>
DREAMER_INLINE void rms_norm_backward(const float* dy, const float* x, const float* scale, const float* r, float* dx, float* dscale, int64_t rows,
                                      int64_t width) {
  for (int64_t i = 0; i < rows; ++i, x += width, dy += width, dx += width) {
    const float inverse = r[i];
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t j = 0; j < width; ++j) {
      const float n = x[j] * inverse, z = n * scale[j], s = silu ? sigmoid(z) : 0.0f;
      const float dz = silu ? dy[j] * s * (1.0f + z * (1.0f - s)) : dy[j];
      dscale[j] += dz * n;
      dx[j] = dz * scale[j];
      dot += dz * z;
    }
    const float mean = dot / static_cast<float>(width);
#pragma omp simd
    for (int64_t j = 0; j < width; ++j) dx[j] = inverse * (dx[j] - x[j] * inverse * mean);
  }
}

DREAMER_SIMD void rms_norm_rows(const float* x, const float* scale, float* y, float* r, int64_t rows, int64_t width, float eps, bool silu) {
  silu ? rms_norm_forward<true>(x, scale, y, r, rows, width, eps) : rms_norm_forward<false>(x, scale, y, r, rows, width, eps);
}

DREAMER_SIMD void rms_norm_rows_backward(const float* dy, const float* x, const float* scale, const float* r, float* dx, float* dscale, int64_t rows,
                                         int64_t width, bool silu) {
  silu ? rms_norm_backward<true>(dy, x, scale, r, dx, dscale, rows, width) : rms_norm_backward<false>(dy, x, scale, r, dx, dscale, rows, width);
}

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& scale, double eps, bool silu) {
    const int64_t width = scale.numel();
    const at::Tensor x = input.contiguous(), s = scale.contiguous();
    const int64_t rows = width == 0 ? 0 : x.numel() / width;
    at::Tensor y = at::empty_like(x), r = at::empty({rows}, x.options());
    const float *px = x.data_ptr<float>(), *ps = s.data_ptr<float>();
    float *py = y.data_ptr<float>(), *pr = r.data_ptr<float>();
    at::parallel_for(0, rows, grain(width), [&](int64_t from, int64_t to) {
      rms_norm_rows(px + from * width, ps, py + from * width, pr + from, to - from, width, static_cast<float>(eps), silu);
    });
    context->save_for_backward({x, s, r});
    context->saved_data["silu"] = silu;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_double_backward("rms_norm");
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &s = saved[1], &r = saved[2];
    const bool silu = context->saved_data["silu"].toBool();
    const at::Tensor dy = gradients[0].contiguous();
    const int64_t width = s.numel(), rows = r.numel();
    // One row of scale gradients per block of rows, so that the sum does not depend on the number of threads.
    const int64_t block = std::max<int64_t>(grain(width), (rows + 63) / 64), blocks = (rows + block - 1) / block;
    at::Tensor dx = at::empty_like(x), partial = at::zeros({blocks, width}, x.options());
    const float *pdy = dy.data_ptr<float>(), *px = x.data_ptr<float>(), *ps = s.data_ptr<float>(), *pr = r.data_ptr<float>();
    float *pdx = dx.data_ptr<float>(), *pp = partial.data_ptr<float>();
    at::parallel_for(0, blocks, 1, [&](int64_t from, int64_t to) {
      for (int64_t b = from; b < to; ++b) {
        const int64_t start = b * block, count = std::min(block, rows - start);
        rms_norm_rows_backward(pdy + start * width, px + start * width, ps, pr + start, pdx + start * width, pp + b * width, count, width, silu);
      }
    });
    return {dx, partial.sum(0).view_as(s), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

// x [..., N], scale [N] -> [..., N]
DREAMER_EXPORT at::Tensor* dreamer_rms_norm(const at::Tensor* x, const at::Tensor* scale, double eps, int silu) {
  return guarded<at::Tensor*>(nullptr, [&] {
    check_float_cpu("rms_norm", *x);
    check_float_cpu("rms_norm", *scale);
    TORCH_CHECK(x->dim() > 0 && scale->dim() == 1 && x->size(-1) == scale->size(0), "rms_norm: the last axis of ", x->sizes(), " must have the length of the scale ",
                scale->sizes());
    return wrap(RmsNorm::apply(*x, *scale, eps, silu != 0));
  });
}
