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

    // Calls work(input place, kernel place, output place), in floats, for every product of the layer.
    template <class Work_>
    static NETLET_INLINE void every_product(const Layer& l, int in_width, Work_ work) {
        for (int y = 0; y < l.out_height; ++y)
            for (int x = 0; x < l.out_width; ++x)
                for (int o = 0; o < l.out_channels; ++o)
                    for (int ky = 0; ky < l.kernel_height; ++ky)
                        for (int kx = 0; kx < l.kernel_width; ++kx)
                            work(((std::ptrdiff_t(y) * l.stride_height + ky) * in_width + x * l.stride_width + kx) *
                                         l.in_channels + o / l.multiplier,
                                 (std::ptrdiff_t(ky) * l.kernel_width + kx) * l.out_channels + o,
                                 (std::ptrdiff_t(y) * l.out_width + x) * l.out_channels + o);
    }

    static int in_width(const Layer& l) { return l.padded() ? l.seen_width() : l.in_width; }

    static const float* input(const Layer& l, const Step& s, const Room& room, int group) {
        const float* in = s.in + group * l.in_size() * W;
        return l.padded() ? pad<W>(l, in, room.seen) : in;
    }

    static void forward(const Layer& l, const Step& s) {
        const Room room(l, s.scratch);
        clear<W>(room.seen, room.seen_size);
        const float* kernel = s.weights + l.kernel_at;
        for (int group = 0; group < s.groups; ++group) {
            const float* in = input(l, s, room, group);
            float* out = s.out + group * l.out_size() * W;
            for (std::ptrdiff_t i = 0; i < l.out_size(); ++i)
                L::store(out + i * W, L::splat(l.bias ? s.weights[l.bias_at + i % l.out_channels] : 0.0f));
            every_product(l, in_width(l), [&](std::ptrdiff_t i, std::ptrdiff_t k, std::ptrdiff_t o) NETLET_LAMBDA {
                L::store(out + o * W, L::load(out + o * W) + kernel[k] * L::load(in + i * W));
            });
            for (std::ptrdiff_t i = 0; i < l.out_size(); ++i)
                L::store(out + i * W, L::activate(l.activation, L::load(out + i * W)));
        }
    }

    static void backward(const Layer& l, const Step& s) {
        const Room room(l, s.scratch);
        const float* kernel = s.weights + l.kernel_at;
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
            every_product(l, in_width(l), [&](std::ptrdiff_t i, std::ptrdiff_t k, std::ptrdiff_t o) NETLET_LAMBDA {
                const typename L::F d = L::load(room.d_sum + o * W);
                L::store(room.sums + k * W, L::load(room.sums + k * W) + d * L::load(in + i * W));
                if (d_in) L::store(d_seen + i * W, L::load(d_seen + i * W) + kernel[k] * d);
            });
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
