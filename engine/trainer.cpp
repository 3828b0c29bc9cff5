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

void pack(const Segment& segment, const Samples& samples, const int* order, std::ptrdiff_t features, float* out) {
    const int width = segment.width();
    std::vector<const float*> rows(static_cast<std::size_t>(width));
    for (int group = 0; group < segment.groups; ++group) {
        const int from = group * width, filled = std::min(width, segment.samples - from);
        for (int i = 0; i < filled; ++i) {
            const int place = segment.first + from + i;
            rows[static_cast<std::size_t>(i)] = samples.x + (order ? order[place] : place) * features;
        }
        segment.kernels->pack(rows.data(), filled, features, out + group * features * width);
    }
}

// Whether every number is some whole k / 255, so that bytes hold them without loss.
bool are_pixels(const float* x, std::ptrdiff_t size) {
    for (std::ptrdiff_t i = 0; i < size; ++i) {
        if (!(x[i] >= 0 && x[i] <= 1)) return false;
        if (static_cast<float>(static_cast<int>(x[i] * 255 + 0.5f)) / 255.0f != x[i]) return false;
    }
    return true;
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

Packed::Packed(const Network& network, const Samples& samples)
    : network_(network), samples_(samples), slices_(network.slices(samples.count)) {
    const std::ptrdiff_t features = network.in_size();
    const bool pixels = are_pixels(samples.x, samples.count * features);
    std::size_t size = 0;
    for (const Slice& slice : slices_) size += static_cast<std::size_t>(places(slice) * features);
    if (pixels) bytes_.grow(size);
    else floats_.grow(size);
    Buffer<float> room;
    std::size_t at = 0;
    for (const Slice& slice : slices_)
        for (const Segment& segment : slice) {
            const auto count = static_cast<std::size_t>(segment.groups * segment.width() * features);
            if (pixels) room.grow(count);
            float* const packed = pixels ? room.data() : floats_.data() + at;
            pack(segment, samples, nullptr, features, packed);
            if (pixels)
                std::transform(packed, packed + count, bytes_.data() + at,
                               [](float x) { return static_cast<std::uint8_t>(x * 255 + 0.5f); });
            at += count;
        }
}

template <class Done>
void Packed::pass(Workspace& workspace, const float* weights, Done done) const {
    const std::ptrdiff_t features = network_.in_size();
    Buffer<float> room;
    std::ptrdiff_t at = 0;
    for (const Slice& slice : slices_) {
        const float* in = floats_.data() + at;
        if (bytes_.size() > 0) {
            room.grow(static_cast<std::size_t>(places(slice) * features));
            for (const Segment& segment : slice)
                segment.kernels->expand(bytes_.data() + at + segment.places * features, segment.groups * features,
                                        room.data() + segment.places * features);
            in = room.data();
        }
        workspace.forward(slice, in, {.weights = weights});
        done(slice);
        at += places(slice) * features;
    }
}

Score Packed::run(Workspace& workspace, const float* weights, Loss loss, float* rows) const {
    Score total;
    const std::ptrdiff_t outputs = network_.out_size();
    pass(workspace, weights, [&](const Slice& slice) {
        for (const Segment& segment : slice) {
            const float* out = workspace.output() + segment.places * outputs;
            if (rows) predictions(loss, segment, out, outputs, rows);
            if (samples_.y) total += score(loss, segment, out, outputs, samples_.y, nullptr, 1, nullptr);
        }
    });
    return total;
}

void Packed::outputs(Workspace& workspace, const float* weights, std::vector<std::vector<float>>& rows) const {
    pass(workspace, weights, [&](const Slice& slice) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::ptrdiff_t size = network_.layers()[i].out_size();
            for (const Segment& segment : slice)
                predictions(Loss::mean_squared_error, segment, workspace.output(i) + segment.places * size, size,
                            rows[i].data());
        }
    });
}

Session::Session(const Network& network, const TrainingSettings& settings, std::uint64_t seed, const float* weights)
    : network_(network), settings_(settings), workspace_(network), optimizer_(settings.optimizer, network),
      noise_(seed, Random::Stream::dropout), weights_(network.parameters()), gradient_(network.parameters()) {
    if (weights) std::copy_n(weights, weights_.size(), weights_.begin());
    else network.initialize(seed, weights_.data());
}

Score Session::pass(const Samples& samples, const int* order, int count, bool training, float* d_x) {
    const std::ptrdiff_t outputs = network_.out_size(), features = network_.in_size();
    const Workspace::Pass pass{.weights = weights_.data(), .training = training, .remember = true,
                               .noise = training ? noise_.next() : 0};
    std::ranges::fill(gradient_, 0.0f);
    Score total;
    for (const Slice& slice : network_.slices(count)) {
        const auto size = static_cast<std::size_t>(places(slice) * features);
        input_.grow(size);
        if (d_x) d_input_.grow(size);
        for (const Segment& segment : slice)
            pack(segment, samples, order, features, input_.data() + segment.places * features);
        workspace_.forward(slice, input_.data(), pass);
        for (const Segment& segment : slice)
            total += score(settings_.loss, segment, workspace_.output() + segment.places * outputs, outputs,
                           samples.y, order, count, workspace_.d_out() + segment.places * outputs);
        workspace_.backward(slice, input_.data(), pass, gradient_.data(), d_x ? d_input_.data() : nullptr);
        if (!d_x) continue;
        for (const Segment& segment : slice)
            predictions(Loss::mean_squared_error, segment, d_input_.data() + segment.places * features, features,
                        d_x);
    }
    return total;
}

Score Session::step(const Samples& samples, const int* order, int count, double learning_rate) {
    const Score total = pass(samples, order, count, true, nullptr);
    optimizer_.step(learning_rate, weights_.data(), gradient_.data());
    return total;
}

Score Session::gradients(const Samples& samples, float* d_weights, float* d_x) {
    const Score total = pass(samples, nullptr, samples.count, false, d_x);
    std::ranges::copy(gradient_, d_weights);
    return total;
}

namespace {

TrainedRun train_one(const Network& network, const TrainingSettings& settings, const Samples& training,
                     const Samples& validation, const Packed& packed_validation, std::uint64_t seed,
                     const float* weights, Control& control) {
    Session session(network, settings, seed, weights);
    Random random(seed, Random::Stream::order);
    TrainedRun run;
    run.seed = seed;
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
                run.weights = best.empty() ? session.weights() : std::move(best);
                return run;
            }
            const double rate = scheduled(settings.schedule, settings.learning_rate, step++,
                                          batches * settings.epochs);
            total += session.step(training, order.data() + first,
                                  std::min(settings.batch_size, training.count - first), rate);
        }
        history.loss.push_back(total.loss * per_sample);
        history.accuracy.push_back(static_cast<double>(total.correct) * per_sample);
        if (validation.count > 0) {
            const Score v = packed_validation.run(session.workspace(), session.weights().data(),
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
