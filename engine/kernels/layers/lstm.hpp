// Keras's LSTM. Input i, forget f and output o gates, candidate g, cell state c, with s the sigmoid (or another
// activation) and a the layer's own:
//   i, f, o = s(x K + h' U + b), g = a(x K + h' U + b), c = f c' + i g, h = o a(c); gates in the order i, f, g, o.
#pragma once

#include "recurrent.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct LstmCell {
    using L = Lanes<W>;
    static constexpr int columns = 4;

    const Layer& l;
    const int units, sums;
    const std::ptrdiff_t row;  // floats from one gate to the next
    const float *kernel, *recurrent, *bias, *turned;

    LstmCell(const Layer& layer, const float* weights, const float* turned_recurrent, float*)
        : l(layer), units(l.out_channels), sums(4 * units), row(std::ptrdiff_t(units) * W),
          kernel(weights + l.kernel_at), recurrent(weights + l.recurrent_at),
          bias(l.bias ? weights + l.bias_at : nullptr), turned(turned_recurrent) {}

    void sum_gates(const Moment& m, int first, int count, Activation activation) const {
        const int at = first * units;
        sum_terms<W>({m.in, l.in_channels, kernel + at}, {m.h_before, units, recurrent + at}, sums,
                     bias ? bias + at : nullptr, count * units, activation, m.kept + first * row);
    }

    void forward(const Moment& m) const {
        sum_gates(m, 0, 2, l.recurrent_activation);
        sum_gates(m, 2, 1, l.activation);
        sum_gates(m, 3, 1, l.recurrent_activation);
        const float *input = m.kept, *forget = input + row, *candidate = forget + row, *output = candidate + row;
        float *cell = m.kept + 4 * row, *active = cell + row;
        const bool masked = m.mask != nullptr;
        for (std::ptrdiff_t i = 0; i < row; i += W) {
            const typename L::F before = L::load(m.c_before + i);
            const typename L::F c = L::load(forget + i) * before + L::load(input + i) * L::load(candidate + i);
            const typename L::F y = L::activate(l.activation, c);
            L::store(cell + i, masked ? (L::load(m.mask) > 0.0f ? c : before) : c);
            L::store(active + i, y);
            L::store(m.h + i, L::load(output + i) * y);
        }
    }

    void backward(const Moment& m) const {
        const float *input = m.kept, *forget = input + row, *candidate = forget + row, *output = candidate + row;
        const float* active = m.kept + 5 * row;
        float *d_input = m.d, *d_forget = d_input + row, *d_candidate = d_forget + row, *d_output = d_candidate + row;
        const Activation gate = l.recurrent_activation;
        for (std::ptrdiff_t i = 0; i < row; i += W) {
            const typename L::F d_h = L::load(m.d_h + i), o = L::load(output + i), y = L::load(active + i);
            const typename L::F in = L::load(input + i), f = L::load(forget + i), g = L::load(candidate + i);
            typename L::F d_c = L::load(m.d_c + i), held = {};
            if (m.mask) {  // the cell state passed a masked step by
                const typename L::I counts = L::load(m.mask) > 0.0f;
                held = counts ? held : d_c;
                d_c = counts ? d_c : typename L::F{};
            }
            d_c += d_h * o * L::slope(l.activation, y);
            L::store(d_output + i, d_h * y * L::slope(gate, o));
            L::store(d_input + i, d_c * g * L::slope(gate, in));
            L::store(d_forget + i, d_c * L::load(m.c_before + i) * L::slope(gate, f));
            L::store(d_candidate + i, d_c * in * L::slope(l.activation, g));
            L::store(m.d_c + i, d_c * f + held);
        }
        sum_terms<W>({m.d, sums, turned}, {}, units, nullptr, units, Activation::linear, m.d_h_before);
    }

    void gradients(const Step& s, const float* d) const {
        const std::ptrdiff_t steps = std::ptrdiff_t(s.groups) * l.in_width, d_step = columns * row;
        add_products<W>(s.in, l.in_channels, std::ptrdiff_t(l.in_channels) * W, d, d_step, sums, steps, sums,
                        s.d_weights + l.kernel_at);
        add_recurrent_products<W>(l, s, d, d_step, sums, s.d_weights + l.recurrent_at);
        if (l.bias) add_sums<W>(d, d_step, sums, steps, s.d_weights + l.bias_at);
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
