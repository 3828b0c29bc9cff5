// A recurrent layer in both directions, Keras's Bidirectional: one layer sees the steps in their order, another of the same
// form the other way round, and what they give is joined step by step. Each is the recurrent layer as it is
// (recurrent.hpp), the second on a copy of the input whose steps are turned round.
// Where every step is an output, a masked one is zero, as in Keras; within each direction it keeps what it had.
#pragma once

#include "gru.hpp"
#include "lstm.hpp"
#include "rnn.hpp"

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct Bidirectional {
    using L = Lanes<W>;

    // Parts of what is kept (or, when only predicting, of the scratch), and of the scratch.
    struct Room {
        float *outputs[2], *kept[2];
        float *turned, *turned_mask, *d_outputs, *d_turned, *inner;
        Room(const Layer& l, const Step& s) {
            const std::ptrdiff_t row = std::ptrdiff_t(s.groups) * l.in_width * W;
            const std::ptrdiff_t inside = l.direction(false).kept();
            turned = s.scratch;
            turned_mask = turned + row * l.in_channels;
            d_outputs = turned_mask + row;
            d_turned = d_outputs + row * l.units;
            inner = d_turned + row * l.in_channels;
            float* at = s.kept;
            if (!at) {
                at = inner;
                inner += 2 * row * l.units;
            }
            for (float*& each : outputs) {
                each = at;
                at += row * l.units;
            }
            for (float*& each : kept) {
                each = s.kept ? at : nullptr;
                at += row * inside;
            }
        }
    };

    // `to` gets the steps of `from` in the other order, or has them added.
    template <bool add>
    static void turn_steps(const Step& s, int steps, std::ptrdiff_t channels, const float* from, float* to) {
        const std::ptrdiff_t row = channels * W;
        for (int group = 0; group < s.groups; ++group)
            for (int t = 0; t < steps; ++t) {
                const float* a = from + (std::ptrdiff_t(group) * steps + t) * row;
                float* b = to + (std::ptrdiff_t(group) * steps + steps - 1 - t) * row;
                for (std::ptrdiff_t i = 0; i < row; i += W)
                    L::store(b + i, add ? L::load(b + i) + L::load(a + i) : L::load(a + i));
            }
    }

    static Step half(const Layer& l, const Step& s, const Room& room, bool backward) {
        Step of = s;
        of.out = room.outputs[backward];
        of.kept = room.kept[backward];
        of.scratch = room.inner;
        if (!backward) return of;
        turn_steps<false>(s, l.in_width, l.in_channels, s.in, room.turned);
        of.in = room.turned;
        if (s.mask) {
            turn_steps<false>(s, l.in_width, 1, s.mask, room.turned_mask);
            of.mask = room.turned_mask;
        }
        return of;
    }

    static void run(const Layer& l, const Step& s, bool forward) {
        switch (l.kind) {
            case Kind::rnn: return forward ? Recurrent<W, RnnCell>::forward(l, s) : Recurrent<W, RnnCell>::backward(l, s);
            case Kind::gru: return forward ? Recurrent<W, GruCell>::forward(l, s) : Recurrent<W, GruCell>::backward(l, s);
            default: return forward ? Recurrent<W, LstmCell>::forward(l, s) : Recurrent<W, LstmCell>::backward(l, s);
        }
    }

    // Calls work(place of the output, places of what the two directions give for it, mask or null), a row of units each.
    template <class Work_>
    static NETLET_INLINE void every_output(const Layer& l, const Step& s, Work_ work) {
        const std::ptrdiff_t units = std::ptrdiff_t(l.units) * W, out = std::ptrdiff_t(l.out_channels) * W;
        for (int group = 0; group < s.groups; ++group)
            for (int t = 0; t < l.out_width; ++t) {
                const std::ptrdiff_t first = std::ptrdiff_t(group) * l.in_width;
                const int last = l.in_width - 1;
                const std::ptrdiff_t one = first + (l.sequences ? t : last), other = first + (l.sequences ? last - t : last);
                const float* mask = l.sequences && s.mask ? s.mask + (first + t) * W : nullptr;
                work((std::ptrdiff_t(group) * l.out_width + t) * out, one * units, other * units, mask);
            }
    }

    static typename L::F let_through(const float* mask, typename L::F value) {
        return mask ? (L::load(mask) > 0.0f ? value : typename L::F{}) : value;
    }

    static void forward(const Layer& l, const Step& s) {
        const Room room(l, s);
        for (int way = 0; way < 2; ++way) run(l.direction(way == 1), half(l, s, room, way == 1), true);
        const std::ptrdiff_t units = std::ptrdiff_t(l.units) * W;
        every_output(l, s, [&](std::ptrdiff_t at, std::ptrdiff_t one, std::ptrdiff_t other, const float* mask) NETLET_LAMBDA {
            for (std::ptrdiff_t i = 0; i < units; i += W) {
                const typename L::F a = L::load(room.outputs[0] + one + i), b = L::load(room.outputs[1] + other + i);
                float* out = s.out + at + i;
                switch (l.merge) {
                    case Merge::concat:
                        L::store(out, let_through(mask, a));
                        L::store(out + units, let_through(mask, b));
                        break;
                    case Merge::sum: L::store(out, let_through(mask, a + b)); break;
                    case Merge::mul: L::store(out, let_through(mask, a * b)); break;
                    case Merge::ave: L::store(out, let_through(mask, (a + b) * 0.5f)); break;
                }
            }
        });
    }

    static void backward(const Layer& l, const Step& s) {
        const Room room(l, s);
        const std::ptrdiff_t units = std::ptrdiff_t(l.units) * W;
        const std::ptrdiff_t all = std::ptrdiff_t(s.groups) * l.in_width;
        for (int way = 0; way < 2; ++way) {
            const bool backward = way == 1;
            clear<W>(room.d_outputs, all * l.units);
            every_output(l, s, [&](std::ptrdiff_t at, std::ptrdiff_t one, std::ptrdiff_t other, const float* mask)
                                   NETLET_LAMBDA {
                for (std::ptrdiff_t i = 0; i < units; i += W) {
                    typename L::F d = L::load(s.d_out + at + i + (l.merge == Merge::concat && backward ? units : 0));
                    if (l.merge == Merge::ave) d *= 0.5f;
                    if (l.merge == Merge::mul) d *= L::load(backward ? room.outputs[0] + one + i : room.outputs[1] + other + i);
                    L::store(room.d_outputs + (backward ? other : one) + i, let_through(mask, d));
                }
            });
            Step of = half(l, s, room, backward);
            of.d_out = room.d_outputs;
            of.d_in = s.d_in && backward ? room.d_turned : s.d_in;
            run(l.direction(backward), of, false);
        }
        if (s.d_in) turn_steps<true>(s, l.in_width, l.in_channels, room.d_turned, s.d_in);
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
