// Keras's SimpleRNN: h = f(x K + h' U + b), h' the output of the step before.
#pragma once

#include "recurrent.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct RnnCell {
    using L = Lanes<W>;
    static constexpr int columns = 1;

    const Layer& l;
    const float *kernel, *recurrent, *bias, *turned;

    RnnCell(const Layer& layer, const float* weights, const float* turned_recurrent, float*)
        : l(layer), kernel(weights + l.kernel_at), recurrent(weights + l.recurrent_at),
          bias(l.bias ? weights + l.bias_at : nullptr), turned(turned_recurrent) {}

    void forward(const Moment& m) const {
        sum_terms<W>({m.in, l.in_channels, kernel}, {m.h_before, l.out_channels, recurrent}, l.out_channels, bias,
                     l.out_channels, l.activation, m.h);
    }

    void backward(const Moment& m) const {
        for (std::ptrdiff_t i = 0; i < std::ptrdiff_t(l.out_channels) * W; i += W)
            L::store(m.d + i, L::load(m.d_h + i) * L::slope(l.activation, L::load(m.h + i)));
        sum_terms<W>({m.d, l.out_channels, turned}, {}, l.out_channels, nullptr, l.out_channels, Activation::linear,
                     m.d_h_before);
    }

    void gradients(const Step& s, const float* d) const {
        const std::ptrdiff_t steps = std::ptrdiff_t(s.groups) * l.in_width, d_step = std::ptrdiff_t(l.out_channels) * W;
        add_products<W>(s.in, l.in_channels, std::ptrdiff_t(l.in_channels) * W, d, d_step, l.out_channels, steps,
                        l.out_channels, s.d_weights + l.kernel_at);
        add_recurrent_products<W>(l, s, d, d_step, l.out_channels, s.d_weights + l.recurrent_at);
        if (l.bias) add_sums<W>(d, d_step, l.out_channels, steps, s.d_weights + l.bias_at);
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
