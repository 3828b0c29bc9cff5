// Training: one network from one seed on one thread; many seeds on many.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "loss.hpp"
#include "optimizer.hpp"

namespace netlet {

enum class Schedule { constant, cosine, one_cycle };

struct TrainingSettings {
    int epochs = 1;
    int batch_size = 32;
    double learning_rate = 0.001;
    Schedule schedule = Schedule::constant;
    OptimizerSettings optimizer;
    Loss loss = Loss::mean_squared_error;
    bool shuffle = true;
    int truncation = 0;  // steps of a piece through which gradients go back; 0: whole sequences
    int patience = 0;  // epochs without a lower validation loss before stopping; 0: never
};

// The learning rate of batch 0 <= step < steps.
double scheduled(Schedule schedule, double learning_rate, long step, long steps);

// Samples laid side by side, for passes that go through them in order: all of them `once`, for many passes, or a slice
// after the other in the pass. What is packed once is held as bytes if it is 8-bit pixels: a quarter of the memory to
// read in every pass.
class Packed {
public:
    Packed(const Network& network, const Samples& samples, bool once);
    // Predictions of every sample as rows, unless null, and the summed score (without targets: zero). If `stop`,
    // unless null, becomes true, what is left undone.
    Score run(Workspace& workspace, const float* weights, Loss loss, float* rows,
              const std::atomic<bool>* stop = nullptr) const;
    // Every layer's output of every sample as rows, and what recurrent layers keep (Layer::kept): one vector of the
    // right size for each layer.
    void outputs(Workspace& workspace, const float* weights, std::vector<std::vector<float>>& rows,
                 std::vector<std::vector<float>>& kept) const;

private:
    // Calls done(slice) after each slice has passed through the workspace, until that returns false.
    template <class Done>
    void pass(Workspace& workspace, Workspace::Pass pass, Done done) const;
    void lay_out(const Slice& slice, float* x, float* mask) const;  // `mask` null if the samples have none

    const Network& network_;
    Samples samples_;
    std::vector<Slice> slices_;
    bool packed_once_;
    Buffer<float> floats_, mask_;
    Buffer<std::uint8_t> bytes_;  // one of the two is empty
};

struct History {
    std::vector<double> loss, accuracy, val_loss, val_accuracy;  // one value an epoch
};

struct TrainedRun {
    std::uint64_t seed = 0;
    std::vector<float> weights;  // after the last epoch of the history; with patience, after the best one
    History history;
    int diverged = 0;            // the epoch (from 1) in which a loss or a weight stopped being finite; 0: none
    bool finished = false;       // false if stopped from outside
};

// One network in training: what a loop over batches needs. Not for several threads.
class Session {
public:
    Session(const Network& network, const TrainingSettings& settings, std::uint64_t seed, const float* weights);
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
    Random noise_;
    Buffer<float> input_, d_input_, mask_;
    std::vector<float> weights_, gradient_;
    const std::atomic<bool>* stop_ = nullptr;
};

// Watched and steered from another thread, to which the runs are handed over as they end.
class Control {
public:
    std::atomic<long> epochs_done{0};  // over all seeds; a run that ends early counts in full
    std::atomic<bool> stop{false};

    void hand_over(TrainedRun run) {
        const std::scoped_lock lock(mutex_);
        runs_.push_back(std::move(run));
    }
    // The runs that ended since this was asked the last time.
    std::vector<TrainedRun> take() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(runs_, {});
    }

private:
    std::mutex mutex_;
    std::vector<TrainedRun> runs_;
};

// Trains one run for every seed, `threads` at a time, and hands every one that has begun over to `control`.
// `weights`, if not null, is where all of them start. What a run gives depends on its seed alone. An exception of
// a worker is rethrown.
void train(const Network& network, const TrainingSettings& settings, const Samples& training,
           const Samples& validation, const std::vector<std::uint64_t>& seeds, int threads, const float* weights,
           Control& control);

}  // namespace netlet
