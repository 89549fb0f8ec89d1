// Fused steps of the world model and its heads, in the same form as kernels.cpp: loops over raw rows, an autograd node, an exported function.
#include "kernels.h"

using namespace dreamer;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

DREAMER_INLINE float fast_tanh(float x) { return 2.0f * sigmoid(2.0f * x) - 1.0f; }

// ---- The gates of the block GRU ------------------------------------------------------------------------------------------------
// Per block, gates hold thirds of width d: r, c, u. h' = h + z (tanh(sigmoid(r) c) - h) with z = sigmoid(u - 1).

DREAMER_SIMD void gru_rows(const float* gates, const float* h, float* out, int64_t count, int64_t d) {
  for (int64_t i = 0; i < count; ++i, gates += 3 * d, h += d, out += d) {
#pragma omp simd
    for (int64_t j = 0; j < d; ++j) {
      const float candidate = fast_tanh(sigmoid(gates[j]) * gates[d + j]), update = sigmoid(gates[2 * d + j] - 1.0f);
      out[j] = h[j] + update * (candidate - h[j]);
    }
  }
}

DREAMER_SIMD void gru_rows_backward(const float* dy, const float* gates, const float* h, float* dgates, float* dh, int64_t count, int64_t d) {
  for (int64_t i = 0; i < count; ++i, gates += 3 * d, dgates += 3 * d, h += d, dh += d, dy += d) {
#pragma omp simd
    for (int64_t j = 0; j < d; ++j) {
      const float reset = sigmoid(gates[j]), c = gates[d + j];
      const float candidate = fast_tanh(reset * c), update = sigmoid(gates[2 * d + j] - 1.0f);
      const float inner = dy[j] * update * (1.0f - candidate * candidate);
      dgates[j] = inner * c * reset * (1.0f - reset);
      dgates[d + j] = inner * reset;
      dgates[2 * d + j] = dy[j] * (candidate - h[j]) * update * (1.0f - update);
      dh[j] = dy[j] * (1.0f - update);
    }
  }
}

struct BlockGru : torch::autograd::Function<BlockGru> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gates, const at::Tensor& state, int64_t blocks) {
    const at::Tensor g = gates.contiguous(), h = state.contiguous();
    const int64_t d = h.size(-1) / blocks, count = h.numel() / d;
    at::Tensor out = at::empty_like(h);
    const float *pg = g.data_ptr<float>(), *ph = h.data_ptr<float>();
    float* po = out.data_ptr<float>();
    at::parallel_for(0, count, grain(8 * d), [&](int64_t from, int64_t to) { gru_rows(pg + from * 3 * d, ph + from * d, po + from * d, to - from, d); });
    context->save_for_backward({g, h});
    context->saved_data["width"] = d;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_double_backward("block_gru");
    const auto saved = context->get_saved_variables();
    const int64_t d = context->saved_data["width"].toInt(), count = saved[1].numel() / d;
    const at::Tensor dy = gradients[0].contiguous();
    at::Tensor dg = at::empty_like(saved[0]), dh = at::empty_like(saved[1]);
    const float *pdy = dy.data_ptr<float>(), *pg = saved[0].data_ptr<float>(), *ph = saved[1].data_ptr<float>();
    float *pdg = dg.data_ptr<float>(), *pdh = dh.data_ptr<float>();
    at::parallel_for(0, count, grain(8 * d), [&](int64_t from, int64_t to) {
      gru_rows_backward(pdy + from * d, pg + from * 3 * d, ph + from * d, pdg + from * 3 * d, pdh + from * d, to - from, d);
    });
    return {dg, dh, at::Tensor()};
  }
};

// ---- A sample from categoricals with unimix ---------------------------------------------------------------------------------------
// p = (1 - mix) softmax + mix / C; the first class whose cumulated p reaches the uniform number, as one-hot; the gradient is that of p.

DREAMER_INLINE void softmax_row(const float* logits, float* p, int64_t classes) {
  float top = logits[0], total = 0;
  for (int64_t j = 1; j < classes; ++j) top = logits[j] > top ? logits[j] : top;
#pragma omp simd reduction(+ : total)
  for (int64_t j = 0; j < classes; ++j) {
    p[j] = fast_exp(logits[j] - top);
    total += p[j];
  }
  const float inverse = 1.0f / total;
#pragma omp simd
  for (int64_t j = 0; j < classes; ++j) p[j] *= inverse;
}

DREAMER_SIMD void sample_rows(const float* logits, const float* uniform, float* p, float* sample, int64_t rows, int64_t classes, float mix) {
  const float keep = 1.0f - mix, floor = mix / static_cast<float>(classes);
  for (int64_t i = 0; i < rows; ++i, logits += classes, p += classes, sample += classes) {
    softmax_row(logits, p, classes);
    // The mixed probabilities sum to one up to rounding; what rounding leaves over goes to the last class.
    float cumulated = 0;
    int64_t chosen = 0;
    for (int64_t j = 0; j < classes - 1; ++j) {
      cumulated += keep * p[j] + floor;
      chosen += cumulated <= uniform[i];
    }
    for (int64_t j = 0; j < classes; ++j) sample[j] = 0;
    sample[chosen] = 1;
  }
}

DREAMER_SIMD void sample_rows_backward(const float* dy, const float* p, float* dx, int64_t rows, int64_t classes, float keep) {
  for (int64_t i = 0; i < rows; ++i, dy += classes, p += classes, dx += classes) {
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t j = 0; j < classes; ++j) dot += dy[j] * p[j];
#pragma omp simd
    for (int64_t j = 0; j < classes; ++j) dx[j] = keep * p[j] * (dy[j] - dot);
  }
}

struct UnimixSample : torch::autograd::Function<UnimixSample> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& logits, const at::Tensor& uniform, double mix) {
    const at::Tensor x = logits.contiguous(), u = uniform.contiguous();
    const int64_t classes = x.size(-1), rows = x.numel() / classes;
    at::Tensor p = at::empty_like(x), sample = at::empty_like(x);
    const float *px = x.data_ptr<float>(), *pu = u.data_ptr<float>();
    float *pp = p.data_ptr<float>(), *ps = sample.data_ptr<float>();
    at::parallel_for(0, rows, grain(4 * classes), [&](int64_t from, int64_t to) {
      sample_rows(px + from * classes, pu + from, pp + from * classes, ps + from * classes, to - from, classes, static_cast<float>(mix));
    });
    context->save_for_backward({p});
    context->saved_data["mix"] = mix;
    return sample;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_double_backward("unimix_sample");
    const at::Tensor p = context->get_saved_variables()[0], dy = gradients[0].contiguous();
    const float keep = 1.0f - static_cast<float>(context->saved_data["mix"].toDouble());
    const int64_t classes = p.size(-1), rows = p.numel() / classes;
    at::Tensor dx = at::empty_like(p);
    const float *pdy = dy.data_ptr<float>(), *pp = p.data_ptr<float>();
    float* pdx = dx.data_ptr<float>();
    at::parallel_for(0, rows, grain(2 * classes), [&](int64_t from, int64_t to) {
      sample_rows_backward(pdy + from * classes, pp + from * classes, pdx + from * classes, to - from, classes, keep);
    });
    return {dx, at::Tensor(), at::Tensor()};
  }
};

// ---- Two-hot scalars ----------------------------------------------------------------------------------------------------------------

// Expected bin; bins are antisymmetric, so bin i is paired with its mirror before summing and equal logits give exactly 0.
DREAMER_SIMD void two_hot_mean_rows(const float* logits, const float* bins, float* mean, int64_t rows, int64_t count) {
  const int64_t half = count / 2;
  for (int64_t i = 0; i < rows; ++i, logits += count) {
    float top = logits[0], value = 0;
    for (int64_t j = 1; j < count; ++j) top = logits[j] > top ? logits[j] : top;
    float total = fast_exp(logits[half] - top);
#pragma omp simd reduction(+ : total, value)
    for (int64_t j = 0; j < half; ++j) {
      const float low = fast_exp(logits[j] - top), high = fast_exp(logits[count - 1 - j] - top);
      total += low + high;
      value += (high - low) * bins[count - 1 - j];
    }
    mean[i] = value / total;
  }
}

// Cross-entropy against several targets per row: K log(sum exp) - sum over targets of w_below x_below + w_above x_above.
DREAMER_SIMD void two_hot_loss_rows(const float* logits, const int64_t* index, const float* weight, float* loss, float* norm, int64_t rows, int64_t count,
                                    int64_t picks) {
  for (int64_t i = 0; i < rows; ++i, logits += count, index += picks, weight += picks) {
    float top = logits[0], total = 0;
    for (int64_t j = 1; j < count; ++j) top = logits[j] > top ? logits[j] : top;
#pragma omp simd reduction(+ : total)
    for (int64_t j = 0; j < count; ++j) total += fast_exp(logits[j] - top);
    norm[i] = top + std::log(total);
    float picked = 0;
    for (int64_t k = 0; k < picks; ++k) picked += weight[k] * logits[index[k]];
    loss[i] = static_cast<float>(picks / 2) * norm[i] - picked;
  }
}

DREAMER_SIMD void two_hot_loss_rows_backward(const float* dy, const float* logits, const int64_t* index, const float* weight, const float* norm, float* dx,
                                             int64_t rows, int64_t count, int64_t picks) {
  for (int64_t i = 0; i < rows; ++i, logits += count, dx += count, index += picks, weight += picks) {
    const float scale = dy[i] * static_cast<float>(picks / 2), shift = norm[i];
#pragma omp simd
    for (int64_t j = 0; j < count; ++j) dx[j] = scale * fast_exp(logits[j] - shift);
    for (int64_t k = 0; k < picks; ++k) dx[index[k]] -= dy[i] * weight[k];
  }
}

struct TwoHotLoss : torch::autograd::Function<TwoHotLoss> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& logits, const at::Tensor& index, const at::Tensor& weight) {
    const at::Tensor x = logits.contiguous(), k = index.contiguous(), w = weight.contiguous();
    const int64_t rows = x.size(0), count = x.size(1), picks = k.size(1);
    at::Tensor loss = at::empty({rows}, x.options()), norm = at::empty({rows}, x.options());
    const float *px = x.data_ptr<float>(), *pw = w.data_ptr<float>();
    const int64_t* pk = k.data_ptr<int64_t>();
    float *pl = loss.data_ptr<float>(), *pn = norm.data_ptr<float>();
    at::parallel_for(0, rows, grain(4 * count), [&](int64_t from, int64_t to) {
      two_hot_loss_rows(px + from * count, pk + from * picks, pw + from * picks, pl + from, pn + from, to - from, count, picks);
    });
    context->save_for_backward({x, k, w, norm});
    return loss;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_double_backward("two_hot_loss");
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &k = saved[1], &w = saved[2], &norm = saved[3];
    const at::Tensor dy = gradients[0].contiguous();
    const int64_t rows = x.size(0), count = x.size(1), picks = k.size(1);
    at::Tensor dx = at::empty_like(x);
    const float *pdy = dy.data_ptr<float>(), *px = x.data_ptr<float>(), *pw = w.data_ptr<float>(), *pn = norm.data_ptr<float>();
    const int64_t* pk = k.data_ptr<int64_t>();
    float* pdx = dx.data_ptr<float>();
    at::parallel_for(0, rows, grain(4 * count), [&](int64_t from, int64_t to) {
      two_hot_loss_rows_backward(pdy + from, px + from * count, pk + from * picks, pw + from * picks, pn + from, pdx + from * count, to - from, count, picks);
    });
    return {dx, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

// gates [N, 3D] in blocks of thirds, state [N, D] -> [N, D]
DREAMER_EXPORT at::Tensor* dreamer_block_gru(const at::Tensor* gates, const at::Tensor* state, int64_t blocks) {
  return guarded<at::Tensor*>(nullptr, [&] {
    check_float_cpu("block_gru", *gates);
    check_float_cpu("block_gru", *state);
    TORCH_CHECK(state->dim() == 2 && gates->dim() == 2 && gates->size(0) == state->size(0) && gates->size(1) == 3 * state->size(1) && blocks > 0 &&
                    state->size(1) % blocks == 0,
                "block_gru: gates ", gates->sizes(), " and state ", state->sizes(), " do not fit ", blocks, " blocks");
    return wrap(BlockGru::apply(*gates, *state, blocks));
  });
}

// logits [..., C], uniform numbers with one element per categorical -> one-hot [..., C]
DREAMER_EXPORT at::Tensor* dreamer_unimix_sample(const at::Tensor* logits, const at::Tensor* uniform, double mix) {
  return guarded<at::Tensor*>(nullptr, [&] {
    check_float_cpu("unimix_sample", *logits);
    check_float_cpu("unimix_sample", *uniform);
    TORCH_CHECK(logits->dim() > 0 && logits->size(-1) > 0 && uniform->numel() * logits->size(-1) == logits->numel(), "unimix_sample: ", uniform->sizes(),
                " uniform numbers do not fit logits ", logits->sizes());
    return wrap(UnimixSample::apply(*logits, *uniform, mix));
  });
}

// logits [R, N], bins [N] -> [R]; no gradient
DREAMER_EXPORT at::Tensor* dreamer_two_hot_mean(const at::Tensor* logits, const at::Tensor* bins) {
  return guarded<at::Tensor*>(nullptr, [&] {
    check_float_cpu("two_hot_mean", *logits);
    check_float_cpu("two_hot_mean", *bins);
    TORCH_CHECK(logits->dim() == 2 && bins->dim() == 1 && logits->size(1) == bins->size(0), "two_hot_mean: logits ", logits->sizes(), " and bins ",
                bins->sizes());
    const at::Tensor x = logits->detach().contiguous(), b = bins->contiguous();
    const int64_t rows = x.size(0), count = x.size(1);
    at::Tensor mean = at::empty({rows}, x.options());
    const float *px = x.data_ptr<float>(), *pb = b.data_ptr<float>();
    float* pm = mean.data_ptr<float>();
    at::parallel_for(0, rows, grain(4 * count), [&](int64_t from, int64_t to) { two_hot_mean_rows(px + from * count, pb, pm + from, to - from, count); });
    return wrap(mean);
  });
}

// logits [R, N]; index and weight [R, 2K]: the bins below and above each of K targets and their shares -> [R]
DREAMER_EXPORT at::Tensor* dreamer_two_hot_loss(const at::Tensor* logits, const at::Tensor* index, const at::Tensor* weight) {
  return guarded<at::Tensor*>(nullptr, [&] {
    check_float_cpu("two_hot_loss", *logits);
    check_float_cpu("two_hot_loss", *weight);
    TORCH_CHECK(logits->dim() == 2 && index->dim() == 2 && index->scalar_type() == at::kLong && index->sizes() == weight->sizes() &&
                    index->size(0) == logits->size(0) && index->size(1) % 2 == 0,
                "two_hot_loss: logits ", logits->sizes(), ", index ", index->sizes(), ", weight ", weight->sizes());
    TORCH_CHECK(index->numel() == 0 || (index->min().item<int64_t>() >= 0 && index->max().item<int64_t>() < logits->size(1)),
                "two_hot_loss: an index lies outside the bins");
    return wrap(TwoHotLoss::apply(*logits, *index, *weight));
  });
}
