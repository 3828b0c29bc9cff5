#include "optimizer.hpp"

#include <cmath>

namespace netlet {

Optimizer::Optimizer(const OptimizerSettings& settings, const Network& network, const std::vector<bool>& frozen)
    : settings_(settings), first_(network.parameters()), second_(network.parameters()) {
    for (std::size_t i = 0; i < network.weights().size(); ++i) {
        const Weight& weight = network.weights()[i];
        if (!weight.learns || (!frozen.empty() && frozen[i])) continue;
        weights_.push_back(weight);
        if (!ranges_.empty() && ranges_.back().second == weight.at) ranges_.back().second += weight.size();
        else ranges_.emplace_back(weight.at, weight.at + weight.size());
    }
}

void Optimizer::penalise(const float* weights, float* gradient) const {
    const auto twice = static_cast<float>(2 * settings_.l2);
    for (const Weight& weight : weights_)
        if (weight.is_kernel)
            for (std::size_t i = weight.at; i < weight.at + weight.size(); ++i) gradient[i] += twice * weights[i];
}

void Optimizer::clip(float* gradient) const {
    const auto square = [&](std::size_t from, std::size_t size) {
        double sum = 0;
        for (std::size_t i = from; i < from + size; ++i) sum += static_cast<double>(gradient[i]) * gradient[i];
        return sum;
    };
    const auto shorten = [&](std::size_t from, std::size_t size, double factor) {
        for (std::size_t i = from; i < from + size; ++i) gradient[i] *= static_cast<float>(factor);
    };
    if (settings_.clip_norm > 0)
        for (const Weight& weight : weights_) {
            const double norm = std::sqrt(square(weight.at, weight.size()));
            if (norm > settings_.clip_norm) shorten(weight.at, weight.size(), settings_.clip_norm / norm);
        }
    if (settings_.global_clip_norm > 0) {
        double sum = 0;
        for (const auto& [from, to] : ranges_) sum += square(from, to - from);
        const double norm = std::sqrt(sum);
        if (norm > settings_.global_clip_norm)
            for (const auto& [from, to] : ranges_) shorten(from, to - from, settings_.global_clip_norm / norm);
    }
}

void Optimizer::step(double learning_rate, float* weights, float* gradient) {
    if (settings_.l2 != 0) penalise(weights, gradient);
    clip(gradient);
    ++steps_;
    float* const m = first_.data();
    float* const v = second_.data();
    const auto rate = static_cast<float>(learning_rate), epsilon = static_cast<float>(settings_.epsilon);
    const auto momentum = static_cast<float>(settings_.momentum), rho = static_cast<float>(settings_.rho);
    const auto left_1 = static_cast<float>(1 - settings_.beta_1), left_2 = static_cast<float>(1 - settings_.beta_2);
    const double t = static_cast<double>(steps_);
    const auto for_all = [&](auto one) {
        for (const auto& [from, to] : ranges_)
            for (std::size_t i = from; i < to; ++i) one(i);
    };
    switch (settings_.kind) {
        case OptimizerKind::sgd:
            for_all([&](std::size_t i) {
                m[i] = momentum * m[i] - rate * gradient[i];
                weights[i] += settings_.nesterov ? momentum * m[i] - rate * gradient[i] : m[i];
            });
            break;
        case OptimizerKind::rmsprop:
            for_all([&](std::size_t i) {
                v[i] = rho * v[i] + (1 - rho) * gradient[i] * gradient[i];
                m[i] = momentum * m[i] + rate * gradient[i] / std::sqrt(v[i] + epsilon);
                weights[i] -= m[i];
            });
            break;
        case OptimizerKind::adamw: {
            const auto decay = static_cast<float>(learning_rate * settings_.weight_decay);
            for_all([&](std::size_t i) { weights[i] -= decay * weights[i]; });
            [[fallthrough]];
        }
        case OptimizerKind::adam: {
            const auto alpha = static_cast<float>(learning_rate * std::sqrt(1 - std::pow(settings_.beta_2, t)) /
                                                  (1 - std::pow(settings_.beta_1, t)));
            for_all([&](std::size_t i) {
                m[i] += (gradient[i] - m[i]) * left_1;
                v[i] += (gradient[i] * gradient[i] - v[i]) * left_2;
                weights[i] -= m[i] * alpha / (std::sqrt(v[i]) + epsilon);
            });
            break;
        }
        case OptimizerKind::nadam: {
            // Dozat's schedule of the momentum, with Keras's constants.
            const double u = settings_.beta_1 * (1 - 0.5 * std::pow(0.96, t));
            const double u_next = settings_.beta_1 * (1 - 0.5 * std::pow(0.96, t + 1));
            momentum_product_ *= u;
            const auto from_m = static_cast<float>(u_next / (1 - momentum_product_ * u_next));
            const auto from_g = static_cast<float>((1 - u) / (1 - momentum_product_));
            const auto from_v = static_cast<float>(1 / (1 - std::pow(settings_.beta_2, t)));
            for_all([&](std::size_t i) {
                m[i] += (gradient[i] - m[i]) * left_1;
                v[i] += (gradient[i] * gradient[i] - v[i]) * left_2;
                weights[i] -= rate * (from_m * m[i] + from_g * gradient[i]) / (std::sqrt(from_v * v[i]) + epsilon);
            });
            break;
        }
    }
}

}  // namespace netlet
