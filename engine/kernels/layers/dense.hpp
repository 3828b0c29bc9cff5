// Fully connected: every row of features times the kernel, plus bias, through the activation. Remembers nothing.
#pragma once

#include "common.hpp"
#include "product.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct Dense {
    static void forward(const Layer& l, const Step& s) {
        Slide p = rows(l, s.in, s.groups, s.weights + l.kernel_at, l.in_channels, l.out_channels, s.out);
        p.bias = l.bias ? s.weights + l.bias_at : nullptr;
        p.activation = l.activation;
        slide<W>(p);
    }

    static void backward(const Layer& l, const Step& s) {
        float* const d_sum = s.scratch;
        float* const turned = d_sum + l.out_size() * W * s.groups;
        for (int group = 0; group < s.groups; ++group) {
            const std::ptrdiff_t at = group * l.out_size() * W;
            through_activation<W>(l, s.out + at, s.d_out + at, d_sum + at,
                                  l.bias ? s.d_weights + l.bias_at : nullptr);
        }
        Correlation c;
        c.in = s.in;
        c.in_row = c.window_row = 0;
        c.in_column = std::ptrdiff_t(l.in_channels) * W;
        c.window_rows = 1;
        c.run = l.in_channels;
        c.d_out = d_sum;
        c.d_row = 0;
        c.d_column = std::ptrdiff_t(l.out_channels) * W;
        c.outputs = c.columns = l.out_channels;
        c.height = 1;
        c.width = s.groups * l.in_height * l.in_width;
        c.sums = nullptr;
        c.d_weights = s.d_weights + l.kernel_at;
        correlate<W>(c);
        if (!s.d_in) return;
        turn(s.weights + l.kernel_at, 1, l.in_channels, l.out_channels, turned);
        slide<W>(rows(l, d_sum, s.groups, turned, l.out_channels, l.in_channels, s.d_in));
    }

    // All rows of all groups as one row of places, with a window of one place.
    static Slide rows(const Layer& l, const float* in, int groups, const float* weights, int inputs, int outputs,
                      float* out) {
        Slide p;
        p.in = in;
        p.in_row = p.window_row = 0;
        p.in_column = std::ptrdiff_t(inputs) * W;
        p.window_rows = 1;
        p.run = inputs;
        p.weights = weights;
        p.bias = nullptr;
        p.outputs = outputs;
        p.out = out;
        p.height = 1;
        p.width = groups * l.in_height * l.in_width;
        return p;
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
