// Training: one network from one seed on one thread; many seeds on many.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
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
    std::vector<bool> frozen;  // of each of the network's weights whether it stays as it is; empty: none does
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

// One value an epoch; no accuracy of a regression, and nothing of validation without validation samples.
struct History {
    std::vector<double> loss, accuracy, val_loss, val_accuracy;
};

struct TrainedRun {
    std::uint64_t seed = 0;
    std::vector<float> weights;  // after the last epoch of the history; with patience, after the best one
    History history;
    int diverged = 0;            // the epoch (from 1) in which a loss or a weight stopped being finite; 0: none
    bool finished = false;       // false if stopped from outside, or
    bool stopped = false;        // because whoever was asked after an epoch said so
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
    std::size_t learns_from_;
    const std::atomic<bool>* stop_ = nullptr;
};

// What is known of a run after an epoch; what there is not is NaN.
struct Epoch {
    std::uint64_t seed;
    int epoch;  // from 1
    double loss, accuracy, val_loss, val_accuracy;
};

// Watched and steered from another thread, to which the runs are handed over as they end.
class Control {
public:
    // `asks`: after every epoch a run waits until the other thread has answered whether it goes on.
    explicit Control(bool asks) : asks_(asks) {}

    std::atomic<long> epochs_done{0};  // over all seeds; a run that ends early counts in full
    std::atomic<double> loss{std::numeric_limits<double>::quiet_NaN()};  // of the latest epoch of any run
    std::atomic<double> val_loss{std::numeric_limits<double>::quiet_NaN()};
    std::atomic<bool> stop{false};

    bool asks() const { return asks_; }
    // From a run's thread: whether it is to end with this epoch.
    bool ends_with(const Epoch& epoch) {
        Question question{&epoch, false, false};
        std::unique_lock lock(mutex_);
        questions_.push_back(&question);
        news_.notify_all();
        answers_.wait(lock, [&] { return question.is_answered || stop; });
        if (!question.is_answered) std::erase(questions_, &question);
        return question.ends;
    }
    // From the other thread: answers all who ask at the moment by `ends(epoch)`, until it stops everything.
    template <class Ends>
    void answer(Ends ends) {
        std::unique_lock lock(mutex_);
        while (!questions_.empty() && !stop) {
            Question* const question = questions_.front();
            questions_.erase(questions_.begin());
            lock.unlock();
            const bool is_end = ends(*question->epoch);
            lock.lock();
            question->ends = is_end;
            question->is_answered = true;
            answers_.notify_all();
        }
        if (stop) answers_.notify_all();
    }
    // From the other thread: waits for somebody to ask or to be `over`, at most so long.
    void wait(std::chrono::milliseconds most) {
        std::unique_lock lock(mutex_);
        news_.wait_for(lock, most, [&] { return !questions_.empty() || is_over_; });
    }
    void over() {
        const std::scoped_lock lock(mutex_);
        is_over_ = true;
        news_.notify_all();
    }

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
    struct Question {
        const Epoch* epoch;
        bool ends, is_answered;
    };

    std::mutex mutex_;
    std::condition_variable news_, answers_;
    std::vector<Question*> questions_;
    std::vector<TrainedRun> runs_;
    bool is_over_ = false;
    const bool asks_;
};

// Trains one run for every seed, `threads` at a time, and hands every one that has begun over to `control`.
// `weights`, if not null, is where they start, a row a seed. What a run gives depends on its seed alone. An exception of
// a worker is rethrown.
void train(const Network& network, const TrainingSettings& settings, const Samples& training,
           const Samples& validation, const std::vector<std::uint64_t>& seeds, int threads, const float* weights,
           Control& control);

}  // namespace netlet
