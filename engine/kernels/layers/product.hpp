// The two products everything with weights is made of, with their sums held in registers: a window of inputs
// times weights (forward, and the gradient of the input), and inputs times gradients (gradient of the weights).
// Because features are ordered (row, column, channel), one row of a window is one run of memory, whatever the
// kernel's size; a dense layer is the case of a single row.
#pragma once

#include "../lanes.hpp"

namespace netlet {
namespace NETLET_ISA {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int accumulators = 27;  // of 32 registers
#else
constexpr int accumulators = 12;  // of 16 registers
#endif

template <int N>
struct Size { static constexpr int value = N; };

template <int Most, class Work_>
NETLET_INLINE void with_size(int size, Work_ work) {
    if (size == Most) work(Size<Most>{});
    else if constexpr (Most > 1) with_size<Most - 1>(size, work);
}

// Calls work(start, Size<n>) for blocks that cover 0..total as evenly as `Most` to a block allows.
template <int Most, class Work_>
NETLET_INLINE void in_blocks(int total, Work_ work) {
    const int blocks = (total + Most - 1) / Most;
    int start = 0;
    for (int block = 0; block < blocks; ++block) {
        const int size = (total - start + blocks - block - 1) / (blocks - block);
        with_size<Most>(size, [&](auto n) NETLET_LAMBDA { work(start, n); });
        start += size;
    }
}

// A window moved over one group's input. Strides are in floats.
struct Slide {
    const float* in;
    std::ptrdiff_t in_row, in_column;         // from one output to the next below, to the right
    int window_rows;
    std::ptrdiff_t window_row;                // from one row of the window to the next
    int run;                                  // features in a row of the window
    const float* weights;                     // [window row][run][outputs]
    const float* bias;                        // [outputs] or null
    int outputs;
    float* out;                               // [height][width][outputs], of pooled outputs if pooled
    int height, width;
    Activation activation = Activation::linear;
    std::int32_t* chosen = nullptr;           // which of a pooling window's places was the largest
};

template <int W, int X, int C>
NETLET_INLINE void multiply(const Slide& s, const float* in, const std::ptrdiff_t (&offset)[X], int first,
                            typename Lanes<W>::F (&sum)[X][C]) {
    using L = Lanes<W>;
#pragma GCC unroll 16
    for (int x = 0; x < X; ++x)
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) sum[x][c] = L::splat(s.bias ? s.bias[first + c] : 0.0f);
    const float* w = s.weights + first;
    for (int row = 0; row < s.window_rows; ++row) {
        const float* p = in + row * s.window_row;
        for (int j = 0; j < s.run; ++j) {
            typename L::F weight[C];
#pragma GCC unroll 16
            for (int c = 0; c < C; ++c) weight[c] = L::splat(w[c]);
#pragma GCC unroll 16
            for (int x = 0; x < X; ++x) {
                typename L::F value = L::load(p + offset[x]);
                L::hold(value);
#pragma GCC unroll 16
                for (int c = 0; c < C; ++c) sum[x][c] += weight[c] * value;
            }
            p += W;
            w += s.outputs;
        }
    }
}

// X outputs side by side, C channels at once. The last block of a row overlaps the one before.
template <int W, int X, int C>
NETLET_INLINE void slide_row(const Slide& s, int y, int first) {
    using L = Lanes<W>;
    std::ptrdiff_t offset[X];
#pragma GCC unroll 16
    for (int x = 0; x < X; ++x) offset[x] = x * s.in_column;
    for (int start = 0; start < s.width; start += X) {
        const int left = start + X <= s.width ? start : s.width - X;
        typename L::F sum[X][C];
        multiply<W, X, C>(s, s.in + y * s.in_row + left * s.in_column, offset, first, sum);
        float* out = s.out + ((std::ptrdiff_t(y) * s.width + left) * s.outputs + first) * W;
#pragma GCC unroll 16
        for (int x = 0; x < X; ++x)
#pragma GCC unroll 16
            for (int c = 0; c < C; ++c)
                L::store(out + (x * std::ptrdiff_t(s.outputs) + c) * W, L::activate(s.activation, sum[x][c]));
    }
}

template <int W>
void slide(const Slide& s) {
    constexpr int across = accumulators >= 24 ? 6 : 3;
    for (int y = 0; y < s.height; ++y)
        in_blocks<4>(s.outputs, [&](int first, auto channels) NETLET_LAMBDA {
            constexpr int C = decltype(channels)::value;
            if (s.width >= across) slide_row<W, across, C>(s, y, first);
            else if (s.width >= 2) slide_row<W, 2, C>(s, y, first);
            else slide_row<W, 1, C>(s, y, first);
        });
}

// A window of P x P outputs at once, of which only the largest leaves the registers. Activations rise, so
// the largest output is the activation of the largest sum; the first of equal ones is chosen, as in Keras. In passes
// that only predict, a sum that is NaN makes the output NaN; where backward follows, the gradients will show it.
template <int W, int P, int C>
NETLET_INLINE void pool_place(const Slide& s, int y, int x, int first) {
    using L = Lanes<W>;
    std::ptrdiff_t offset[P * P];
#pragma GCC unroll 16
    for (int p = 0; p < P * P; ++p) offset[p] = p / P * s.in_row + p % P * s.in_column;
    typename L::F sum[P * P][C];
    const float* in = s.in + y * P * s.in_row + x * P * s.in_column;
    multiply<W, P * P, C>(s, in, offset, first, sum);
    const std::ptrdiff_t at = ((std::ptrdiff_t(y) * s.width + x) * s.outputs + first) * W;
    if (s.chosen) {
        typename L::I chosen[C] = {};
#pragma GCC unroll 16
        for (int p = 1; p < P * P; ++p)
#pragma GCC unroll 16
            for (int c = 0; c < C; ++c) {
                const typename L::I larger = sum[p][c] > sum[0][c];
                sum[0][c] = larger ? sum[p][c] : sum[0][c];
                chosen[c] = larger ? typename L::I{} + p : chosen[c];
                L::in_order(chosen[c]);
            }
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) {
            L::store(s.out + at + c * W, L::activate(s.activation, sum[0][c]));
            *reinterpret_cast<typename L::I*>(s.chosen + at + c * W) = chosen[c];
        }
    } else {
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) {
            typename L::F largest = sum[0][c];
#pragma GCC unroll 16
            for (int p = 1; p < P * P; ++p) largest = sum[p][c] > largest ? sum[p][c] : largest;
            // Comparing passes NaN by, adding does not.
            typename L::F all = sum[1][c];
#pragma GCC unroll 16
            for (int p = 2; p < P * P; ++p) all += sum[p][c];
            largest = all != all ? all : largest;
            L::store(s.out + at + c * W, L::activate(s.activation, largest));
        }
    }
}

template <int W, int P>
void slide_and_pool(const Slide& s) {
    constexpr int together = accumulators / (P * P) > 4 ? 4 : accumulators / (P * P);
    for (int y = 0; y < s.height; ++y)
        for (int x = 0; x < s.width; ++x)
            in_blocks<together>(s.outputs, [&](int first, auto channels) NETLET_LAMBDA {
                pool_place<W, P, decltype(channels)::value>(s, y, x, first);
            });
}

// Sums of inputs times gradients over all places of a window, for the gradient of the weights.
struct Correlation {
    const float* in;
    std::ptrdiff_t in_row, in_column;
    int window_rows;
    std::ptrdiff_t window_row;
    int run;
    const float* d_out;                       // gradients: [height][width][outputs] at these strides
    std::ptrdiff_t d_row, d_column;
    int outputs;
    int height, width;
    float* sums;                              // [window row][run][outputs][W]: added to, lane by lane
    float* d_weights;                         // if sums is null: [window row][run][columns], added to
    int columns;                              // numbers in a row of the weights, at least `outputs`
};

template <int W, int R, int J, int C>
NETLET_INLINE void correlate_block(const Correlation& s, int window_row, int run, int first) {
    using L = Lanes<W>;
    typename L::F sum[R][J][C] = {};
    for (int y = 0; y < s.height; ++y) {
        const float* in = s.in + y * s.in_row + window_row * s.window_row + std::ptrdiff_t(run) * W;
        const float* d = s.d_out + y * s.d_row + std::ptrdiff_t(first) * W;
        for (int x = 0; x < s.width; ++x) {
            typename L::F gradient[C];
#pragma GCC unroll 16
            for (int c = 0; c < C; ++c) gradient[c] = L::load(d + c * W);
#pragma GCC unroll 16
            for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
                for (int j = 0; j < J; ++j) {
                    typename L::F value = L::load(in + r * s.window_row + j * W);
                    L::hold(value);
#pragma GCC unroll 16
                    for (int c = 0; c < C; ++c) sum[r][j][c] += value * gradient[c];
                }
            in += s.in_column;
            d += s.d_column;
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
        for (int j = 0; j < J; ++j) {
            const std::ptrdiff_t at =
                (std::ptrdiff_t(window_row + r) * s.run + run + j) * s.columns + first;
#pragma GCC unroll 16
            for (int c = 0; c < C; ++c) {
                if (s.sums) {
                    float* place = s.sums + (at + c) * W;
                    L::store(place, L::load(place) + sum[r][j][c]);
                } else {
                    s.d_weights[at + c] += L::sum(sum[r][j][c]);
                }
            }
        }
}

template <int W>
void correlate(const Correlation& s) {
    if (s.window_rows == 3 && s.run == 3) {  // 3 x 3 on one channel: the whole kernel in one pass
        constexpr int together = accumulators / 9;
        in_blocks<together>(s.outputs, [&](int first, auto channels) NETLET_LAMBDA {
            correlate_block<W, 3, 3, decltype(channels)::value>(s, 0, 0, first);
        });
        return;
    }
    constexpr int along = accumulators >= 24 ? 6 : 3;
    for (int row = 0; row < s.window_rows; ++row)
        in_blocks<along>(s.run, [&](int start, auto features) NETLET_LAMBDA {
            in_blocks<4>(s.outputs, [&](int first, auto channels) NETLET_LAMBDA {
                correlate_block<W, 1, decltype(features)::value, decltype(channels)::value>(s, row, start, first);
            });
        });
}

}  // namespace NETLET_ISA
}  // namespace netlet
