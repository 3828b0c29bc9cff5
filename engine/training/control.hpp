// How threads that train are watched and steered from another one.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "run.hpp"

namespace netlet {

// What is known of a run after an epoch; what there is not is NaN.
struct Epoch {
    std::uint64_t seed;
    int epoch;  // from 1
    double loss, accuracy, val_loss, val_accuracy;
};

// What a run remembers after a whole epoch, as bytes (Run::state).
struct RunState {
    std::uint64_t seed;
    int epochs;
    bool is_over;
    std::string bytes;
};

// Watched and steered from another thread, to which the runs are handed over as they end.
class Control {
public:
    // `asks`: after every epoch a run waits until the other thread has answered whether it goes on. `keeps_states`:
    // after every epoch it leaves its state.
    explicit Control(bool asks, bool keeps_states = false) : asks_(asks), keeps_states_(keeps_states) {}

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
        for (std::size_t left = questions_.size(); left > 0 && !questions_.empty() && !stop; --left) {
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

    bool keeps_states() const { return keeps_states_; }
    void leave(RunState state) {
        const std::scoped_lock lock(mutex_);
        states_.insert_or_assign(state.seed, std::move(state));
    }
    // The latest states of the runs that left one since this was asked the last time.
    std::map<std::uint64_t, RunState> take_states() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(states_, {});
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
    std::map<std::uint64_t, RunState> states_;
    bool is_over_ = false;
    const bool asks_, keeps_states_;
};

}  // namespace netlet
