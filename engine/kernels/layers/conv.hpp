// Convolution with its activation and, where one follows that divides evenly into it, max pooling, in one pass.
// Remembers which place of each pooling window was chosen; everything else backward needs is in its output.
#pragma once

#include "common.hpp"
#include "product.hpp"

namespace netlet {
namespace NETLET_ISA {

// The input with zeros around it, as far as the outputs see it. `room` must be zero outside the image.
template <int W>
const float* pad(const Layer& l, const float* in, float* room) {
    const std::ptrdiff_t in_row = std::ptrdiff_t(l.in_width) * l.in_channels;
    const std::ptrdiff_t seen_row = std::ptrdiff_t(l.seen_width()) * l.in_channels;
    const int columns = l.in_width + l.pad_left <= l.seen_width() ? l.in_width : l.seen_width() - l.pad_left;
    for (int y = 0; y < l.in_height && y + l.pad_top < l.seen_height(); ++y)
        copy<W>(room + ((y + l.pad_top) * seen_row + std::ptrdiff_t(l.pad_left) * l.in_channels) * W,
                in + y * in_row * W, std::ptrdiff_t(columns) * l.in_channels);
    return room;
}

template <int W>
struct Conv {
    using L = Lanes<W>;

    struct Room {  // the parts of a step's scratch
        float *seen, *spread, *d_sum, *sums, *turned;
        Room(const Layer& l, float* scratch) {
            seen = scratch;
            spread = seen + (l.padded() ? std::ptrdiff_t(l.seen_height()) * l.seen_width() * l.in_channels * W : 0);
            d_sum = spread + std::ptrdiff_t(l.spread_height()) * l.spread_width() * l.out_channels * W;
            sums = d_sum + l.out_size() * W;
            turned = sums + l.kernel_size() * W;
        }
    };

    // Strides of the input, in floats.
    static std::ptrdiff_t row(const Layer& l) {
        return std::ptrdiff_t(l.padded() ? l.seen_width() : l.in_width) * l.in_channels * W;
    }
    static std::ptrdiff_t column(const Layer& l) { return std::ptrdiff_t(l.in_channels) * W; }

    static const float* input(const Layer& l, const Step& s, const Room& room, int group) {
        const float* in = s.in + group * l.in_size() * W;
        return l.padded() ? pad<W>(l, in, room.seen) : in;
    }

    static void forward(const Layer& l, const Step& s) {
        const Room room(l, s.scratch);
        if (l.padded()) clear<W>(room.seen, (room.spread - room.seen) / W);
        for (int group = 0; group < s.groups; ++group) {
            Slide p;
            p.in = input(l, s, room, group);
            p.in_row = row(l) * l.stride_height;
            p.in_column = column(l) * l.stride_width;
            p.window_rows = l.kernel_height;
            p.window_row = row(l);
            p.run = l.kernel_width * l.in_channels;
            p.weights = s.weights + l.kernel_at;
            p.bias = l.bias ? s.weights + l.bias_at : nullptr;
            p.outputs = l.out_channels;
            p.out = s.out + group * l.out_size() * W;
            p.height = l.out_height;
            p.width = l.out_width;
            p.activation = l.activation;
            p.chosen = s.memory ? s.memory + group * l.out_size() * W : nullptr;
            if (l.pool == 3) slide_and_pool<W, 3>(p);
            else if (l.pool == 2) slide_and_pool<W, 2>(p);
            else slide<W>(p);
        }
    }

    // Puts the gradient of every pooled output where it came from, zeros elsewhere in its window.
    template <int P>
    static void spread(const Layer& l, const float* d_sum, const std::int32_t* chosen, float* to,
                       std::ptrdiff_t to_row, std::ptrdiff_t to_column) {
        for (int y = 0; y < l.out_height; ++y)
            for (int x = 0; x < l.out_width; ++x)
                for (int c = 0; c < l.out_channels; ++c) {
                    const std::ptrdiff_t at = ((std::ptrdiff_t(y) * l.out_width + x) * l.out_channels + c) * W;
                    const typename L::F d = L::load(d_sum + at);
                    float* place = to + y * P * to_row + x * P * to_column + c * W;
                    if constexpr (P == 1) {
                        L::store(place, d);
                    } else {
                        const typename L::I from = *reinterpret_cast<const typename L::I*>(chosen + at);
#pragma GCC unroll 9
                        for (int p = 0; p < P * P; ++p)
                            L::store(place + p / P * to_row + p % P * to_column,
                                     from == p ? d : typename L::F{});
                    }
                }
    }

    static void backward(const Layer& l, const Step& s) {
        const Room room(l, s.scratch);
        const std::ptrdiff_t to_column = std::ptrdiff_t(l.out_channels) * W;
        const std::ptrdiff_t to_row = l.spread_width() * to_column;
        float* const first = room.spread + (l.kernel_height - 1) * to_row + (l.kernel_width - 1) * to_column;
        if (l.padded()) clear<W>(room.seen, (room.spread - room.seen) / W);
        if (s.d_in) clear<W>(room.spread, (room.d_sum - room.spread) / W);
        clear<W>(room.sums, l.kernel_size());
        // The gradient of the input is the convolution of the spread gradient with the kernel turned round.
        if (s.d_in)
            turn(s.weights + l.kernel_at, l.kernel_height * l.kernel_width, l.in_channels, l.out_channels, room.turned);

        // Bands of output rows small enough for their inputs and gradients to stay in the cache while every
        // weight's sum passes over them.
        const std::ptrdiff_t row_bytes = (row(l) * l.stride_height + to_row) * std::ptrdiff_t(sizeof(float));
        const int band = Layer::larger(1, int(cache / row_bytes));

        for (int group = 0; group < s.groups; ++group) {
            const std::ptrdiff_t at = group * l.out_size() * W;
            through_activation<W>(l, s.out + at, s.d_out + at, room.d_sum,
                                  l.bias ? s.d_weights + l.bias_at : nullptr);
            const std::ptrdiff_t step_row = to_row * l.stride_height, step_column = to_column * l.stride_width;
            const std::int32_t* chosen = s.memory ? s.memory + at : nullptr;
            if (l.pool == 3) spread<3>(l, room.d_sum, chosen, first, step_row, step_column);
            else if (l.pool == 2) spread<2>(l, room.d_sum, chosen, first, step_row, step_column);
            else spread<1>(l, room.d_sum, chosen, first, step_row, step_column);

            Correlation c;
            c.in_row = row(l) * l.stride_height;
            c.in_column = column(l) * l.stride_width;
            c.window_rows = l.kernel_height;
            c.window_row = row(l);
            c.run = l.kernel_width * l.in_channels;
            c.d_row = step_row;
            c.d_column = step_column;
            c.outputs = c.columns = l.out_channels;
            c.width = l.conv_width();
            c.sums = room.sums;
            c.d_weights = nullptr;
            const float* in = input(l, s, room, group);
            for (int y = 0; y < l.conv_height(); y += band) {
                c.in = in + y * c.in_row;
                c.d_out = first + y * c.d_row;
                c.height = y + band <= l.conv_height() ? band : l.conv_height() - y;
                correlate<W>(c);
            }

            if (!s.d_in) continue;
            Slide p;
            p.in = room.spread + l.pad_top * to_row + l.pad_left * to_column;
            p.in_row = to_row;
            p.in_column = to_column;
            p.window_rows = l.kernel_height;
            p.window_row = to_row;
            p.run = l.kernel_width * l.out_channels;
            p.weights = room.turned;
            p.bias = nullptr;
            p.outputs = l.in_channels;
            p.out = s.d_in + group * l.in_size() * W;
            p.height = l.in_height;
            p.width = l.in_width;
            slide<W>(p);
        }
        float* d_kernel = s.d_weights + l.kernel_at;
        for (std::ptrdiff_t i = 0; i < l.kernel_size(); ++i) d_kernel[i] += L::sum(L::load(room.sums + i * W));
    }

    static constexpr std::ptrdiff_t cache = 192 * 1024;  // bytes: a good part of any second-level cache
};

}  // namespace NETLET_ISA
}  // namespace netlet
