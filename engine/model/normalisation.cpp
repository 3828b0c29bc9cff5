#include "normalisation.hpp"

#include <algorithm>
#include <cmath>

namespace netlet {

Normalisation::Normalisation(const Layer& layer) : layer_(layer) {
    const auto channels = static_cast<std::size_t>(layer.in_channels);
    if (layer.kind != Kind::batch_norm) return;
    numbers_.resize(6 * channels);
    double* at = numbers_.data();
    for (double** each : {&moments_.mean, &moments_.inverse, &moments_.sum, &moments_.square, &moments_.d_sum,
                          &moments_.d_product}) {
        *each = at;
        at += channels;
    }
}

void Normalisation::take_averages(const float* weights) {
    counted_ = moments_.share = 0;
    for (int c = 0; c < layer_.in_channels; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        moments_.mean[c] = static_cast<double>(weights[layer_.mean_at + channel]);
        moments_.inverse[c] =
            1 / std::sqrt(static_cast<double>(weights[layer_.variance_at + channel] + layer_.epsilon));
    }
}

void Normalisation::begin(long long counted) {
    counted_ = static_cast<double>(std::max(counted, 1LL));
    moments_.share = 1 / counted_;
    std::fill_n(moments_.sum, layer_.in_channels, 0.0);
    std::fill_n(moments_.square, layer_.in_channels, 0.0);
}

void Normalisation::have_sums() {
    for (int c = 0; c < layer_.in_channels; ++c) moments_.mean[c] = moments_.sum[c] / counted_;
}

void Normalisation::have_squares() {
    for (int c = 0; c < layer_.in_channels; ++c)
        moments_.inverse[c] = 1 / std::sqrt(moments_.square[c] / counted_ + static_cast<double>(layer_.epsilon));
}

void Normalisation::begin_gradient() {
    std::fill_n(moments_.d_sum, layer_.in_channels, 0.0);
    std::fill_n(moments_.d_product, layer_.in_channels, 0.0);
}

void Normalisation::have_gradient(float* d_weights) const {
    for (int c = 0; c < layer_.in_channels; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        if (layer_.scale) d_weights[layer_.kernel_at + channel] += static_cast<float>(moments_.d_product[c]);
        if (layer_.bias) d_weights[layer_.bias_at + channel] += static_cast<float>(moments_.d_sum[c]);
    }
}

void Normalisation::move_averages(float* weights) const {
    if (counted_ == 0) return;
    const float kept = layer_.momentum;
    for (int c = 0; c < layer_.in_channels; ++c) {
        float& mean = weights[layer_.mean_at + static_cast<std::size_t>(c)];
        float& variance = weights[layer_.variance_at + static_cast<std::size_t>(c)];
        mean = mean * kept + static_cast<float>(moments_.mean[c]) * (1 - kept);
        variance = variance * kept + static_cast<float>(moments_.square[c] / counted_) * (1 - kept);
    }
}

}  // namespace netlet
