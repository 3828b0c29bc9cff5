// What the network's last numbers mean: probabilities and losses, computed from logits so that nothing
// overflows, and the gradient to start backward with.
#pragma once

#include "../model/network.hpp"

namespace netlet {

// Keras's; `huber` bends at errors of 1.
enum class Loss { binary_crossentropy, categorical_crossentropy, mean_squared_error, mean_absolute_error, huber };

inline bool is_classification(Loss loss) {
    return loss == Loss::binary_crossentropy || loss == Loss::categorical_crossentropy;
}

// Samples of a data set, row after row; not owned. Rows may lie further apart than they are long, so that a piece
// of every sequence is samples as well.
struct Samples {
    const float* x = nullptr;
    const std::uint8_t* pixels = nullptr;  // unless null: the same as x in 255ths, rows just as far apart
    const float* y = nullptr;
    const float* mask = nullptr;  // one number a step, above 0 where it counts; null: all do
    const float* weights = nullptr;  // one a sample, which its loss is multiplied with; null: all are 1
    int count = 0;
    std::ptrdiff_t x_row = 0, y_row = 0, mask_row = 0;
};

struct Score {
    double loss = 0;        // summed over targets: one a sample, or one at every step that counts
    long long targets = 0;
    long long correct = 0;  // targets that are classified rightly (strictly above a half; the first of equal largest)

    Score& operator+=(const Score& other) {
        loss += other.loss;
        targets += other.targets;
        correct += other.correct;
        return *this;
    }
};

// How many targets the rows order[0..count) of the samples have (the first ones if order is null).
long long targets(const Network& network, const Samples& samples, const int* order, int count);

// The loss of one segment. `out`: the network's last output, packed; sample i of the segment is the samples' row
// order[segment.first + i] (that number itself if order is null). Fills d_out, unless null, with the gradient of
// the loss summed and divided by `divisor`; spare places and steps that do not count get zeros.
Score score(Loss loss, const Network& network, const Segment& segment, const float* out, const Samples& samples,
            const int* order, double divisor, float* d_out);

// The predictions of one segment as rows: probabilities (at each of `steps` steps), or the outputs themselves for
// regression.
void predictions(Loss loss, const Segment& segment, const float* out, std::ptrdiff_t outputs, int steps, float* rows);

}  // namespace netlet
