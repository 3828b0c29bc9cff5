// Keras's GRU. Update z, reset r, candidate g, with s the sigmoid (or another activation), f the layer's own:
//   z = s(x Kz + h' Uz + bz), r = s(x Kr + h' Ur + br), h = z h' + (1 - z) g,
//   g = f(x Kg + bg + r (h' Ug + cg)) if the reset acts after the product, else g = f(x Kg + (r h') Ug + bg).
// Only in the first case are there biases of the recurrent sums (cz, cr and cg) beside those of the input's.
#pragma once

#include "recurrent.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct GruCell {
    using L = Lanes<W>;
    // Gradients of the sums of z, r, of the candidate, and of its recurrent part (where the reset acts after).
    static constexpr int columns = 4;

    const Layer& l;
    const int units, sums;
    const std::ptrdiff_t row;  // floats from one gate to the next
    const float *kernel, *recurrent, *turned;
    const float *gate_bias = nullptr, *candidate_bias = nullptr, *recurrent_bias = nullptr;

    GruCell(const Layer& layer, const float* weights, const float* turned_recurrent, float* room)
        : l(layer), units(l.out_channels), sums(3 * units), row(std::ptrdiff_t(units) * W),
          kernel(weights + l.kernel_at), recurrent(weights + l.recurrent_at), turned(turned_recurrent) {
        if (!l.bias) return;
        const float* bias = weights + l.bias_at;
        gate_bias = bias;
        candidate_bias = bias + 2 * units;
        if (!l.reset_after) return;
        for (int i = 0; i < 2 * units; ++i) room[i] = bias[i] + bias[sums + i];
        gate_bias = room;
        recurrent_bias = bias + sums + 2 * units;
    }

    void forward(const Moment& m) const {
        float *update = m.kept, *reset = update + row, *candidate = reset + row, *product = candidate + row;
        const Term nothing{}, input{m.in, l.in_channels, kernel + 2 * units};
        const float* candidate_recurrent = recurrent + 2 * units;
        sum_terms<W>({m.in, l.in_channels, kernel}, {m.h_before, units, recurrent}, sums, gate_bias, 2 * units,
                     l.recurrent_activation, update);
        if (l.reset_after) {
            sum_terms<W>({m.h_before, units, candidate_recurrent}, nothing, sums, recurrent_bias, units,
                         Activation::linear, product);
            sum_terms<W>(input, nothing, sums, candidate_bias, units, Activation::linear, candidate);
            for (std::ptrdiff_t i = 0; i < row; i += W)
                L::store(candidate + i, L::activate(l.activation, L::load(candidate + i) + L::load(reset + i) *
                                                                                                L::load(product + i)));
        } else {
            for (std::ptrdiff_t i = 0; i < row; i += W)
                L::store(product + i, L::load(reset + i) * L::load(m.h_before + i));
            sum_terms<W>(input, {product, units, candidate_recurrent}, sums, candidate_bias, units, l.activation,
                         candidate);
        }
        for (std::ptrdiff_t i = 0; i < row; i += W) {
            const typename L::F g = L::load(candidate + i);
            L::store(m.h + i, g + L::load(update + i) * (L::load(m.h_before + i) - g));
        }
    }

    void backward(const Moment& m) const {
        const float *update = m.kept, *reset = update + row, *candidate = reset + row, *product = candidate + row;
        float *d_update = m.d, *d_reset = d_update + row, *d_candidate = d_reset + row;
        float* d_product = d_candidate + row;
        const Activation gate = l.recurrent_activation;
        for (std::ptrdiff_t i = 0; i < row; i += W) {
            const typename L::F d = L::load(m.d_h + i), z = L::load(update + i), g = L::load(candidate + i);
            const typename L::F d_g = d * (1.0f - z) * L::slope(l.activation, g);
            L::store(d_update + i, d * (L::load(m.h_before + i) - g) * L::slope(gate, z));
            L::store(d_candidate + i, d_g);
            if (!l.reset_after) continue;
            const typename L::F r = L::load(reset + i);
            L::store(d_reset + i, d_g * L::load(product + i) * L::slope(gate, r));
            L::store(d_product + i, d_g * r);
        }
        if (!l.reset_after) {
            sum_terms<W>({d_candidate, units, turned + 2 * units * units}, {}, units, nullptr, units,
                         Activation::linear, d_product);
            for (std::ptrdiff_t i = 0; i < row; i += W) {
                const typename L::F r = L::load(reset + i);
                L::store(d_reset + i, L::load(d_product + i) * L::load(m.h_before + i) * L::slope(gate, r));
            }
        }
        const Term gates{m.d, 2 * units, turned};
        const Term of_product{d_product, l.reset_after ? units : 0, turned + 2 * units * units};
        sum_terms<W>(gates, of_product, units, nullptr, units, Activation::linear, m.d_h_before);
        for (std::ptrdiff_t i = 0; i < row; i += W) {
            typename L::F d = L::load(m.d_h_before + i) + L::load(m.d_h + i) * L::load(update + i);
            if (!l.reset_after) d += L::load(d_product + i) * L::load(reset + i);
            L::store(m.d_h_before + i, d);
        }
    }

    void gradients(const Step& s, const float* d) const {
        const std::ptrdiff_t steps = std::ptrdiff_t(s.groups) * l.in_width, d_step = columns * row;
        float* d_recurrent = s.d_weights + l.recurrent_at;
        add_products<W>(s.in, l.in_channels, std::ptrdiff_t(l.in_channels) * W, d, d_step, sums, steps, sums,
                        s.d_weights + l.kernel_at);
        add_recurrent_products<W>(l, s, d, d_step, 2 * units, d_recurrent);
        if (l.reset_after) {
            add_recurrent_products<W>(l, s, d + 3 * row, d_step, units, d_recurrent + 2 * units);
        } else {  // the inputs are r h', which forward kept
            const float* products = s.kept + 3 * row;
            add_products<W>(products, units, 4 * row, d + 2 * row, d_step, units, steps, sums,
                            d_recurrent + 2 * units);
        }
        if (!l.bias) return;
        float* d_bias = s.d_weights + l.bias_at;
        add_sums<W>(d, d_step, sums, steps, d_bias);
        if (!l.reset_after) return;
        add_sums<W>(d, d_step, 2 * units, steps, d_bias + sums);
        add_sums<W>(d + 3 * row, d_step, units, steps, d_bias + sums + 2 * units);
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
