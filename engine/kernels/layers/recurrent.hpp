// What all recurrent layers share: the walk over the steps, forward and back through time, the products with the
// kernels, masking, the state that comes in and goes out. What a unit does with them is its cell's (rnn.hpp,
// gru.hpp, lstm.hpp). Definitions and the order of weights are Keras's.
#pragma once

#include "common.hpp"
#include "product.hpp"

namespace netlet {
namespace NETLET_ISA {

// Rows of lanes times rows of weights: what one step's sums are made of.
struct Term {
    const float* in;
    int count;
    const float* weights;  // [count] rows, of which the first `outputs` numbers of each count
};

// out = activation(bias + first term + second term), held in registers.
template <int W>
void sum_terms(const Term& a, const Term& b, std::ptrdiff_t columns, const float* bias, int outputs,
               Activation activation, float* out) {
    using L = Lanes<W>;
    constexpr int together = accumulators >= 24 ? 12 : 8;
    in_blocks<together>(outputs, [&](int first, auto size) NETLET_LAMBDA {
        constexpr int C = decltype(size)::value;
        typename L::F sum[C];
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) sum[c] = L::splat(bias ? bias[first + c] : 0.0f);
        const auto add = [&](const Term& term) NETLET_LAMBDA {
            const float* w = term.weights + first;
            for (int i = 0; i < term.count; ++i, w += columns) {
                const typename L::F value = L::load(term.in + i * W);
#pragma GCC unroll 16
                for (int c = 0; c < C; ++c) sum[c] += L::splat(w[c]) * value;
            }
        };
        add(a);
        add(b);
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) L::store(out + (first + c) * W, L::activate(activation, sum[c]));
    });
}

// One step of one group; every pointer is to rows of lanes, a row a unit (of `in`: a row an input channel).
struct Moment {
    const float* in;
    const float* h_before;
    const float* c_before;  // of an LSTM: its cell state
    float* h;
    float* kept;            // see Layer::kept
    const float* mask;      // one row, or null
    // Backward.
    float* d_h;             // gradient of this step's output, zero where masked
    float* d;               // written: gradients of the sums, as the cell orders them
    float* d_h_before;      // written: what goes back to the step before
    float* d_c;             // of an LSTM: gradient of the cell state, carried back
};

// A cell has `columns`, the rows of Moment::d for each unit, and
//   forward(moment), which fills h and kept;
//   backward(moment), which fills d and d_h_before, and takes d_c one step back;
//   gradients(step, d), which adds the weights' gradients, once all of d is known.
template <int W, template <int> class Cell>
struct Recurrent {
    using L = Lanes<W>;

    struct Room {  // the parts of a step's scratch
        float *zeros, *kept, *d, *d_h_before, *d_c, *d_h, *held, *turned, *turned_recurrent, *bias;
        Room(const Layer& l, const Step& s) {
            const std::ptrdiff_t units = std::ptrdiff_t(l.out_channels) * W;
            zeros = s.scratch;
            d_h = zeros + 2 * units;
            held = d_h + units;
            kept = held + units;
            d = kept + std::ptrdiff_t(l.kept()) * W * s.groups;
            d_h_before = d + std::ptrdiff_t(l.in_width) * Cell<W>::columns * units * s.groups;
            d_c = d_h_before + units * s.groups;
            turned = d_c + units * s.groups;
            turned_recurrent = turned + l.kernel_size();
            bias = turned_recurrent + l.recurrent_size();
        }
    };

    static Moment moment(const Layer& l, const Step& s, const Room& room, int group, int t) {
        const std::ptrdiff_t units = std::ptrdiff_t(l.out_channels) * W, kept = std::ptrdiff_t(l.kept()) * W;
        const std::ptrdiff_t at = std::ptrdiff_t(group) * l.in_width + t;
        const float* state = s.state ? s.state + group * l.state_size() * W : room.zeros;
        Moment m;
        m.in = s.in + at * l.in_channels * W;
        m.h = s.out + at * units;
        m.h_before = t ? m.h - units : state;
        m.kept = s.kept ? s.kept + at * kept : room.kept + group * kept;
        m.c_before = t ? m.kept - (s.kept ? kept : 0) + 4 * units : state + units;
        m.mask = s.mask ? s.mask + at * W : nullptr;
        m.d_h = room.d_h;
        m.d = room.d + at * Cell<W>::columns * units;
        m.d_h_before = room.d_h_before + group * units;
        m.d_c = room.d_c + group * units;
        return m;
    }

    static void forward(const Layer& l, const Step& s) {
        const Room room(l, s);
        const Cell<W> cell(l, s.weights, room.turned_recurrent, room.bias);
        clear<W>(room.zeros, 2 * l.out_channels);
        for (int t = 0; t < l.in_width; ++t)
            for (int group = 0; group < s.groups; ++group) {
                const Moment m = moment(l, s, room, group, t);
                cell.forward(m);
                if (!m.mask) continue;
                const typename L::I counts = L::load(m.mask) > 0.0f;
                for (std::ptrdiff_t i = 0; i < std::ptrdiff_t(l.out_channels) * W; i += W)
                    L::store(m.h + i, counts ? L::load(m.h + i) : L::load(m.h_before + i));
            }
        if (!s.next_state) return;
        for (int group = 0; group < s.groups; ++group) {
            const Moment last = moment(l, s, room, group, l.in_width - 1);
            const std::ptrdiff_t units = std::ptrdiff_t(l.out_channels) * W;
            float* to = s.next_state + group * l.state_size() * W;
            copy<W>(to, last.h, l.out_channels);
            if (l.kind == Kind::lstm) copy<W>(to + units, last.kept + 4 * units, l.out_channels);
        }
    }

    static void backward(const Layer& l, const Step& s) {
        const Room room(l, s);
        const int sums = l.gates() * l.out_channels;
        turn(s.weights + l.recurrent_at, 1, l.out_channels, sums, room.turned_recurrent);
        const Cell<W> cell(l, s.weights, room.turned_recurrent, room.bias);
        clear<W>(room.zeros, 2 * l.out_channels);
        clear<W>(room.d_h_before, 2 * std::ptrdiff_t(l.out_channels) * s.groups);  // d_c lies behind it
        for (int t = l.in_width - 1; t >= 0; --t)
            for (int group = 0; group < s.groups; ++group) {
                const Moment m = moment(l, s, room, group, t);
                through_mask(l, s.d_out + (m.h - s.out), m, room.held);
                cell.backward(m);
                if (!m.mask) continue;
                for (std::ptrdiff_t i = 0; i < std::ptrdiff_t(l.out_channels) * W; i += W)
                    L::store(m.d_h_before + i, L::load(m.d_h_before + i) + L::load(room.held + i));
            }
        cell.gradients(s, room.d);
        if (!s.d_in) return;
        turn(s.weights + l.kernel_at, 1, l.in_channels, sums, room.turned);
        Slide p;
        p.in = room.d;
        p.in_row = p.window_row = 0;
        p.in_column = std::ptrdiff_t(Cell<W>::columns) * l.out_channels * W;
        p.window_rows = 1;
        p.run = sums;
        p.weights = room.turned;
        p.bias = nullptr;
        p.outputs = l.in_channels;
        p.out = s.d_in;
        p.height = 1;
        p.width = s.groups * l.in_width;
        slide<W>(p);
    }

    // d_h: the gradient of this step's output, from above and from the step behind; where the step is masked it
    // passes the cell by instead (`held`).
    static void through_mask(const Layer& l, const float* d_out, const Moment& m, float* held) {
        for (std::ptrdiff_t i = 0; i < std::ptrdiff_t(l.out_channels) * W; i += W) {
            const typename L::F d = L::load(d_out + i) + L::load(m.d_h_before + i), none = {};
            if (m.mask) {
                const typename L::I counts = L::load(m.mask) > 0.0f;
                L::store(m.d_h + i, counts ? d : none);
                L::store(held + i, counts ? none : d);
            } else {
                L::store(m.d_h + i, d);
            }
        }
    }
};

// Adds to the first `count` columns of a kernel's gradient, which has `sums`: inputs times rows of d, over steps.
template <int W>
void add_products(const float* in, int inputs, std::ptrdiff_t in_step, const float* d, std::ptrdiff_t d_step,
                  int count, std::ptrdiff_t steps, int sums, float* d_kernel) {
    Correlation c;
    c.in = in;
    c.in_row = c.window_row = 0;
    c.in_column = in_step;
    c.window_rows = 1;
    c.run = inputs;
    c.d_out = d;
    c.d_row = 0;
    c.d_column = d_step;
    c.outputs = count;
    c.columns = sums;
    c.height = 1;
    c.width = int(steps);
    c.sums = nullptr;
    c.d_weights = d_kernel;
    correlate<W>(c);
}

// The same for a recurrent kernel, whose inputs are the outputs of the step before.
template <int W>
void add_recurrent_products(const Layer& l, const Step& s, const float* d, std::ptrdiff_t d_step, int count,
                            float* d_kernel) {
    const std::ptrdiff_t units = std::ptrdiff_t(l.out_channels) * W;
    for (int group = 0; group < s.groups; ++group) {
        const float* first = d + group * l.in_width * d_step;
        if (s.state)
            add_products<W>(s.state + group * l.state_size() * W, l.out_channels, 0, first, d_step, count, 1,
                            l.gates() * l.out_channels, d_kernel);
        if (l.in_width > 1)
            add_products<W>(s.out + group * l.in_width * units, l.out_channels, units, first + d_step, d_step, count,
                            l.in_width - 1, l.gates() * l.out_channels, d_kernel);
    }
}

// Adds to d_bias the sums over `steps` of `count` rows of d.
template <int W>
void add_sums(const float* d, std::ptrdiff_t d_step, int count, std::ptrdiff_t steps, float* d_bias) {
    using L = Lanes<W>;
    for (int c = 0; c < count; ++c) {
        typename L::F sum = {};
        for (std::ptrdiff_t t = 0; t < steps; ++t) sum += L::load(d + t * d_step + c * W);
        d_bias[c] += L::sum(sum);
    }
}

// Only the last step of a sequence.
template <int W>
struct LastStep {
    static void forward(const Layer& l, const Step& s) {
        for (int group = 0; group < s.groups; ++group)
            copy<W>(s.out + group * l.out_size() * W, s.in + ((group + 1) * l.in_size() - l.out_size()) * W,
                    l.out_size());
    }
    static void backward(const Layer& l, const Step& s) {
        if (!s.d_in) return;
        clear<W>(s.d_in, s.groups * l.in_size());
        for (int group = 0; group < s.groups; ++group)
            copy<W>(s.d_in + ((group + 1) * l.in_size() - l.out_size()) * W, s.d_out + group * l.out_size() * W,
                    l.out_size());
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
