// The two convolutions of the image networks as autograd nodes, each with the change of size that goes with it, so that nothing of the larger
// size but the result is ever in memory: 5x5 then max-pool 2x2, and nearest-neighbour doubling then 5x5. Images are [N, H, W, C].
// Doubled pixels repeat: each of the four results of a pixel (its phases) sees a 3x3 window of the small image through sums of the 5x5 kernel.
#include "winograd.h"

using namespace dreamer;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

constexpr int kKernel = 5;
constexpr int kPixels = kTile * kTile;
constexpr int64_t kChunk = 48;  // tiles at once, so that their points stay near the processor
constexpr int64_t kPartials = int64_t{8} << 20;  // elements of all partial sums of the weights' gradient, at most, where there are more than four

// Tiles are cut from images of this size; `outputs` channels in each phase.
struct Sizes {
  int64_t images, height, width, inputs, outputs;
  int64_t down() const { return (height + kTile - 1) / kTile; }
  int64_t across() const { return (width + kTile - 1) / kTile; }
  int64_t tiles() const { return images * down() * across(); }
};

// Where a tile begins: image, row and column of its first output.
struct Place {
  int64_t image, y, x;
  Place(const Sizes& s, int64_t tile)
      : image(tile / (s.down() * s.across())), y(tile / s.across() % s.down() * kTile), x(tile % s.across() * kTile) {}
};

// The whole kernel, then the pool: F(4x4, 5x5) at the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity.
struct Halving {
  static constexpr int points = 8, taps = 5, phases = 1;
  static double weight(int, int tap, int element) { return tap == element; }
  static double row(int point, int tap) {
    constexpr double at[] = {0, 1, -1, 2, -2, 0.5, -0.5}, factor[] = {1, -2.0 / 9, -2.0 / 9, 1.0 / 90, 1.0 / 90, 32.0 / 45, 32.0 / 45};
    return point == 7 ? tap == 4 : factor[point] * std::pow(at[point], tap);
  }

  DREAMER_INLINE void to_input(const vector16* in, vector16* out) { tile_to_points(kInput8, in, out); }
  DREAMER_INLINE void from_input(const vector16* in, vector16* out) { tile_from_points(kInput8, in, out); }
  DREAMER_INLINE void to_output(const vector16* in, vector16* out) { tile_to_points(kOutput8, in, out); }
  DREAMER_INLINE void from_output(const vector16* in, vector16* out) { tile_from_points(kOutput8, in, out); }

  // Writes the largest of each 2x2 pixels, and which it was.
  DREAMER_INLINE void write(const Sizes& s, const Place& at, int64_t channel, const vector16* pixels, const float* bias, float* y, uint8_t* index) {
    const int64_t count = std::min<int64_t>(kLanes, s.outputs - channel);
    const vector16 shift = load_lanes(bias + channel, count);
    for (int r = 0; r < 2 && at.y / 2 + r < s.height / 2; ++r) {
      for (int c = 0; c < 2 && at.x / 2 + c < s.width / 2; ++c) {
        const vector16* corner = pixels + 2 * r * kTile + 2 * c;
        vector16 best = corner[0];
        mask16 which = {};
        for (int k = 1; k < 4; ++k) {
          const vector16 other = corner[k / 2 * kTile + k % 2];
          const mask16 better = other > best;
          best = better ? other : best;
          which = better ? mask16{} + k : which;
        }
        const int64_t offset = ((at.image * (s.height / 2) + at.y / 2 + r) * (s.width / 2) + at.x / 2 + c) * s.outputs + channel;
        best += shift;
        if (count == kLanes) {
          *reinterpret_cast<vector16*>(y + offset) = best;
          *reinterpret_cast<bytes16*>(index + offset) = __builtin_convertvector(which, bytes16);
        } else {
          for (int64_t i = 0; i < count; ++i) y[offset + i] = best[i], index[offset + i] = static_cast<uint8_t>(which[i]);
        }
      }
    }
  }

  DREAMER_INLINE void read(const Sizes& s, const Place& at, int64_t channel, const float* dy, const uint8_t* index, vector16* pixels) {
    const int64_t count = std::min<int64_t>(kLanes, s.outputs - channel);
    for (int k = 0; k < kPixels; ++k) pixels[k] = vector16{};
    for (int r = 0; r < 2 && at.y / 2 + r < s.height / 2; ++r) {
      for (int c = 0; c < 2 && at.x / 2 + c < s.width / 2; ++c) {
        const int64_t offset = ((at.image * (s.height / 2) + at.y / 2 + r) * (s.width / 2) + at.x / 2 + c) * s.outputs + channel;
        const vector16 slope = load_lanes(dy + offset, count);
        mask16 which = {};
        if (count == kLanes) {
          which = __builtin_convertvector(*reinterpret_cast<const bytes16*>(index + offset), mask16);
        } else {
          for (int64_t i = 0; i < count; ++i) which[i] = index[offset + i];
        }
        for (int k = 0; k < 4; ++k) pixels[(2 * r + k / 2) * kTile + 2 * c + k % 2] = which == mask16{} + k ? slope : vector16{};
      }
    }
  }
};

// F(4x4, 3x3) at the points 0, 1, -1, 2, -2 and infinity for each phase: one transformed tile serves all four.
struct Doubling {
  static constexpr int points = 6, taps = 3, phases = 2;
  static double weight(int phase, int tap, int element) { return (element + phase) / 2 == tap; }
  static double row(int point, int tap) {
    constexpr double at[] = {0, 1, -1, 2, -2}, factor[] = {1.0 / 4, -1.0 / 6, -1.0 / 6, 1.0 / 24, 1.0 / 24};
    return point == 5 ? tap == 2 : factor[point] * std::pow(at[point], tap);
  }

  DREAMER_INLINE void to_input(const vector16* in, vector16* out) { tile_to_points(kInput6, in, out); }
  DREAMER_INLINE void from_input(const vector16* in, vector16* out) { tile_from_points(kInput6, in, out); }
  DREAMER_INLINE void to_output(const vector16* in, vector16* out) { tile_to_points(kOutput6, in, out); }
  DREAMER_INLINE void from_output(const vector16* in, vector16* out) { tile_from_points(kOutput6, in, out); }

  // Calls body(pixel of the tile, offset in the large image) for every pixel of a phase.
  template <typename F>
  DREAMER_INLINE void for_pixels(const Sizes& s, const Place& at, int64_t phase, F&& body) {
    for (int64_t r = 0; r < std::min<int64_t>(kTile, s.height - at.y); ++r) {
      const int64_t line = (at.image * s.height + at.y + r) * 2 + phase / 2;
      for (int64_t c = 0; c < std::min<int64_t>(kTile, s.width - at.x); ++c) {
        body(r * kTile + c, ((line * s.width + at.x + c) * 2 + phase % 2) * s.outputs);
      }
    }
  }

  DREAMER_INLINE void write(const Sizes& s, const Place& at, int64_t column, const vector16* pixels, const float* bias, float* y, uint8_t*) {
    if (s.outputs % kLanes == 0) {
      const int64_t channel = column % s.outputs;
      const vector16 shift = *reinterpret_cast<const vector16*>(bias + channel);
      for_pixels(s, at, column / s.outputs, [&](int64_t k, int64_t offset) { *reinterpret_cast<vector16*>(y + offset + channel) = pixels[k] + shift; });
      return;
    }
    for (int64_t i = 0; i < std::min<int64_t>(kLanes, 4 * s.outputs - column); ++i) {
      const int64_t channel = (column + i) % s.outputs;
      for_pixels(s, at, (column + i) / s.outputs, [&](int64_t k, int64_t offset) { y[offset + channel] = pixels[k][i] + bias[channel]; });
    }
  }

  DREAMER_INLINE void read(const Sizes& s, const Place& at, int64_t column, const float* dy, const uint8_t*, vector16* pixels) {
    for (int k = 0; k < kPixels; ++k) pixels[k] = vector16{};
    if (s.outputs % kLanes == 0) {
      const int64_t channel = column % s.outputs;
      for_pixels(s, at, column / s.outputs, [&](int64_t k, int64_t offset) { pixels[k] = *reinterpret_cast<const vector16*>(dy + offset + channel); });
      return;
    }
    for (int64_t i = 0; i < std::min<int64_t>(kLanes, 4 * s.outputs - column); ++i) {
      const int64_t channel = (column + i) % s.outputs;
      for_pixels(s, at, (column + i) / s.outputs, [&](int64_t k, int64_t offset) { pixels[k][i] = dy[offset + channel]; });
    }
  }
};

// Buffers of one thread: for every point, rows of tiles.
template <typename Kind>
struct Points {
  static constexpr int count = Kind::points * Kind::points;
  int64_t width, stride;
  explicit Points(int64_t columns) : width(padded(columns)), stride(kChunk * width + kLanes) {}
  int64_t size() const { return count * stride; }
};

// Calls body(pixel of the tile, offset in the image) for the pixels of a tile's window that lie inside the image.
template <typename Kind, typename F>
DREAMER_INLINE void for_window(const Sizes& s, const Place& at, F&& body) {
  const int64_t top = at.y - Kind::taps / 2, left = at.x - Kind::taps / 2;
  for (int64_t r = std::max<int64_t>(0, -top); r < std::min<int64_t>(Kind::points, s.height - top); ++r) {
    const int64_t line = (at.image * s.height + top + r) * s.width + left;
    for (int64_t c = std::max<int64_t>(0, -left); c < std::min<int64_t>(Kind::points, s.width - left); ++c) {
      body(r * Kind::points + c, (line + c) * s.inputs);
    }
  }
}

template <typename Kind>
DREAMER_INLINE void transform_input(const Sizes& s, const float* x, float* u, int64_t first, int64_t count) {
  const Points<Kind> points(s.inputs);
  for (int64_t t = 0; t < count; ++t) {
    const Place at(s, first + t);
    for (int64_t i = 0; i < s.inputs; i += kLanes) {
      vector16 tile[Points<Kind>::count] = {}, result[Points<Kind>::count];
      for_window<Kind>(s, at, [&](int64_t k, int64_t offset) { tile[k] = load_lanes(x + offset + i, s.inputs - i); });
      Kind::to_input(tile, result);
      for (int p = 0; p < Points<Kind>::count; ++p) *reinterpret_cast<vector16*>(u + p * points.stride + t * points.width + i) = result[p];
    }
  }
}

// The transposed map; windows overlap, so it adds.
template <typename Kind>
DREAMER_INLINE void add_input(const Sizes& s, const float* du, float* dx, int64_t first, int64_t count) {
  const Points<Kind> points(s.inputs);
  for (int64_t t = 0; t < count; ++t) {
    const Place at(s, first + t);
    for (int64_t i = 0; i < s.inputs; i += kLanes) {
      vector16 tile[Points<Kind>::count], result[Points<Kind>::count];
      for (int p = 0; p < Points<Kind>::count; ++p) result[p] = *reinterpret_cast<const vector16*>(du + p * points.stride + t * points.width + i);
      Kind::from_input(result, tile);
      for_window<Kind>(s, at, [&](int64_t k, int64_t offset) { add_lanes(dx + offset + i, tile[k], s.inputs - i); });
    }
  }
}

template <typename Kind>
DREAMER_INLINE void write_output(const Sizes& s, const float* m, const float* bias, float* y, uint8_t* index, int64_t first, int64_t count) {
  const int64_t columns = s.outputs * Kind::phases * Kind::phases;
  const Points<Kind> points(columns);
  for (int64_t t = 0; t < count; ++t) {
    const Place at(s, first + t);
    for (int64_t j = 0; j < columns; j += kLanes) {
      vector16 tile[Points<Kind>::count], result[kPixels];
      for (int p = 0; p < Points<Kind>::count; ++p) tile[p] = *reinterpret_cast<const vector16*>(m + p * points.stride + t * points.width + j);
      Kind::from_output(tile, result);
      Kind::write(s, at, j, result, bias, y, index);
    }
  }
}

template <typename Kind>
DREAMER_INLINE void transform_gradient(const Sizes& s, const float* dy, const uint8_t* index, float* d, int64_t first, int64_t count) {
  const int64_t columns = s.outputs * Kind::phases * Kind::phases;
  const Points<Kind> points(columns);
  for (int64_t t = 0; t < count; ++t) {
    const Place at(s, first + t);
    for (int64_t j = 0; j < columns; j += kLanes) {
      vector16 tile[kPixels], result[Points<Kind>::count];
      Kind::read(s, at, j, dy, index, tile);
      Kind::to_output(tile, result);
      for (int p = 0; p < Points<Kind>::count; ++p) *reinterpret_cast<vector16*>(d + p * points.stride + t * points.width + j) = result[p];
    }
  }
}

DREAMER_SIMD void input_tiles(bool doubling, const Sizes& s, const float* x, float* u, int64_t first, int64_t count) {
  doubling ? transform_input<Doubling>(s, x, u, first, count) : transform_input<Halving>(s, x, u, first, count);
}

DREAMER_SIMD void add_tiles(bool doubling, const Sizes& s, const float* du, float* dx, int64_t first, int64_t count) {
  doubling ? add_input<Doubling>(s, du, dx, first, count) : add_input<Halving>(s, du, dx, first, count);
}

DREAMER_SIMD void output_tiles(bool doubling, const Sizes& s, const float* m, const float* bias, float* y, uint8_t* index, int64_t first, int64_t count) {
  doubling ? write_output<Doubling>(s, m, bias, y, index, first, count) : write_output<Halving>(s, m, bias, y, index, first, count);
}

DREAMER_SIMD void gradient_tiles(bool doubling, const Sizes& s, const float* dy, const uint8_t* index, float* d, int64_t first, int64_t count) {
  doubling ? transform_gradient<Doubling>(s, dy, index, d, first, count) : transform_gradient<Halving>(s, dy, index, d, first, count);
}

DREAMER_SIMD void add_rows(const float* rows, int64_t count, int64_t width, float* sum) {
  for (int64_t t = 0; t < count; ++t, rows += width) {
#pragma omp simd
    for (int64_t j = 0; j < width; ++j) sum[j] += rows[j];
  }
}

// The linear map from the 5x5 kernel to the points of every phase: [phases^2 * points^2, 25].
template <typename Kind>
at::Tensor point_map() {
  constexpr int points = Kind::points, phases = Kind::phases;
  double axis[phases][points][kKernel] = {};
  for (int f = 0; f < phases; ++f)
    for (int p = 0; p < points; ++p)
      for (int t = 0; t < Kind::taps; ++t)
        for (int e = 0; e < kKernel; ++e) axis[f][p][e] += Kind::row(p, t) * Kind::weight(f, t, e);
  at::Tensor map = at::empty({phases * phases * points * points, kKernel * kKernel}, at::kFloat);
  float* out = map.data_ptr<float>();
  for (int f = 0; f < phases * phases; ++f)
    for (int p = 0; p < points * points; ++p)
      for (int e = 0; e < kKernel * kKernel; ++e)
        *out++ = static_cast<float>(axis[f / phases][p / points][e / kKernel] * axis[f % phases][p % points][e % kKernel]);
  return map;
}

// A matrix for every point, with padded rows.
at::Tensor with_padding(const at::Tensor& matrices) {
  at::Tensor result = at::zeros({matrices.size(0), matrices.size(1), padded(matrices.size(2))}, matrices.options());
  result.narrow(2, 0, matrices.size(2)).copy_(matrices);
  return result;
}

template <typename Kind>
struct ImageConvolution : torch::autograd::Function<ImageConvolution<Kind>> {
  static constexpr bool doubling = Kind::phases == 2;
  static constexpr int64_t points = Points<Kind>::count, phases = Kind::phases * Kind::phases;

  static Sizes sizes(const at::Tensor& x, const at::Tensor& weight) { return {x.size(0), x.size(1), x.size(2), x.size(3), weight.size(0)}; }

  // [O, I, 5, 5] -> [points, I, phases * O]
  static at::Tensor to_matrices(const Sizes& s, const at::Tensor& weight) {
    return at::mm(point_map<Kind>(), weight.reshape({-1, kKernel * kKernel}).t())
        .view({phases, points, s.outputs, s.inputs})
        .permute({1, 3, 0, 2})
        .reshape({points, s.inputs, phases * s.outputs});
  }

  // The transposed map, for gradients.
  static at::Tensor from_matrices(const Sizes& s, const at::Tensor& matrices) {
    const at::Tensor rows = matrices.reshape({points, s.inputs, phases, s.outputs}).permute({2, 0, 3, 1}).reshape({phases * points, s.outputs * s.inputs});
    return at::mm(rows.t(), point_map<Kind>()).view({s.outputs, s.inputs, kKernel, kKernel});
  }

  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
    const at::Tensor x = input.contiguous(), b = bias.contiguous();
    const Sizes s = sizes(x, weight);
    const int64_t columns = phases * s.outputs;
    const at::Tensor v = with_padding(to_matrices(s, weight));
    at::Tensor y = doubling ? at::empty({s.images, 2 * s.height, 2 * s.width, s.outputs}, x.options())
                            : at::empty({s.images, s.height / 2, s.width / 2, s.outputs}, x.options());
    at::Tensor index = at::empty(doubling ? at::IntArrayRef{0} : y.sizes(), x.options().dtype(at::kByte));
    const float *px = x.data_ptr<float>(), *pv = v.data_ptr<float>(), *pb = b.data_ptr<float>();
    float* py = y.data_ptr<float>();
    uint8_t* pi = index.data_ptr<uint8_t>();
    const Points<Kind> in(s.inputs), out(columns);
    at::parallel_for(0, (s.tiles() + kChunk - 1) / kChunk, 1, [&](int64_t from, int64_t to) {
      const at::Tensor scratch = at::empty({in.size() + out.size()}, at::kFloat);
      float *u = scratch.data_ptr<float>(), *m = u + in.size();
      for (int64_t chunk = from; chunk < to; ++chunk) {
        const int64_t first = chunk * kChunk, count = std::min(kChunk, s.tiles() - first);
        input_tiles(doubling, s, px, u, first, count);
        for (int64_t p = 0; p < points; ++p)
          product(u + p * in.stride, in.width, 1, pv + p * s.inputs * out.width, m + p * out.stride, count, columns, s.inputs, false);
        output_tiles(doubling, s, m, pb, py, pi, first, count);
      }
    });
    context->save_for_backward({x, weight, index});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_double_backward("image_convolution");
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &index = saved[2];
    const at::Tensor dy = gradients[0].contiguous();
    const Sizes s = sizes(x, weight);
    const int64_t columns = phases * s.outputs;
    const bool down = context->needs_input_grad(0);
    const Points<Kind> in(s.inputs), out(columns);
    // One sum of the weights' gradient per group of images, so that it does not depend on the number of threads.
    const int64_t groups = std::min(s.images, std::max<int64_t>(4, std::min<int64_t>(16, kPartials / (points * s.inputs * out.width))));
    const at::Tensor v = down ? with_padding(to_matrices(s, weight).transpose(1, 2)) : at::Tensor();
    at::Tensor dx = down ? at::zeros_like(x) : at::Tensor(), dv = at::empty({groups, points, s.inputs, out.width}, x.options());
    at::Tensor db = at::zeros({groups, out.width}, x.options());
    const float *px = x.data_ptr<float>(), *pdy = dy.data_ptr<float>(), *pv = down ? v.data_ptr<float>() : nullptr;
    const uint8_t* pi = index.data_ptr<uint8_t>();
    float *pdx = down ? dx.data_ptr<float>() : nullptr, *pdv = dv.data_ptr<float>(), *pdb = db.data_ptr<float>();
    at::parallel_for(0, groups, 1, [&](int64_t from, int64_t to) {
      const at::Tensor scratch = at::empty({in.size() + out.size()}, at::kFloat);
      float *u = scratch.data_ptr<float>(), *d = u + in.size();
      for (int64_t group = from; group < to; ++group) {
        float* sum = pdv + group * points * s.inputs * out.width;
        const int64_t per_image = s.tiles() / s.images, end = s.images * (group + 1) / groups * per_image;
        const int64_t start = s.images * group / groups * per_image;
        for (int64_t first = start; first < end; first += kChunk) {
          const int64_t count = std::min(kChunk, end - first);
          gradient_tiles(doubling, s, pdy, pi, d, first, count);
          // The value at the points 1, 1 is the sum over the tile.
          add_rows(d + (Kind::points + 1) * out.stride, count, out.width, pdb + group * out.width);
          input_tiles(doubling, s, px, u, first, count);
          for (int64_t p = 0; p < points; ++p)
            product(u + p * in.stride, 1, in.width, d + p * out.stride, sum + p * s.inputs * out.width, s.inputs, columns, count, first > start);
          if (!down) continue;
          for (int64_t p = 0; p < points; ++p)
            product(d + p * out.stride, out.width, 1, pv + p * columns * in.width, u + p * in.stride, count, s.inputs, columns, false);
          add_tiles(doubling, s, u, pdx, first, count);
        }
      }
    });
    return {dx, from_matrices(s, dv.sum(0).narrow(2, 0, columns)), db.sum(0).narrow(0, 0, columns).view({phases, s.outputs}).sum(0)};
  }
};

template <typename Kind>
at::Tensor* convolve(const char* kernel, const at::Tensor* x, const at::Tensor* weight, const at::Tensor* bias) {
  return guarded<at::Tensor*>(nullptr, [&] {
    for (const at::Tensor* tensor : {x, weight, bias}) check_float_cpu(kernel, *tensor);
    TORCH_CHECK(x->dim() == 4 && weight->dim() == 4 && bias->dim() == 1 && x->numel() > 0 && weight->numel() > 0 && weight->size(1) == x->size(3) &&
                    weight->size(2) == kKernel && weight->size(3) == kKernel && weight->size(0) == bias->size(0),
                kernel, ": images ", x->sizes(), ", kernel ", weight->sizes(), " and bias ", bias->sizes(), " do not fit");
    return wrap(ImageConvolution<Kind>::apply(*x, *weight, *bias));
  });
}

}  // namespace

// x [N, H, W, I], weight [O, I, 5, 5], bias [O] -> [N, H/2, W/2, O]; H and W at least 2
DREAMER_EXPORT at::Tensor* dreamer_convolve_pool(const at::Tensor* x, const at::Tensor* weight, const at::Tensor* bias) {
  return convolve<Halving>("convolve_pool", x, weight, bias);
}

// x [N, H, W, I], weight [O, I, 5, 5], bias [O] -> [N, 2H, 2W, O]
DREAMER_EXPORT at::Tensor* dreamer_double_convolve(const at::Tensor* x, const at::Tensor* weight, const at::Tensor* bias) {
  return convolve<Doubling>("double_convolve", x, weight, bias);
}
