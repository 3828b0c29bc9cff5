// Pooling: the largest or the mean of every window, channel by channel. A global pooling is a window as large as
// the image. Max pooling remembers which place of the image each output came from (the first of equal ones);
// global max pooling shares the gradient among equal ones. Both are as Keras has it. Average pooling counts only
// places inside the image.
#pragma once

#include "common.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct Pool {
    using L = Lanes<W>;

    struct Window { int top, bottom, left, right; };  // half open, clipped to the image
    static Window window(const Layer& l, int y, int x) {
        const int top = y * l.stride_height - l.pad_top, left = x * l.stride_width - l.pad_left;
        const int bottom = top + l.kernel_height, right = left + l.kernel_width;
        return {top > 0 ? top : 0, bottom < l.in_height ? bottom : l.in_height,
                left > 0 ? left : 0, right < l.in_width ? right : l.in_width};
    }

    // Calls work(input place, output place, whether it is the window's first, places in the window).
    template <class Work_>
    static NETLET_INLINE void every_place(const Layer& l, Work_ work) {
        for (int y = 0; y < l.out_height; ++y)
            for (int x = 0; x < l.out_width; ++x) {
                const Window w = window(l, y, x);
                const int places = (w.bottom - w.top) * (w.right - w.left);
                for (int iy = w.top; iy < w.bottom; ++iy)
                    for (int ix = w.left; ix < w.right; ++ix)
                        for (int c = 0; c < l.in_channels; ++c)
                            work((std::ptrdiff_t(iy) * l.in_width + ix) * l.in_channels + c,
                                 (std::ptrdiff_t(y) * l.out_width + x) * l.in_channels + c,
                                 iy == w.top && ix == w.left, places);
            }
    }

    static void max_forward(const Layer& l, const Step& s) {
        for (int group = 0; group < s.groups; ++group) {
            const float* in = s.in + group * l.in_size() * W;
            float* out = s.out + group * l.out_size() * W;
            std::int32_t* memory = s.memory ? s.memory + group * l.out_size() * W : nullptr;
            every_place(l, [&](std::ptrdiff_t i, std::ptrdiff_t o, bool first, int) NETLET_LAMBDA {
                const typename L::F value = L::load(in + i * W);
                const typename L::F best = first ? value : L::load(out + o * W);
                const typename L::I larger = (value > best) | (value != value);  // NaN stays
                L::store(out + o * W, larger ? value : best);
                if (!memory) return;
                const typename L::I place = typename L::I{} + std::int32_t(i);
                auto* chosen = reinterpret_cast<typename L::I*>(memory + o * W);
                *chosen = first ? place : (larger ? place : *chosen);
            });
        }
    }

    static void max_backward(const Layer& l, const Step& s) {
        if (!s.d_in) return;
        for (int group = 0; group < s.groups; ++group) {
            float* d_in = s.d_in + group * l.in_size() * W;
            const std::ptrdiff_t at = group * l.out_size() * W;
            clear<W>(d_in, l.in_size());
            for (std::ptrdiff_t o = 0; o < l.out_size(); ++o)
                for (int lane = 0; lane < W; ++lane)
                    d_in[std::ptrdiff_t(s.memory[at + o * W + lane]) * W + lane] += s.d_out[at + o * W + lane];
        }
    }

    static void global_max_backward(const Layer& l, const Step& s) {
        if (!s.d_in) return;
        for (int group = 0; group < s.groups; ++group) {
            const float* in = s.in + group * l.in_size() * W;
            const float* out = s.out + group * l.out_size() * W;
            const float* d_out = s.d_out + group * l.out_size() * W;
            float* d_in = s.d_in + group * l.in_size() * W;
            for (int c = 0; c < l.in_channels; ++c) {
                const typename L::F largest = L::load(out + c * W), one = L::splat(1.0f);
                typename L::F equal = {};
                for (std::ptrdiff_t i = c; i < l.in_size(); i += l.in_channels)
                    equal += L::load(in + i * W) == largest ? one : typename L::F{};
                const typename L::F share = L::load(d_out + c * W) / equal;
                for (std::ptrdiff_t i = c; i < l.in_size(); i += l.in_channels)
                    L::store(d_in + i * W, L::load(in + i * W) == largest ? share : typename L::F{});
            }
        }
    }

    static void avg_forward(const Layer& l, const Step& s) {
        for (int group = 0; group < s.groups; ++group) {
            const float* in = s.in + group * l.in_size() * W;
            float* out = s.out + group * l.out_size() * W;
            clear<W>(out, l.out_size());
            every_place(l, [&](std::ptrdiff_t i, std::ptrdiff_t o, bool, int places) NETLET_LAMBDA {
                L::store(out + o * W, L::load(out + o * W) + L::load(in + i * W) * (1.0f / places));
            });
        }
    }

    // What each step counts for in a mean over the steps of a sequence that the mask lets through.
    static typename L::F share(const Layer& l, const Step& s, int group, int step) {
        const typename L::F one = L::splat(1.0f), none = {};
        const float* mask = s.mask + std::ptrdiff_t(group) * l.in_width * W;
        typename L::F count = {};
        for (int t = 0; t < l.in_width; ++t) count += L::load(mask + t * W) > 0.0f ? one : none;
        return L::load(mask + step * W) > 0.0f ? one / count : none;
    }

    static void global_avg_forward(const Layer& l, const Step& s) {
        if (!s.mask) return avg_forward(l, s);
        clear<W>(s.out, s.groups * l.out_size());
        for (int group = 0; group < s.groups; ++group)
            for (int t = 0; t < l.in_width; ++t) {
                const typename L::F counts = share(l, s, group, t), none = {};
                const float* in = s.in + (std::ptrdiff_t(group) * l.in_width + t) * l.in_channels * W;
                float* out = s.out + group * l.out_size() * W;
                for (std::ptrdiff_t c = 0; c < l.in_channels; ++c)  // what does not count may be NaN
                    L::store(out + c * W, L::load(out + c * W) + (counts > 0.0f ? L::load(in + c * W) * counts : none));
            }
    }

    static void global_avg_backward(const Layer& l, const Step& s) {
        if (!s.d_in || !s.mask) return avg_backward(l, s);
        for (int group = 0; group < s.groups; ++group)
            for (int t = 0; t < l.in_width; ++t) {
                const typename L::F counts = share(l, s, group, t);
                float* d_in = s.d_in + (std::ptrdiff_t(group) * l.in_width + t) * l.in_channels * W;
                for (std::ptrdiff_t c = 0; c < l.in_channels; ++c)
                    L::store(d_in + c * W, L::load(s.d_out + group * l.out_size() * W + c * W) * counts);
            }
    }

    static void avg_backward(const Layer& l, const Step& s) {
        if (!s.d_in) return;
        for (int group = 0; group < s.groups; ++group) {
            float* d_in = s.d_in + group * l.in_size() * W;
            const float* d_out = s.d_out + group * l.out_size() * W;
            clear<W>(d_in, l.in_size());
            every_place(l, [&](std::ptrdiff_t i, std::ptrdiff_t o, bool, int places) NETLET_LAMBDA {
                L::store(d_in + i * W, L::load(d_in + i * W) + L::load(d_out + o * W) * (1.0f / places));
            });
        }
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
