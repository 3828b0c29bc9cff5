#include "run.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "state.hpp"

namespace netlet {
namespace {

bool all_finite(const std::vector<float>& values) {
    return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

}  // namespace

Run::Run(const Network& network, const TrainingSettings& settings, const Samples& training,
         const Packed& packed_validation, bool validates, std::uint64_t seed, const float* weights,
         const std::atomic<bool>* stop)
    : settings_(settings), training_(training), packed_validation_(packed_validation), validates_(validates),
      stop_(stop), session_(network, settings, seed, weights), random_(seed, Random::Stream::order),
      order_(static_cast<std::size_t>(training.count)), learning_rate_(settings.learning_rate) {
    session_.stop_when(stop);
    std::iota(order_.begin(), order_.end(), 0);
    run_.seed = seed;
    run_.weights = session_.weights();
    run_.finished = is_over();
}

bool Run::is_over() const {
    return run_.stopped || run_.diverged || epochs() >= settings_.epochs ||
           (settings_.patience > 0 && waited_ >= settings_.patience);
}

void Run::end() {
    if (!is_over()) run_.stopped = true;
}

template <class Archive>
void Run::state(Archive& archive) {
    archive(run_.seed);
    archive.as_long_as_now(run_.weights);
    for (std::vector<double>* each :
         {&run_.history.loss, &run_.history.accuracy, &run_.history.val_loss, &run_.history.val_accuracy})
        archive(*each);
    archive(run_.diverged);
    archive(run_.finished);
    archive(run_.stopped);
    session_.state(archive);
    random_.state(archive);
    archive.as_long_as_now(order_);
    archive(learning_rate_);
    plateau_.state(archive);
    archive(lowest_);
    archive(waited_);
    archive(step_);
}

std::string Run::state() {
    StateWriter writer;
    state(writer);
    return std::move(writer.bytes);
}

void Run::take_over(const std::string& bytes) {
    const std::uint64_t seed = run_.seed;
    StateReader reader(bytes);
    state(reader);
    reader.end();
    std::vector<bool> met(order_.size());
    for (const int place : order_) {
        if (place < 0 || place >= training_.count || met[static_cast<std::size_t>(place)]) StateReader::fail();
        met[static_cast<std::size_t>(place)] = true;
    }
    if (run_.seed != seed) StateReader::fail();
}

bool Run::train_epoch() {
    if (settings_.shuffle)
        for (std::size_t i = order_.size(); i > 1; --i)  // Fisher and Yates's
            std::swap(order_[i - 1], order_[random_.below(static_cast<std::uint32_t>(i))]);
    session_.begin(epochs());
    const int batches = 1 + (training_.count - 1) / settings_.batch_size;
    Score total;
    for (int batch = 0; batch < batches && !stopped(); ++batch) {
        const int first = batch * settings_.batch_size;
        const double rate = scheduled(settings_.schedule, learning_rate_, step_++,
                                      static_cast<long>(batches) * settings_.epochs);
        const int count = std::min(settings_.batch_size, training_.count - first);
        total += session_.step(training_, order_.data() + first, count, rate);
    }
    const Score v = packed_validation_.run(session_.workspace(), session_.weights().data(), settings_.loss, nullptr,
                                           stop_);
    if (stopped()) return false;
    History& history = run_.history;
    const auto note = [&](const Score& score, std::vector<double>& losses, std::vector<double>& accuracies) {
        const auto counted = static_cast<double>(score.targets);
        losses.push_back(score.loss / counted);
        if (is_classification(settings_.loss))
            accuracies.push_back(static_cast<double>(score.correct) / counted);
    };
    note(total, history.loss, history.accuracy);
    if (validates_) note(v, history.val_loss, history.val_accuracy);
    if (!std::isfinite(total.loss) || !std::isfinite(v.loss) || !all_finite(session_.weights()))
        run_.diverged = epochs();
    if (settings_.schedule == Schedule::reduce_on_plateau && validates_ &&
        plateau_.is_over(history.val_loss.back(), settings_.plateau_patience))
        learning_rate_ *= settings_.plateau_factor;
    const bool stops_early = settings_.patience > 0 && validates_;
    if (!stops_early || history.val_loss.back() < lowest_) {
        run_.weights = session_.weights();
        if (stops_early) lowest_ = history.val_loss.back();
        waited_ = 0;
    } else {
        ++waited_;
    }
    run_.finished = is_over();
    return true;
}

}  // namespace netlet
