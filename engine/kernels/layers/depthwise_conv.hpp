// A convolution of every channel for itself, `multiplier` times. Remembers nothing.
#pragma once

#include "conv.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct DepthwiseConv {
    using L = Lanes<W>;

    struct Room {
        float *seen, *d_seen, *d_sum, *sums;
        std::ptrdiff_t seen_size;
        Room(const Layer& l, float* scratch) {
            seen_size = l.padded() ? std::ptrdiff_t(l.seen_height()) * l.seen_width() * l.in_channels : 0;
            seen = scratch;
            d_seen = seen + seen_size * W;
            d_sum = d_seen + seen_size * W;
            sums = d_sum + l.out_size() * W;
        }
    };

    static int in_width(const Layer& l) { return l.padded() ? l.seen_width() : l.in_width; }

    static const float* input(const Layer& l, const Step& s, const Room& room, int group) {
        const float* in = s.in + group * l.in_size() * W;
        return l.padded() ? pad<W>(l, in, room.seen) : in;
    }

    // The places, in floats, of one channel's first input, first weight and first output, and the strides from
    // one to the next.
    struct Channel {
        std::ptrdiff_t in, weight, out, in_row, in_column, kernel_row, out_row;
        Channel(const Layer& l, int o)
            : in(o / l.multiplier * W), weight(o), out(o * W), in_row(std::ptrdiff_t(in_width(l)) * l.in_channels * W),
              in_column(std::ptrdiff_t(l.in_channels) * W), kernel_row(std::ptrdiff_t(l.kernel_width) * l.out_channels),
              out_row(std::ptrdiff_t(l.out_width) * l.out_channels * W) {}
    };

    // X outputs of a channel side by side, their sums in registers.
    template <int X>
    static NETLET_INLINE void outputs(const Layer& l, const Channel& c, const float* kernel, float bias,
                                      const float* in, float* out) {
        typename L::F sum[X];
#pragma GCC unroll 16
        for (int x = 0; x < X; ++x) sum[x] = L::splat(bias);
        for (int ky = 0; ky < l.kernel_height; ++ky)
            for (int kx = 0; kx < l.kernel_width; ++kx) {
                const float weight = kernel[ky * c.kernel_row + std::ptrdiff_t(kx) * l.out_channels];
                const float* p = in + ky * c.in_row + kx * c.in_column;
#pragma GCC unroll 16
                for (int x = 0; x < X; ++x) sum[x] += weight * L::load(p + x * l.stride_width * c.in_column);
            }
#pragma GCC unroll 16
        for (int x = 0; x < X; ++x)
            L::store(out + std::ptrdiff_t(x) * l.out_channels * W, L::activate(l.activation, sum[x]));
    }

    static void forward(const Layer& l, const Step& s) {
        const Room room(l, s.scratch);
        clear<W>(room.seen, room.seen_size);
        for (int group = 0; group < s.groups; ++group) {
            const float* in = input(l, s, room, group);
            float* out = s.out + group * l.out_size() * W;
            for (int o = 0; o < l.out_channels; ++o) {
                const Channel c(l, o);
                const float* kernel = s.weights + l.kernel_at + c.weight;
                const float bias = l.bias ? s.weights[l.bias_at + o] : 0.0f;
                for (int y = 0; y < l.out_height; ++y)
                    in_blocks<6>(l.out_width, [&](int x, auto across) NETLET_LAMBDA {
                        outputs<decltype(across)::value>(
                            l, c, kernel, bias,
                            in + c.in + y * l.stride_height * c.in_row + x * l.stride_width * c.in_column,
                            out + c.out + y * c.out_row + std::ptrdiff_t(x) * l.out_channels * W);
                    });
            }
        }
    }

    // Adds to `sums` the gradients of K weights side by side, held in registers over all outputs.
    template <int K>
    static NETLET_INLINE void weight_sums(const Layer& l, const Channel& c, const float* in, const float* d_sum,
                                          float* sums) {
        typename L::F sum[K] = {};
        for (int y = 0; y < l.out_height; ++y)
            for (int x = 0; x < l.out_width; ++x) {
                const typename L::F d = L::load(d_sum + y * c.out_row + std::ptrdiff_t(x) * l.out_channels * W);
                const float* p = in + y * l.stride_height * c.in_row + x * l.stride_width * c.in_column;
#pragma GCC unroll 16
                for (int k = 0; k < K; ++k) sum[k] += d * L::load(p + k * c.in_column);
            }
#pragma GCC unroll 16
        for (int k = 0; k < K; ++k) {
            float* place = sums + std::ptrdiff_t(k) * l.out_channels * W;
            L::store(place, L::load(place) + sum[k]);
        }
    }

    // Adds weight times gradient to every input that the weight sees.
    static void spread(const Layer& l, const Channel& c, const float* kernel, const float* d_sum, float* d_in) {
        for (int ky = 0; ky < l.kernel_height; ++ky)
            for (int kx = 0; kx < l.kernel_width; ++kx) {
                const float weight = kernel[ky * c.kernel_row + std::ptrdiff_t(kx) * l.out_channels];
                for (int y = 0; y < l.out_height; ++y) {
                    float* to = d_in + (y * l.stride_height + ky) * c.in_row + kx * c.in_column;
                    const float* d = d_sum + y * c.out_row;
                    for (int x = 0; x < l.out_width; ++x) {
                        L::store(to, L::load(to) + weight * L::load(d));
                        to += l.stride_width * c.in_column;
                        d += std::ptrdiff_t(l.out_channels) * W;
                    }
                }
            }
    }

    static void backward(const Layer& l, const Step& s) {
        const Room room(l, s.scratch);
        clear<W>(room.seen, room.seen_size);
        clear<W>(room.sums, l.kernel_size());
        for (int group = 0; group < s.groups; ++group) {
            const std::ptrdiff_t at = group * l.out_size() * W;
            through_activation<W>(l, s.out + at, s.d_out + at, room.d_sum,
                                  l.bias ? s.d_weights + l.bias_at : nullptr);
            const float* in = input(l, s, room, group);
            float* d_in = s.d_in ? s.d_in + group * l.in_size() * W : nullptr;
            float* d_seen = l.padded() && d_in ? room.d_seen : d_in;
            if (d_in) clear<W>(d_seen, l.padded() ? room.seen_size : l.in_size());
            for (int o = 0; o < l.out_channels; ++o) {
                const Channel c(l, o);
                for (int ky = 0; ky < l.kernel_height; ++ky)
                    in_blocks<6>(l.kernel_width, [&](int kx, auto along) NETLET_LAMBDA {
                        weight_sums<decltype(along)::value>(
                            l, c, in + c.in + ky * c.in_row + kx * c.in_column, room.d_sum + c.out,
                            room.sums + (c.weight + ky * c.kernel_row + std::ptrdiff_t(kx) * l.out_channels) * W);
                    });
                if (d_in) spread(l, c, s.weights + l.kernel_at + c.weight, room.d_sum + c.out, d_seen + c.in);
            }
            if (d_in && l.padded()) unpad(l, d_seen, d_in);
        }
        float* d_kernel = s.d_weights + l.kernel_at;
        for (std::ptrdiff_t i = 0; i < l.kernel_size(); ++i) d_kernel[i] += L::sum(L::load(room.sums + i * W));
    }

    // The gradient of the image from that of the padded image; what no output sees has none.
    static void unpad(const Layer& l, const float* d_seen, float* d_in) {
        for (int y = 0; y < l.in_height; ++y)
            for (int x = 0; x < l.in_width; ++x) {
                float* to = d_in + (std::ptrdiff_t(y) * l.in_width + x) * l.in_channels * W;
                const int sy = y + l.pad_top, sx = x + l.pad_left;
                if (sy < l.seen_height() && sx < l.seen_width())
                    copy<W>(to, d_seen + (std::ptrdiff_t(sy) * l.seen_width() + sx) * l.in_channels * W, l.in_channels);
                else
                    clear<W>(to, l.in_channels);
            }
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
