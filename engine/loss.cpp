#include "loss.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace netlet {
namespace {

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

// Softmax in place; returns log of the sum that was divided by, so that log p = z - that.
double softmax(std::vector<double>& z) {
    const double largest = *std::ranges::max_element(z);
    double sum = 0;
    for (double& x : z) sum += x = std::exp(x - largest);
    for (double& x : z) x /= sum;
    return largest + std::log(sum);
}

// Place of sample `i`'s first number; the next is `width` further.
std::ptrdiff_t place(const Segment& segment, std::ptrdiff_t outputs, int i) {
    return (i / segment.width()) * outputs * segment.width() + i % segment.width();
}

}  // namespace

long long targets(const Network& network, const Samples& samples, const int* order, int count) {
    if (!network.per_step() || !samples.mask) return static_cast<long long>(count) * network.out_steps();
    long long counted = 0;
    for (int i = 0; i < count; ++i) {
        const float* mask = samples.mask + (order ? order[i] : i) * samples.mask_row;
        counted += std::count_if(mask, mask + network.out_steps(), [](float m) { return m > 0; });
    }
    return counted;
}

Score score(Loss loss, const Network& network, const Segment& segment, const float* out, const Samples& samples,
            const int* order, double divisor, float* d_out) {
    const std::ptrdiff_t width = segment.width(), outputs = network.out_size();
    if (d_out) std::fill_n(d_out, segment.groups * outputs * width, 0.0f);
    Score total;
    std::vector<double> z(static_cast<std::size_t>(outputs));
    for (int i = 0; i < segment.samples; ++i) {
        const int row = order ? order[segment.first + i] : segment.first + i;
        const float* y = samples.y + row * samples.y_row;
        const std::ptrdiff_t at = place(segment, outputs, i);
        for (std::ptrdiff_t k = 0; k < outputs; ++k) z[static_cast<std::size_t>(k)] = out[at + k * width];
        switch (loss) {
            case Loss::binary_crossentropy: {
                const double logit = z[0];
                total.loss += std::max(logit, 0.0) - logit * y[0] + std::log1p(std::exp(-std::abs(logit)));
                if (std::isnan(logit)) total.loss = logit;  // max() may have hidden it
                total.correct += (logit > 0) == (y[0] > 0.5f);
                ++total.targets;
                if (d_out) d_out[at] = static_cast<float>((sigmoid(logit) - y[0]) / divisor);
                break;
            }
            case Loss::categorical_crossentropy: {
                const auto guess = std::ranges::max_element(z) - z.begin();
                total.correct += guess == std::max_element(y, y + outputs) - y;
                ++total.targets;
                const std::vector<double> logits = z;
                const double log_sum = softmax(z);
                for (std::ptrdiff_t k = 0; k < outputs; ++k) {
                    const auto n = static_cast<std::size_t>(k);
                    if (y[k] != 0) total.loss += y[k] * (log_sum - logits[n]);
                    if (d_out) d_out[at + k * width] = static_cast<float>((z[n] - y[k]) / divisor);
                }
                break;
            }
            case Loss::mean_squared_error: {
                const std::ptrdiff_t steps = network.out_steps(), numbers = outputs / steps;
                const float* mask =
                    network.per_step() && samples.mask ? samples.mask + row * samples.mask_row : nullptr;
                const auto shared = static_cast<double>(numbers);
                for (std::ptrdiff_t t = 0; t < steps; ++t) {
                    if (mask && !(mask[t] > 0)) continue;
                    ++total.targets;
                    for (std::ptrdiff_t k = t * numbers; k < (t + 1) * numbers; ++k) {
                        const double error = z[static_cast<std::size_t>(k)] - y[k];
                        total.loss += error * error / shared;
                        if (d_out) d_out[at + k * width] = static_cast<float>(2 * error / (shared * divisor));
                    }
                }
                break;
            }
        }
    }
    return total;
}

void predictions(Loss loss, const Segment& segment, const float* out, std::ptrdiff_t outputs, float* rows) {
    std::vector<double> z(static_cast<std::size_t>(outputs));
    for (int i = 0; i < segment.samples; ++i) {
        const std::ptrdiff_t at = place(segment, outputs, i);
        for (std::ptrdiff_t k = 0; k < outputs; ++k)
            z[static_cast<std::size_t>(k)] = out[at + k * segment.width()];
        if (loss == Loss::binary_crossentropy)
            for (double& x : z) x = sigmoid(x);
        if (loss == Loss::categorical_crossentropy) softmax(z);
        for (std::ptrdiff_t k = 0; k < outputs; ++k)
            rows[(segment.first + i) * outputs + k] = static_cast<float>(z[static_cast<std::size_t>(k)]);
    }
}

}  // namespace netlet
