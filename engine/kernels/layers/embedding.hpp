// Keras's Embedding: for every whole number of the input the row of a table that it names. The numbers were checked
// before they came here; one that is none of the table's rows (a spare place's, or NaN) takes the first.
#pragma once

#include "common.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct Embedding {
    static std::size_t row(const Layer& l, float number) {
        return number >= 0.0f && number < float(l.rows) ? std::size_t(number) * std::size_t(l.out_channels) : 0;
    }

    static void forward(const Layer& l, const Step& s) {
        const float* table = s.weights + l.kernel_at;
        const std::ptrdiff_t places = std::ptrdiff_t(s.groups) * l.in_size();
        for (std::ptrdiff_t p = 0; p < places; ++p)
            for (int lane = 0; lane < W; ++lane) {
                const float* from = table + row(l, s.in[p * W + lane]);
                float* to = s.out + p * l.out_channels * W + lane;
                for (int c = 0; c < l.out_channels; ++c) to[c * W] = from[c];
            }
    }

    static void backward(const Layer& l, const Step& s) {
        float* d_table = s.d_weights + l.kernel_at;
        const std::ptrdiff_t places = std::ptrdiff_t(s.groups) * l.in_size();
        for (std::ptrdiff_t p = 0; p < places; ++p)
            for (int lane = 0; lane < W; ++lane) {
                float* to = d_table + row(l, s.in[p * W + lane]);
                const float* from = s.d_out + p * l.out_channels * W + lane;
                for (int c = 0; c < l.out_channels; ++c) to[c] += from[c * W];
            }
        if (s.d_in) clear<W>(s.d_in, places);  // a number of a row has no slope
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
