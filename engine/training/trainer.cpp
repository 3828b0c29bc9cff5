#include "trainer.hpp"

#include "../model/denormals.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

namespace netlet {
namespace {

TrainedRun train_one(const Network& network, const TrainingSettings& settings, const Samples& training,
                     const Samples& validation, const Packed& packed_validation, std::uint64_t seed,
                     const float* weights, const std::string* state, Control& control) {
    Run run(network, settings, training, packed_validation, validation.count > 0, seed, weights, &control.stop);
    if (state && !state->empty()) run.take_over(*state);
    control.epochs_done += run.epochs();
    while (!run.is_over()) {
        if (!run.train_epoch()) return run.result();
        const auto last = [](const std::vector<double>& values) {
            return values.empty() ? std::numeric_limits<double>::quiet_NaN() : values.back();
        };
        const History& history = run.result().history;
        const Epoch epoch{seed, run.epochs(), last(history.loss), last(history.accuracy), last(history.val_loss),
                          last(history.val_accuracy)};
        ++control.epochs_done;
        control.loss = epoch.loss;
        control.val_loss = epoch.val_loss;
        if (control.asks() && control.ends_with(epoch)) run.end();
        if (control.keeps_states()) control.leave({seed, run.epochs(), run.is_over(), run.state()});
    }
    control.epochs_done += settings.epochs - run.epochs();
    return run.result();
}

}  // namespace

void train(const Network& network, const TrainingSettings& settings, const Samples& training,
           const Samples& validation, const std::vector<std::uint64_t>& seeds, int threads, const float* weights,
           Control& control, const std::vector<std::string>& states) {
    const Pixels pixels(network, training);
    const Packed packed_validation(network, validation, true);
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failing;
    const auto work = [&] {
        const FlushDenormals flushed;
        try {
            for (std::size_t i = next++; i < seeds.size() && !control.stop; i = next++)
                control.hand_over(train_one(network, settings, pixels.samples(), validation, packed_validation, seeds[i],
                                            weights ? weights + i * network.parameters() : nullptr,
                                            states.empty() ? nullptr : &states[i], control));
        } catch (...) {
            const std::scoped_lock lock(failing);
            failure = std::current_exception();
            control.stop = true;
        }
    };
    {
        std::vector<std::jthread> workers;
        const auto count = std::min(static_cast<std::size_t>(std::max(1, threads)), seeds.size());
        workers.reserve(count);
        try {
            while (workers.size() + 1 < count) workers.emplace_back(work);
        } catch (const std::exception&) {
            // The system has no thread or memory left: the workers there are train all.
        }
        work();
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace netlet
