#include "loss.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace netlet {
namespace {

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

// Softmax in place of z[0..count); returns log of the sum that was divided by, so that log p = z - that.
double softmax(double* z, std::ptrdiff_t count) {
    const double largest = *std::max_element(z, z + count);
    double sum = 0;
    for (std::ptrdiff_t k = 0; k < count; ++k) sum += z[k] = std::exp(z[k] - largest);
    for (std::ptrdiff_t k = 0; k < count; ++k) z[k] /= sum;
    return largest + std::log(sum);
}

struct Cost {
    double cost, slope;
};

// What an error of one output costs in a regression, and the derivative of that.
Cost cost_of(Loss loss, double error) {
    const double size = std::abs(error);
    const double sign = static_cast<double>(error > 0) - static_cast<double>(error < 0);
    if (loss == Loss::mean_absolute_error) return {size, sign};
    if (loss == Loss::huber) return size <= 1 ? Cost{0.5 * error * error, error} : Cost{size - 0.5, sign};
    return {error * error, 2 * error};
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
    std::vector<double> z(static_cast<std::size_t>(outputs)), logits(static_cast<std::size_t>(outputs));
    const std::ptrdiff_t steps = network.out_steps(), numbers = outputs / steps;
    for (int i = 0; i < segment.samples; ++i) {
        const int row = order ? order[segment.first + i] : segment.first + i;
        const float* y = samples.y + row * samples.y_row;
        const float* mask = network.per_step() && samples.mask ? samples.mask + row * samples.mask_row : nullptr;
        const double weight = samples.weights ? samples.weights[row] : 1.0;
        const std::ptrdiff_t at = place(segment, outputs, i);
        for (std::ptrdiff_t k = 0; k < outputs; ++k) z[static_cast<std::size_t>(k)] = out[at + k * width];
        for (std::ptrdiff_t t = 0; t < steps; ++t) {
            if (mask && !(mask[t] > 0)) continue;
            ++total.targets;
            const std::ptrdiff_t first = t * numbers;
            double* const zt = z.data() + first;
            const float* const yt = y + first;
            const auto gradient = [&](std::ptrdiff_t k, double value) {
                if (d_out) d_out[at + (first + k) * width] = static_cast<float>(value);
            };
            switch (loss) {
                case Loss::binary_crossentropy: {
                    const double logit = zt[0];
                    total.loss += weight * (std::max(logit, 0.0) - logit * yt[0] +
                                            std::log1p(std::exp(-std::abs(logit))));
                    if (std::isnan(logit)) total.loss = logit;  // max() may have hidden it
                    total.correct += (logit > 0) == (yt[0] > 0.5f);
                    gradient(0, weight * (sigmoid(logit) - yt[0]) / divisor);
                    break;
                }
                case Loss::categorical_crossentropy: {
                    const auto guess = std::max_element(zt, zt + numbers) - zt;
                    total.correct += guess == std::max_element(yt, yt + numbers) - yt;
                    std::copy_n(zt, numbers, logits.begin());
                    const double log_sum = softmax(zt, numbers);
                    for (std::ptrdiff_t k = 0; k < numbers; ++k) {
                        if (yt[k] != 0) total.loss += weight * yt[k] * (log_sum - logits[static_cast<std::size_t>(k)]);
                        gradient(k, weight * (zt[k] - yt[k]) / divisor);
                    }
                    break;
                }
                case Loss::mean_squared_error:
                case Loss::mean_absolute_error:
                case Loss::huber: {
                    const auto shared = static_cast<double>(numbers);
                    for (std::ptrdiff_t k = 0; k < numbers; ++k) {
                        const auto [cost, slope] = cost_of(loss, zt[k] - yt[k]);
                        total.loss += weight * (cost / shared);
                        gradient(k, weight * slope / (shared * divisor));
                    }
                    break;
                }
            }
        }
    }
    return total;
}

void predictions(Loss loss, const Segment& segment, const float* out, std::ptrdiff_t outputs, int steps, float* rows) {
    std::vector<double> z(static_cast<std::size_t>(outputs));
    for (int i = 0; i < segment.samples; ++i) {
        const std::ptrdiff_t at = place(segment, outputs, i);
        for (std::ptrdiff_t k = 0; k < outputs; ++k)
            z[static_cast<std::size_t>(k)] = out[at + k * segment.width()];
        if (loss == Loss::binary_crossentropy)
            for (double& x : z) x = sigmoid(x);
        if (loss == Loss::categorical_crossentropy)
            for (std::ptrdiff_t t = 0; t < steps; ++t) softmax(z.data() + t * (outputs / steps), outputs / steps);
        for (std::ptrdiff_t k = 0; k < outputs; ++k)
            rows[(segment.first + i) * outputs + k] = static_cast<float>(z[static_cast<std::size_t>(k)]);
    }
}

}  // namespace netlet
