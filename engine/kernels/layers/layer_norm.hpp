// Layer normalisation by Keras's definition: at every place gamma (x - mean) / deviation + beta, with mean and deviation
// over that place's own channels. Nothing is kept: backward finds both again.
#pragma once

#include "common.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct LayerNorm {
    using L = Lanes<W>;

    struct Of { typename L::F mean, inverse; };  // inverse: 1 / deviation

    static Of moments(const Layer& l, const float* in) {
        const float share = 1.0f / float(l.in_channels);
        Of of = {};
        for (int c = 0; c < l.in_channels; ++c) of.mean += L::load(in + c * W);
        of.mean *= share;
        typename L::F square = {};
        for (int c = 0; c < l.in_channels; ++c) {
            const typename L::F away = L::load(in + c * W) - of.mean;
            square += away * away;
        }
        const typename L::F variance = square * share + l.epsilon;
        for (int lane = 0; lane < W; ++lane) of.inverse[lane] = 1.0f / __builtin_sqrtf(variance[lane]);
        return of;
    }

    static float gamma(const Layer& l, const Step& s, int c) {
        return l.scale ? s.weights[l.kernel_at + std::size_t(c)] : 1.0f;
    }

    static void forward(const Layer& l, const Step& s) {
        const std::ptrdiff_t places = std::ptrdiff_t(s.groups) * l.in_height * l.in_width;
        const std::ptrdiff_t row = std::ptrdiff_t(l.in_channels) * W;
        for (std::ptrdiff_t p = 0; p < places; ++p) {
            const float* in = s.in + p * row;
            const Of of = moments(l, in);
            for (int c = 0; c < l.in_channels; ++c) {
                const float beta = l.bias ? s.weights[l.bias_at + std::size_t(c)] : 0.0f;
                L::store(s.out + p * row + c * W,
                         (L::load(in + c * W) - of.mean) * of.inverse * gamma(l, s, c) + beta);
            }
        }
    }

    // With x' normalised and g = d gamma: d_in = (g - mean of g - x' mean of g x') / deviation.
    static void backward(const Layer& l, const Step& s) {
        const std::ptrdiff_t places = std::ptrdiff_t(s.groups) * l.in_height * l.in_width;
        const std::ptrdiff_t row = std::ptrdiff_t(l.in_channels) * W;
        const float share = 1.0f / float(l.in_channels);
        float *d_gamma = s.scratch, *d_beta = d_gamma + row;
        clear<W>(s.scratch, 2 * l.in_channels);
        for (std::ptrdiff_t p = 0; p < places; ++p) {
            const float *in = s.in + p * row, *d_out = s.d_out + p * row;
            const Of of = moments(l, in);
            typename L::F sum = {}, product = {};
            for (int c = 0; c < l.in_channels; ++c) {
                const typename L::F d = L::load(d_out + c * W), x = (L::load(in + c * W) - of.mean) * of.inverse;
                L::store(d_gamma + c * W, L::load(d_gamma + c * W) + d * x);
                L::store(d_beta + c * W, L::load(d_beta + c * W) + d);
                const typename L::F g = d * gamma(l, s, c);
                sum += g;
                product += g * x;
            }
            if (!s.d_in) continue;
            sum *= share;
            product *= share;
            for (int c = 0; c < l.in_channels; ++c) {
                const typename L::F x = (L::load(in + c * W) - of.mean) * of.inverse;
                const typename L::F g = L::load(d_out + c * W) * gamma(l, s, c);
                L::store(s.d_in + p * row + c * W, (g - sum - x * product) * of.inverse);
            }
        }
        for (int c = 0; c < l.in_channels; ++c) {
            if (l.scale) s.d_weights[l.kernel_at + std::size_t(c)] += L::sum(L::load(d_gamma + c * W));
            if (l.bias) s.d_weights[l.bias_at + std::size_t(c)] += L::sum(L::load(d_beta + c * W));
        }
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
