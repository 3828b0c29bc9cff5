// One network in training: an optimizer step for each batch.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "../model/random.hpp"
#include "../model/workspace.hpp"
#include "augment.hpp"
#include "batches.hpp"
#include "loss.hpp"
#include "optimizer.hpp"
#include "schedule.hpp"

namespace netlet {

struct TrainingSettings {
    int epochs = 1;
    int batch_size = 32;
    double learning_rate = 0.001;
    Schedule schedule = Schedule::constant;
    OptimizerSettings optimizer;
    Loss loss = Loss::mean_squared_error;
    bool shuffle = true;
    Augmentation augmentation;  // of images
    int truncation = 0;  // steps of a piece through which gradients go back; 0: whole sequences
    double plateau_factor = 0.1;  // of reduce_on_plateau: what the learning rate is multiplied with
    int plateau_patience = 10;    // after so many epochs without a clearly lower validation loss
    int patience = 0;  // epochs without a lower validation loss before stopping; 0: never
    std::vector<bool> frozen;  // of each of the network's weights whether it stays as it is; empty: none does
};

// One network in training: what a loop over batches needs. Not for several threads.
class Session {
public:
    Session(const Network& network, const TrainingSettings& settings, std::uint64_t seed, const float* weights);
    // What it remembers from one step to the next.
    template <class Archive>
    void state(Archive& archive) {
        archive.as_long_as_now(weights_);
        optimizer_.state(archive);
        noise_.state(archive);
    }
    // What is drawn of an epoch by itself, from 0, is from here on drawn of this one.
    void begin(int epoch) {
        if (augmenter_) augmenter_->begin(epoch);
    }
    // An optimizer step on the rows order[0..count) of the samples (the first ones if null), or one for each piece of
    // them where the settings truncate: what the recurrent layers carry goes from piece to piece, but gradients stay
    // within one. The summed score. When stopped, no more steps are made, and the score means nothing.
    Score step(const Samples& samples, const int* order, int count, double learning_rate);
    // Loss and gradients of whole samples without a step, dropout off: fills d_weights and, unless null, d_x.
    Score gradients(const Samples& samples, float* d_weights, float* d_x);
    // The gradient with respect to the inputs of the sum of the outputs times `d_out`, which has a row a sample.
    void input_gradients(const Samples& samples, const float* d_out, float* d_x);
    std::vector<float>& weights() { return weights_; }
    Workspace& workspace() { return workspace_; }
    const Network& network() const { return network_; }
    void stop_when(const std::atomic<bool>* stop) { stop_ = stop; }

private:
    // The network for a part of every sequence.
    struct Piece {
        Piece(const Network& whole, int steps) : network(whole.with_steps(steps)), workspace(network) {}
        Network network;
        Workspace workspace;
    };
    struct Work {
        const Network& network;
        Workspace& workspace;
        const Samples& samples;
        const int* order;
        int count;
        bool training = false;
        bool carry = false;            // states_, a slice each, come in and go out
        bool forward_only = false;
        const float* d_out = nullptr;  // rows: what comes back in the place of the loss's gradient
        float* d_x = nullptr;          // rows: written, unless null
    };
    // Forward, score and backward; gradients in gradient_.
    Score pass(const Work& work);
    Score in_pieces(const Samples& samples, const int* order, int count, double learning_rate);
    bool stopped() const { return stop_ && *stop_; }

    const Network& network_;
    TrainingSettings settings_;
    Workspace workspace_;
    std::optional<Piece> piece_, rest_;  // of settings_.truncation steps, and of what they leave over
    std::vector<State> states_;
    Optimizer optimizer_;
    std::optional<Augmenter> augmenter_;
    Random noise_;
    Buffer<float> input_, d_input_, mask_;
    std::vector<float> weights_, gradient_;
    std::size_t learns_from_;
    const std::atomic<bool>* stop_ = nullptr;
};

}  // namespace netlet
