// Optimizers by Keras's definitions, over all of a network's weights at once.
#pragma once

#include <utility>
#include <vector>

#include "../model/network.hpp"

namespace netlet {

enum class OptimizerKind { sgd, rmsprop, adam, nadam, adamw };

struct OptimizerSettings {
    OptimizerKind kind = OptimizerKind::adam;
    double momentum = 0;      // sgd, rmsprop
    bool nesterov = false;    // sgd
    double rho = 0.9;         // rmsprop
    double beta_1 = 0.9, beta_2 = 0.999;  // adam, nadam, adamw
    double weight_decay = 0.004;          // adamw: share of every weight, times the learning rate, lost in a step
    double epsilon = 1e-7;
    double clip_norm = 0;         // largest norm of any one weight's gradient; 0: no limit
    double global_clip_norm = 0;  // largest norm of all gradients together; 0: no limit
    double l2 = 0;                // penalty l2 * sum of squares of kernels (not biases), in the gradient only
};

class Optimizer {
public:
    // `frozen`, unless empty, says of each of the network's weights whether it is left alone, to the bit.
    Optimizer(const OptimizerSettings& settings, const Network& network, const std::vector<bool>& frozen = {});
    // One step; changes the gradient too (penalty, clipping).
    void step(double learning_rate, float* weights, float* gradient);
    template <class Archive>
    void state(Archive& archive) {
        archive.as_long_as_now(first_);
        archive.as_long_as_now(second_);
        archive(steps_);
        archive(momentum_product_);
    }

private:
    void penalise(const float* weights, float* gradient) const;
    void clip(float* gradient) const;

    OptimizerSettings settings_;
    std::vector<Weight> weights_;                            // those that learn
    std::vector<std::pair<std::size_t, std::size_t>> ranges_;  // of these, runs without a gap: from, to
    std::vector<float> first_, second_;
    long steps_ = 0;
    double momentum_product_ = 1;  // of Nadam's momentum schedule
};

}  // namespace netlet
