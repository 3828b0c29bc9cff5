// What the network's last numbers mean: probabilities and losses, computed from logits so that nothing
// overflows, and the gradient to start backward with.
#pragma once

#include "network.hpp"

namespace netlet {

enum class Loss { binary_crossentropy, categorical_crossentropy, mean_squared_error };

struct Score {
    double loss = 0;       // summed over samples
    long long correct = 0; // samples classified rightly (strictly above a half; the first of equal largest)

    Score& operator+=(const Score& other) {
        loss += other.loss;
        correct += other.correct;
        return *this;
    }
};

// The loss of one segment. `out`: the network's last output, packed; `targets`: rows of the data's targets, row
// order[segment.first + i] for the segment's sample i (identity if order is null). Fills d_out, unless null, with
// the gradient of the mean over `batch` samples; spare places get zeros.
Score score(Loss loss, const Segment& segment, const float* out, std::ptrdiff_t outputs, const float* targets,
            const int* order, int batch, float* d_out);

// The predictions of one segment as rows: probabilities, or the outputs themselves for regression.
void predictions(Loss loss, const Segment& segment, const float* out, std::ptrdiff_t outputs, float* rows);

}  // namespace netlet
