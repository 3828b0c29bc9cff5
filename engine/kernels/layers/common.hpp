// What several layers do: clear and copy rows of lanes, take a gradient back through an activation, turn a kernel
// round.
#pragma once

#include "../lanes.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
void clear(float* p, std::ptrdiff_t places) {
    for (std::ptrdiff_t i = 0; i < places; ++i) Lanes<W>::store(p + i * W, typename Lanes<W>::F{});
}

template <int W>
void copy(float* to, const float* from, std::ptrdiff_t places) {
    for (std::ptrdiff_t i = 0; i < places; ++i) Lanes<W>::store(to + i * W, Lanes<W>::load(from + i * W));
}

// The gradient before the activation, d_out f'(out), of one group; its sums over places go to the bias.
template <int W>
void through_activation(const Layer& l, const float* out, const float* d_out, float* d_sum, float* d_bias) {
    using L = Lanes<W>;
    const std::ptrdiff_t size = l.out_size();
    for (std::ptrdiff_t i = 0; i < size; ++i)
        L::store(d_sum + i * W, L::load(d_out + i * W) * L::slope(l.activation, L::load(out + i * W)));
    if (!d_bias) return;
    for (int c = 0; c < l.out_channels; ++c) {
        typename L::F sum = {};
        for (std::ptrdiff_t i = c; i < size; i += l.out_channels) sum += L::load(d_sum + i * W);
        d_bias[c] += L::sum(sum);
    }
}

// A kernel [places][inputs][outputs] turned by half a turn, inputs and outputs exchanged: what takes the gradient of
// the outputs to that of the inputs.
inline void turn(const float* kernel, int places, int inputs, int outputs, float* turned) {
    for (int p = 0; p < places; ++p)
        for (int i = 0; i < inputs; ++i)
            for (int o = 0; o < outputs; ++o)
                turned[(std::ptrdiff_t(places - 1 - p) * outputs + o) * inputs + i] =
                    kernel[(std::ptrdiff_t(p) * inputs + i) * outputs + o];
}

}  // namespace NETLET_ISA
}  // namespace netlet
