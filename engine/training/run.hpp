// A run: one training from one seed, an epoch at a time, in the caller's thread. Nothing here needs threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "session.hpp"

namespace netlet {

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

class Run {
public:
    // `packed_validation` holds the validation samples, which may be none; `weights`, unless null, is where it starts;
    // whoever sets `stop`, unless null, ends it in the middle of an epoch, which then does not count.
    Run(const Network& network, const TrainingSettings& settings, const Samples& training,
        const Packed& packed_validation, bool validates, std::uint64_t seed, const float* weights,
        const std::atomic<bool>* stop);

    // Trains one epoch; false if it was stopped in its middle.
    bool train_epoch();
    // Whether there is nothing left to train: all epochs are done, it diverged, or patience has ended.
    bool is_over() const;
    // Ends it with the epochs that there are, because somebody said so.
    void end();
    int epochs() const { return static_cast<int>(run_.history.loss.size()); }
    Session& session() { return session_; }
    // All that it remembers after a whole epoch: a run that is made as this one was, and takes it over, goes on to the
    // bit as this one does. Throws std::invalid_argument for what is no state of such a run.
    std::string state();
    void take_over(const std::string& state);
    // What has come of it so far; of a run that is over, all.
    const TrainedRun& result() const { return run_; }

private:
    template <class Archive>
    void state(Archive& archive);
    bool stopped() const { return stop_ && *stop_; }

    const TrainingSettings settings_;
    const Samples training_;
    const Packed& packed_validation_;
    const bool validates_;
    const std::atomic<bool>* stop_;
    Session session_;
    Random random_;
    TrainedRun run_;
    std::vector<int> order_;
    double learning_rate_;
    Plateau plateau_;
    double lowest_ = std::numeric_limits<double>::infinity();
    int waited_ = 0;
    long step_ = 0;
};

}  // namespace netlet
