#include "trainer.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>
#include <numbers>
#include <numeric>
#include <thread>

namespace netlet {
namespace {

constexpr int chunk_samples = 64;  // passes without gradients: enough to be efficient, few enough for the cache

void pack_rows(const Segment& segment, const Samples& samples, const int* order, int first, std::ptrdiff_t features,
               float* out) {
    const int width = segment.width();
    std::vector<const float*> rows(static_cast<std::size_t>(width));
    for (int group = 0; group < segment.groups; ++group) {
        const int from = group * width, filled = std::min(width, segment.samples - from);
        for (int i = 0; i < filled; ++i) {
            const int place = first + segment.first + from + i;
            rows[static_cast<std::size_t>(i)] = samples.x + (order ? order[place] : place) * features;
        }
        segment.kernels->pack(rows.data(), filled, features, out + group * features * width);
    }
}

bool all_finite(const std::vector<float>& values) {
    return std::ranges::all_of(values, [](float x) { return std::isfinite(x); });
}

}  // namespace

double scheduled(Schedule schedule, double learning_rate, long step, long steps) {
    const auto between = [](double from, double to, double part) {  // half a cosine
        return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * part));
    };
    const double part = static_cast<double>(step) / static_cast<double>(steps);
    switch (schedule) {
        case Schedule::cosine: return between(learning_rate, 0, part);
        case Schedule::one_cycle: {
            // Smith and Topin's one cycle: up to the rate in 30 % of the steps, then down to almost nothing.
            constexpr double up = 0.3, start = 1.0 / 25, end = 1e-4 / 25;
            return part < up ? between(learning_rate * start, learning_rate, part / up)
                             : between(learning_rate, learning_rate * end, (part - up) / (1 - up));
        }
        case Schedule::constant: break;
    }
    return learning_rate;
}

Packed::Packed(const Network& network, const Samples& samples) : samples_(samples) {
    std::size_t size = 0;
    for (int first = 0; first < samples.count; first += chunk_samples) {
        auto found = segments(network.kernels(), std::min(chunk_samples, samples.count - first));
        const auto all = static_cast<std::size_t>(places(found));
        chunks_.push_back({std::move(found), size, first});
        size += all * static_cast<std::size_t>(network.in_size());
        size = (size + 15) / 16 * 16;
    }
    data_.grow(size);
    for (const Chunk& chunk : chunks_)
        for (const Segment& segment : chunk.segments)
            pack_rows(segment, samples, nullptr, chunk.first, network.in_size(),
                      data_.data() + chunk.at + segment.places * network.in_size());
}

Score Packed::run(const Network& network, Workspace& workspace, const float* weights, Loss loss, float* rows) const {
    Score total;
    const std::ptrdiff_t outputs = network.out_size();
    for (const Chunk& chunk : chunks_) {
        workspace.forward(chunk.segments, data_.data() + chunk.at, {.weights = weights});
        for (const Segment& segment : chunk.segments) {
            const float* out = workspace.output() + segment.places * outputs;
            if (rows) predictions(loss, segment, out, outputs, rows + chunk.first * outputs);
            if (!samples_.y) continue;
            const Score part =
                score(loss, segment, out, outputs, samples_.y + chunk.first * outputs, nullptr, 1, nullptr);
            total.loss += part.loss;
            total.correct += part.correct;
        }
    }
    return total;
}

Session::Session(const Network& network, const TrainingSettings& settings, std::uint64_t seed, const float* weights)
    : network_(network), settings_(settings), workspace_(network), optimizer_(settings.optimizer, network),
      noise_(seed, Random::Stream::dropout), weights_(network.parameters()), gradient_(network.parameters()) {
    if (weights) std::copy_n(weights, weights_.size(), weights_.begin());
    else network.initialize(seed, weights_.data());
}

const float* Session::pack(const std::vector<Segment>& segments, const Samples& samples, const int* order) {
    input_.grow(static_cast<std::size_t>(places(segments) * network_.in_size()));
    for (const Segment& segment : segments)
        pack_rows(segment, samples, order, 0, network_.in_size(),
                  input_.data() + segment.places * network_.in_size());
    return input_.data();
}

Score Session::step(const Samples& samples, const int* order, int count, double learning_rate) {
    const std::vector<Segment> parts = segments(network_.kernels(), count);
    const float* in = pack(parts, samples, order);
    const Workspace::Pass pass{
        .weights = weights_.data(), .training = true, .remember = true, .noise = noise_.next()};
    workspace_.forward(parts, in, pass);
    Score total;
    const std::ptrdiff_t outputs = network_.out_size();
    for (const Segment& part : parts) {
        const Score s = score(settings_.loss, part, workspace_.output() + part.places * outputs, outputs, samples.y,
                              order, count, workspace_.d_out() + part.places * outputs);
        total.loss += s.loss;
        total.correct += s.correct;
    }
    std::ranges::fill(gradient_, 0.0f);
    workspace_.backward(parts, in, pass, gradient_.data(), nullptr);
    optimizer_.step(learning_rate, weights_.data(), gradient_.data());
    return total;
}

Score Session::gradients(const Samples& samples, float* d_weights, float* d_x) {
    const std::vector<Segment> parts = segments(network_.kernels(), samples.count);
    const float* in = pack(parts, samples, nullptr);
    const Workspace::Pass pass{.weights = weights_.data(), .remember = true};
    workspace_.forward(parts, in, pass);
    Score total;
    const std::ptrdiff_t outputs = network_.out_size(), features = network_.in_size();
    for (const Segment& part : parts) {
        const Score s = score(settings_.loss, part, workspace_.output() + part.places * outputs, outputs, samples.y,
                              nullptr, samples.count, workspace_.d_out() + part.places * outputs);
        total.loss += s.loss;
        total.correct += s.correct;
    }
    std::ranges::fill(gradient_, 0.0f);
    Buffer<float> d_in(d_x ? static_cast<std::size_t>(places(parts) * features) : 0);
    workspace_.backward(parts, in, pass, gradient_.data(), d_x ? d_in.data() : nullptr);
    if (d_weights) std::ranges::copy(gradient_, d_weights);
    if (!d_x) return total;
    for (const Segment& part : parts)
        for (int i = 0; i < part.samples; ++i)
            for (std::ptrdiff_t f = 0; f < features; ++f)
                d_x[(part.first + i) * features + f] =
                    d_in.data()[part.places * features + (i / part.width() * features + f) * part.width() +
                                i % part.width()];
    return total;
}

namespace {

TrainedRun train_one(const Network& network, const TrainingSettings& settings, const Samples& training,
                     const Samples& validation, const Packed& packed_validation, std::uint64_t seed,
                     const float* weights, Control& control) {
    Session session(network, settings, seed, weights);
    Random random(seed, Random::Stream::order);
    TrainedRun run{.seed = seed};
    History& history = run.history;
    std::vector<int> order(static_cast<std::size_t>(training.count));
    std::iota(order.begin(), order.end(), 0);
    const long batches = (training.count + settings.batch_size - 1) / settings.batch_size;
    const double per_sample = 1.0 / training.count, per_validation = 1.0 / std::max(1, validation.count);
    double lowest = std::numeric_limits<double>::infinity();
    std::vector<float> best;
    int waited = 0;
    long step = 0;

    for (int epoch = 1; epoch <= settings.epochs && !run.diverged; ++epoch) {
        if (settings.shuffle)
            for (std::size_t i = order.size(); i > 1; --i)  // Fisher and Yates's
                std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
        Score total;
        for (int first = 0; first < training.count; first += settings.batch_size) {
            if (control.stop) {
                run.weights = session.weights();
                return run;
            }
            const double rate = scheduled(settings.schedule, settings.learning_rate, step++,
                                          batches * settings.epochs);
            const Score s = session.step(training, order.data() + first,
                                         std::min(settings.batch_size, training.count - first), rate);
            total.loss += s.loss;
            total.correct += s.correct;
        }
        history.loss.push_back(total.loss * per_sample);
        history.accuracy.push_back(static_cast<double>(total.correct) * per_sample);
        if (validation.count > 0) {
            const Score v = packed_validation.run(network, session.workspace(), session.weights().data(),
                                                  settings.loss, nullptr);
            history.val_loss.push_back(v.loss * per_validation);
            history.val_accuracy.push_back(static_cast<double>(v.correct) * per_validation);
        }
        if (!std::isfinite(total.loss) || !all_finite(session.weights())) run.diverged = epoch;
        ++control.epochs_done;
        if (settings.patience == 0 || validation.count == 0) continue;
        if (history.val_loss.back() < lowest) {
            lowest = history.val_loss.back();
            best = session.weights();
            waited = 0;
        } else if (++waited >= settings.patience) {
            break;
        }
    }
    run.weights = best.empty() || run.diverged ? session.weights() : std::move(best);
    run.finished = true;
    control.epochs_done += settings.epochs - static_cast<long>(history.loss.size());
    return run;
}

}  // namespace

std::vector<TrainedRun> train(const Network& network, const TrainingSettings& settings, const Samples& training,
                              const Samples& validation, const std::vector<std::uint64_t>& seeds, int threads,
                              const float* weights, Control& control) {
    const Packed packed_validation(network, validation);
    std::vector<TrainedRun> runs(seeds.size());
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failing;
    const auto work = [&] {
        try {
            for (std::size_t i = next++; i < seeds.size() && !control.stop; i = next++) {
                runs[i] = train_one(network, settings, training, validation, packed_validation, seeds[i], weights,
                                    control);
                ++control.runs_done;
            }
        } catch (...) {
            const std::scoped_lock lock(failing);
            failure = std::current_exception();
            control.stop = true;
        }
    };
    {
        std::vector<std::jthread> workers;
        const auto count = std::min(static_cast<std::size_t>(std::max(1, threads)), seeds.size());
        for (std::size_t i = 1; i < count; ++i) workers.emplace_back(work);
        work();
    }
    if (failure) std::rethrow_exception(failure);
    return runs;
}

}  // namespace netlet
