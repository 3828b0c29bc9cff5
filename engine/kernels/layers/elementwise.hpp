// Layers that work on every number for itself: activation, and dropout.
#pragma once

#include "../lanes.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct ActivationLayer {
    using L = Lanes<W>;

    static void forward(const Layer& l, const Step& s) {
        const std::ptrdiff_t size = s.groups * l.out_size();
        for (std::ptrdiff_t i = 0; i < size; ++i)
            L::store(s.out + i * W, L::activate(l.activation, L::load(s.in + i * W)));
    }

    static void backward(const Layer& l, const Step& s) {
        if (!s.d_in) return;
        const std::ptrdiff_t size = s.groups * l.out_size();
        for (std::ptrdiff_t i = 0; i < size; ++i)
            L::store(s.d_in + i * W,
                     L::load(s.d_out + i * W) * L::slope(l.activation, L::load(s.out + i * W)));
    }
};

// While training every number is dropped with probability `rate`, the others divided by 1 - rate. What is
// dropped depends on the step's key, the layer, the feature and the sample's place in its batch alone, so it is
// drawn again in backward instead of being remembered, and is the same for groups of any width.
template <int W>
struct Dropout {
    using L = Lanes<W>;

    static NETLET_INLINE typename L::U mixed(typename L::U x) {  // a 32-bit finaliser: every bit stirs every other
        x ^= x >> 16;
        x *= 0x7feb352du;
        x ^= x >> 15;
        x *= 0x846ca68bu;
        return x ^ (x >> 16);
    }

    static void apply(const Layer& l, const Step& s, const float* from, float* to) {
        const std::ptrdiff_t size = l.out_size();
        const std::uint32_t threshold = std::uint32_t(double(l.rate) * 4294967295.0);
        const float scale = 1.0f / (1.0f - l.rate);
        typename L::U lane = {};
        for (int i = 0; i < W; ++i) lane[i] = std::uint32_t(i);
        const std::uint32_t low = std::uint32_t(s.noise), high = std::uint32_t(s.noise >> 32);
        for (int group = 0; group < s.groups; ++group)
            for (std::ptrdiff_t i = 0; i < size; ++i) {
                const std::ptrdiff_t at = (group * size + i) * W;
                typename L::U x = lane + std::uint32_t(s.first_sample + group * W);
                x = mixed(x * 0x9e3779b9u + low);
                x = mixed(x + std::uint32_t(i) * 0x85ebca6bu + high + std::uint32_t(l.index) * 0xc2b2ae35u);
                const typename L::I kept = x >= threshold;
                L::store(to + at, kept ? L::load(from + at) * scale : typename L::F{});
            }
    }

    static void forward(const Layer& l, const Step& s) {
        if (s.training) return apply(l, s, s.in, s.out);
        const std::ptrdiff_t size = s.groups * l.out_size() * W;
        for (std::ptrdiff_t i = 0; i < size; ++i) s.out[i] = s.in[i];
    }

    static void backward(const Layer& l, const Step& s) {
        if (!s.d_in) return;
        if (s.training) return apply(l, s, s.d_out, s.d_in);
        const std::ptrdiff_t size = s.groups * l.out_size() * W;
        for (std::ptrdiff_t i = 0; i < size; ++i) s.d_in[i] = s.d_out[i];
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
