// Batch normalisation by Keras's definition: gamma (x - mean) / deviation + beta, channel by channel. Which mean and
// deviation these are, the batch's own or the moving averages, is settled outside (model/normalisation.*): Step::moments
// holds them, and this file adds up what they are made of.
#pragma once

#include "common.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct BatchNorm {
    using L = Lanes<W>;

    // Which samples of a group are there: the last group of a batch has spare places.
    static typename L::I there(const Step& s, int group) {
        typename L::I lane = {};
        for (int i = 0; i < W; ++i) lane[i] = i;
        return lane < s.samples - group * W;
    }

    // to[c] += the sum of term(place, c) over all places of all samples that count.
    template <class Term>
    static NETLET_INLINE void add_up(const Layer& l, const Step& s, bool masks, double* to, Term term) {
        const int places = l.in_height * l.in_width, channels = l.in_channels;
        for (int group = 0; group < s.groups; ++group) {
            const typename L::I samples = there(s, group);
            for (int c = 0; c < channels; ++c) {
                typename L::F sum = {};
                for (int p = 0; p < places; ++p) {
                    const std::ptrdiff_t place = std::ptrdiff_t(group) * places + p;
                    const typename L::F value = term((place * channels + c) * W, c);
                    sum += masks && s.mask ? (L::load(s.mask + place * W) > 0.0f ? value : typename L::F{}) : value;
                }
                to[c] += double(L::sum(samples ? sum : typename L::F{}));
            }
        }
    }

    static void sums(const Layer& l, const Step& s) {
        add_up(l, s, true, s.moments->sum,
               [&](std::ptrdiff_t at, int) NETLET_LAMBDA { return L::load(s.in + at); });
    }

    static void squares(const Layer& l, const Step& s) {
        add_up(l, s, true, s.moments->square, [&](std::ptrdiff_t at, int c) NETLET_LAMBDA {
            const typename L::F away = L::load(s.in + at) - float(s.moments->mean[c]);
            return away * away;
        });
    }

    static typename L::F normalised(const Step& s, std::ptrdiff_t at, int c) {
        return (L::load(s.in + at) - float(s.moments->mean[c])) * float(s.moments->inverse[c]);
    }

    static void gradient_sums(const Layer& l, const Step& s) {
        add_up(l, s, false, s.moments->d_sum,
               [&](std::ptrdiff_t at, int) NETLET_LAMBDA { return L::load(s.d_out + at); });
        add_up(l, s, false, s.moments->d_product, [&](std::ptrdiff_t at, int c) NETLET_LAMBDA {
            return L::load(s.d_out + at) * normalised(s, at, c);
        });
    }

    static void forward(const Layer& l, const Step& s) {
        const std::ptrdiff_t places = std::ptrdiff_t(s.groups) * l.in_height * l.in_width;
        for (int c = 0; c < l.in_channels; ++c) {
            const float mean = float(s.moments->mean[c]);
            const float scale = float(s.moments->inverse[c]) * (l.scale ? s.weights[l.kernel_at + std::size_t(c)] : 1.0f);
            const float beta = l.bias ? s.weights[l.bias_at + std::size_t(c)] : 0.0f;
            for (std::ptrdiff_t p = 0; p < places; ++p) {
                const std::ptrdiff_t at = (p * l.in_channels + c) * W;
                L::store(s.out + at, (L::load(s.in + at) - mean) * scale + beta);
            }
        }
    }

    // d_in = gamma / deviation (d - (sum of d + x' sum of d x') / n), x' normalised; where a place was not counted in
    // the moments, or they were not the batch's, what is behind the minus is not there.
    static void backward(const Layer& l, const Step& s) {
        if (!s.d_in) return;
        const int places = l.in_height * l.in_width;
        for (int group = 0; group < s.groups; ++group) {
            const typename L::I samples = there(s, group);
            for (int c = 0; c < l.in_channels; ++c) {
                const float share = float(s.moments->share), d_sum = float(s.moments->d_sum[c]) * share;
                const float d_product = float(s.moments->d_product[c]) * share;
                const float scale =
                    float(s.moments->inverse[c]) * (l.scale ? s.weights[l.kernel_at + std::size_t(c)] : 1.0f);
                for (int p = 0; p < places; ++p) {
                    const std::ptrdiff_t place = std::ptrdiff_t(group) * places + p, at = (place * l.in_channels + c) * W;
                    const typename L::F d = L::load(s.d_out + at), none = {};
                    typename L::F through = d_sum + normalised(s, at, c) * d_product;
                    through = samples ? through : none;
                    if (s.mask) through = L::load(s.mask + place * W) > 0.0f ? through : none;
                    L::store(s.d_in + at, (d - through) * scale);
                }
            }
        }
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
