// Every layer's kernels for one instruction set: compiled once for each, with NETLET_ISA naming the namespace.
// Nothing here may include the standard library: the linker keeps one copy of an inline function, and must not
// keep one that only this file's processor can run.
#include "layers/batch_norm.hpp"
#include "layers/bidirectional.hpp"
#include "layers/conv.hpp"
#include "layers/dense.hpp"
#include "layers/depthwise_conv.hpp"
#include "layers/elementwise.hpp"
#include "layers/embedding.hpp"
#include "layers/gru.hpp"
#include "layers/layer_norm.hpp"
#include "layers/lstm.hpp"
#include "layers/pool.hpp"
#include "layers/rnn.hpp"

namespace netlet {
namespace NETLET_ISA {

// Interleaving the first half of the rows with the second log2(W) times transposes them.
template <int W>
NETLET_INLINE void transpose(typename Lanes<W>::F (&row)[W]) {
    using F = typename Lanes<W>::F;
    for (int stage = 1; stage < W; stage *= 2) {
        F next[W];
#pragma GCC unroll 16
        for (int i = 0; i < W / 2; ++i) {
            if constexpr (W == 16) {
                next[2 * i] = __builtin_shufflevector(row[i], row[i + W / 2], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5,
                                                      21, 6, 22, 7, 23);
                next[2 * i + 1] = __builtin_shufflevector(row[i], row[i + W / 2], 8, 24, 9, 25, 10, 26, 11, 27, 12,
                                                          28, 13, 29, 14, 30, 15, 31);
            } else if constexpr (W == 8) {
                next[2 * i] = __builtin_shufflevector(row[i], row[i + W / 2], 0, 8, 1, 9, 2, 10, 3, 11);
                next[2 * i + 1] = __builtin_shufflevector(row[i], row[i + W / 2], 4, 12, 5, 13, 6, 14, 7, 15);
            } else {
                next[2 * i] = __builtin_shufflevector(row[i], row[i + W / 2], 0, 4, 1, 5);
                next[2 * i + 1] = __builtin_shufflevector(row[i], row[i + W / 2], 2, 6, 3, 7);
            }
        }
#pragma GCC unroll 16
        for (int i = 0; i < W; ++i) row[i] = next[i];
    }
}

template <int W>
void pack(const float* const* rows, int samples, std::ptrdiff_t features, float* out) {
    using L = Lanes<W>;
    std::ptrdiff_t f = 0;
    for (; f + W <= features; f += W) {
        typename L::F row[W];
#pragma GCC unroll 16
        for (int i = 0; i < W; ++i)
            row[i] = i < samples ? typename L::F(*reinterpret_cast<const typename L::Unaligned*>(rows[i] + f))
                                 : typename L::F{};
        transpose<W>(row);
#pragma GCC unroll 16
        for (int i = 0; i < W; ++i) L::store(out + (f + i) * W, row[i]);
    }
    for (; f < features; ++f)
        for (int i = 0; i < W; ++i) out[f * W + i] = i < samples ? rows[i][f] : 0.0f;
}

// k / 255, rounded as a division rounds it: 1/255 in two parts, of which k times the first is exact. Contracted or not,
// that is the quotient for every k (tests/engine/test_pixels.py).
template <class F>
NETLET_INLINE F quotient(F k) {
    return k * 0x1.01p-8f + k * 0x1.0101p-24f;
}

// The bytes of 4 features of a sample travel as one number through the transposition.
template <int W>
void pack_pixels(const std::uint8_t* const* rows, int samples, std::ptrdiff_t features, float* out) {
    using L = Lanes<W>;
    constexpr int block = 4 * W;
    for (std::ptrdiff_t done = 0; done < features; done += block) {
        const std::ptrdiff_t f = done + block <= features ? done : features - block;  // the last may overlap
        typename L::F row[W];
#pragma GCC unroll 16
        for (int i = 0; i < W; ++i)
            row[i] = i < samples ? __builtin_bit_cast(typename L::F, *reinterpret_cast<const typename L::Bytes*>(rows[i] + f))
                                 : typename L::F{};
        transpose<W>(row);
        float* to = out + f * W;
#pragma GCC unroll 16
        for (int i = 0; i < W; ++i) {
            const typename L::U four = __builtin_bit_cast(typename L::U, row[i]);
#pragma GCC unroll 4
            for (int byte = 0; byte < 4; ++byte, to += W) {
                const typename L::I k = __builtin_bit_cast(typename L::I, (four >> (8 * byte)) & 255u);
                L::store(to, quotient(__builtin_convertvector(k, typename L::F)));
            }
        }
    }
}

// Whether all are some whole k / 255; these k.
bool compress(const float* x, std::ptrdiff_t count, std::uint8_t* pixels) {
    constexpr std::ptrdiff_t block = 1024;
    for (std::ptrdiff_t start = 0; start < count; start += block) {
        const std::ptrdiff_t end = start + block < count ? start + block : count;
        int others = 0;
        for (std::ptrdiff_t i = start; i < end; ++i) {
            const float nearest = x[i] * 255 + 0.5f;
            const int k = nearest >= 0 && nearest < 256 ? int(nearest) : 0;  // neither for NaN
            pixels[i] = std::uint8_t(k);
            others |= quotient(float(k)) != x[i];
        }
        if (others) return false;
    }
    return true;
}

template <int W>
constexpr Kernels kernels() {
    Kernels k = {};
    k.width = W;
    const auto set = [&k](Kind kind, Work forward, Work backward) {
        k.forward[int(kind)] = forward;
        k.backward[int(kind)] = backward;
    };
    set(Kind::conv, Conv<W>::forward, Conv<W>::backward);
    set(Kind::depthwise_conv, DepthwiseConv<W>::forward, DepthwiseConv<W>::backward);
    set(Kind::max_pool, Pool<W>::max_forward, Pool<W>::max_backward);
    set(Kind::avg_pool, Pool<W>::avg_forward, Pool<W>::avg_backward);
    set(Kind::global_max_pool, Pool<W>::max_forward, Pool<W>::global_max_backward);
    set(Kind::global_avg_pool, Pool<W>::global_avg_forward, Pool<W>::global_avg_backward);
    set(Kind::dense, Dense<W>::forward, Dense<W>::backward);
    set(Kind::dropout, Dropout<W>::forward, Dropout<W>::backward);
    set(Kind::activation, ActivationLayer<W>::forward, ActivationLayer<W>::backward);
    set(Kind::rnn, Recurrent<W, RnnCell>::forward, Recurrent<W, RnnCell>::backward);
    set(Kind::gru, Recurrent<W, GruCell>::forward, Recurrent<W, GruCell>::backward);
    set(Kind::lstm, Recurrent<W, LstmCell>::forward, Recurrent<W, LstmCell>::backward);
    set(Kind::last_step, LastStep<W>::forward, LastStep<W>::backward);
    set(Kind::batch_norm, BatchNorm<W>::forward, BatchNorm<W>::backward);
    set(Kind::layer_norm, LayerNorm<W>::forward, LayerNorm<W>::backward);
    set(Kind::bidirectional, Bidirectional<W>::forward, Bidirectional<W>::backward);
    set(Kind::embedding, Embedding<W>::forward, Embedding<W>::backward);
    k.sums = BatchNorm<W>::sums;
    k.squares = BatchNorm<W>::squares;
    k.gradient_sums = BatchNorm<W>::gradient_sums;
    k.pack = pack<W>;
    k.pack_pixels = pack_pixels<W>;
    k.compress = compress;
    return k;
}

// Widest first; the last has width 0.
extern const Kernels table[];
#if defined(__AVX512F__)
const Kernels table[] = {kernels<16>(), kernels<8>(), kernels<4>(), {}};
#elif defined(__AVX2__)
const Kernels table[] = {kernels<8>(), kernels<4>(), {}};
#else
const Kernels table[] = {kernels<4>(), {}};
#endif

}  // namespace NETLET_ISA
}  // namespace netlet
