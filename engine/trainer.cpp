#include "trainer.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <thread>

namespace netlet {
namespace {

// Lays rows of `features` numbers, `stride` apart, side by side.
void pack(const Segment& segment, const float* first_row, std::ptrdiff_t stride, const int* order,
          std::ptrdiff_t features, float* out) {
    const int width = segment.width();
    std::vector<const float*> rows(static_cast<std::size_t>(width));
    for (int group = 0; group < segment.groups; ++group) {
        const int from = group * width, filled = std::min(width, segment.samples - from);
        for (int i = 0; i < filled; ++i) {
            const int place = segment.first + from + i;
            rows[static_cast<std::size_t>(i)] = first_row + (order ? order[place] : place) * stride;
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

Packed::Packed(const Network& network, const Samples& samples, bool once)
    : network_(network), samples_(samples), slices_(network.slices(samples.count)), packed_once_(once) {
    if (!once) return;
    const std::ptrdiff_t features = network.in_size();
    const bool pixels = are_pixels(samples.x, samples.count * features);
    std::size_t size = 0, steps = 0;
    for (const Slice& slice : slices_) {
        size += static_cast<std::size_t>(places(slice) * features);
        steps += static_cast<std::size_t>(places(slice) * network.in_steps());
    }
    if (samples.mask) mask_.grow(steps);
    if (pixels) bytes_.grow(size);
    else floats_.grow(size);
    Buffer<float> room;
    std::size_t at = 0, mask_at = 0;
    for (const Slice& slice : slices_) {
        const auto count = static_cast<std::size_t>(places(slice) * features);
        if (pixels) room.grow(count);
        float* const packed = pixels ? room.data() : floats_.data() + at;
        lay_out(slice, packed, samples.mask ? mask_.data() + mask_at : nullptr);
        if (pixels)
            std::transform(packed, packed + count, bytes_.data() + at,
                           [](float x) { return static_cast<std::uint8_t>(x * 255 + 0.5f); });
        at += count;
        mask_at += static_cast<std::size_t>(places(slice) * network.in_steps());
    }
}

void Packed::lay_out(const Slice& slice, float* x, float* mask) const {
    const std::ptrdiff_t features = network_.in_size(), steps = network_.in_steps();
    for (const Segment& segment : slice) {
        pack(segment, samples_.x, samples_.x_row, nullptr, features, x + segment.places * features);
        if (mask)
            pack(segment, samples_.mask, samples_.mask_row, nullptr, steps, mask + segment.places * steps);
    }
}

template <class Done>
void Packed::pass(Workspace& workspace, Workspace::Pass pass, Done done) const {
    const std::ptrdiff_t features = network_.in_size();
    Buffer<float> room, mask_room;
    std::ptrdiff_t at = 0;  // sample places
    for (const Slice& slice : slices_) {
        if (!packed_once_ || bytes_.size() > 0) room.grow(static_cast<std::size_t>(places(slice) * features));
        const float* in = room.data();
        if (!packed_once_) {
            if (samples_.mask) mask_room.grow(static_cast<std::size_t>(places(slice) * network_.in_steps()));
            lay_out(slice, room.data(), mask_room.data());
        } else if (bytes_.size() > 0) {
            for (const Segment& segment : slice)
                segment.kernels->expand(bytes_.data() + (at + segment.places) * features, segment.groups * features,
                                        room.data() + segment.places * features);
        } else {
            in = floats_.data() + at * features;
        }
        if (samples_.mask)
            pass.mask = packed_once_ ? mask_.data() + at * network_.in_steps() : mask_room.data();
        workspace.forward(slice, in, pass);
        if (!done(slice)) return;
        at += places(slice);
    }
}

Score Packed::run(Workspace& workspace, const float* weights, Loss loss, float* rows,
                  const std::atomic<bool>* stop) const {
    Score total;
    const std::ptrdiff_t outputs = network_.out_size();
    pass(workspace, {.weights = weights}, [&](const Slice& slice) {
        for (const Segment& segment : slice) {
            const float* out = workspace.output() + segment.places * outputs;
            if (rows) predictions(loss, segment, out, outputs, network_.out_steps(), rows);
            if (samples_.y) total += score(loss, network_, segment, out, samples_, nullptr, 1, nullptr);
        }
        return !(stop && *stop);
    });
    return total;
}

void Packed::outputs(Workspace& workspace, const float* weights, std::vector<std::vector<float>>& rows,
                     std::vector<std::vector<float>>& kept) const {
    pass(workspace, {.weights = weights, .remember = true}, [&](const Slice& slice) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Layer& layer = network_.layers()[i];
            for (const Segment& segment : slice) {
                const auto to_rows = [&](const float* packed, std::ptrdiff_t size, std::vector<float>& to) {
                    predictions(Loss::mean_squared_error, segment, packed + segment.places * size, size, 1,
                                to.data());
                };
                to_rows(workspace.output(i), layer.out_size(), rows[i]);
                if (layer.kept() > 0) to_rows(workspace.kept(i), layer.kept_size(), kept[i]);
            }
        }
        return true;
    });
}

Session::Session(const Network& network, const TrainingSettings& settings, std::uint64_t seed, const float* weights)
    : network_(network), settings_(settings), workspace_(network), optimizer_(settings.optimizer, network, settings.frozen),
      noise_(seed, Random::Stream::dropout), weights_(network.parameters()), gradient_(network.parameters()),
      learns_from_(network.learns_from(settings.frozen)) {
    const int steps = network.in_steps();
    if (settings.truncation > 0 && settings.truncation < steps) {
        piece_.emplace(network, settings.truncation);
        if (piece_->network.parameters() != network.parameters())
            throw std::invalid_argument("sequences can be cut into pieces only where the number of weights does not "
                                        "depend on the number of steps");
        if (const int rest = steps % settings.truncation) rest_.emplace(network, rest);
    }
    if (weights) std::copy_n(weights, weights_.size(), weights_.begin());
    else network.initialize(seed, weights_.data());
}

Score Session::pass(const Work& work) {
    const Network& network = work.network;
    Workspace& workspace = work.workspace;
    const Samples& samples = work.samples;
    const std::ptrdiff_t outputs = network.out_size(), features = network.in_size(), steps = network.in_steps();
    Workspace::Pass pass{.weights = weights_.data(), .training = work.training, .remember = !work.forward_only,
                         .noise = work.training ? noise_.next() : 0,
                         .learns_from = work.training ? learns_from_ : 0};
    const auto divisor = static_cast<double>(targets(network, samples, work.order, work.count));
    std::ranges::fill(gradient_, 0.0f);
    Score total;
    const std::vector<Slice> slices = network_.slices(work.count);  // the same for every piece
    if (work.carry) states_.resize(std::max(states_.size(), slices.size()));
    for (std::size_t i = 0; i < slices.size() && !stopped(); ++i) {
        const Slice& slice = slices[i];
        const auto size = static_cast<std::size_t>(places(slice) * features);
        input_.grow(size);
        if (work.d_x) d_input_.grow(size);
        if (samples.mask) mask_.grow(static_cast<std::size_t>(places(slice) * steps));
        for (const Segment& segment : slice) {
            pack(segment, samples.x, samples.x_row, work.order, features, input_.data() + segment.places * features);
            if (samples.mask)
                pack(segment, samples.mask, samples.mask_row, work.order, steps, mask_.data() + segment.places * steps);
        }
        pass.mask = samples.mask ? mask_.data() : nullptr;
        pass.state = work.carry ? &states_[i] : nullptr;
        workspace.forward(slice, input_.data(), pass);
        if (!work.forward_only) {
            for (const Segment& segment : slice) {
                float* const d_out = workspace.d_out() + segment.places * outputs;
                if (work.d_out) pack(segment, work.d_out, outputs, work.order, outputs, d_out);
                else total += score(settings_.loss, network, segment, workspace.output() + segment.places * outputs,
                                    samples, work.order, divisor, d_out);
            }
            workspace.backward(slice, input_.data(), pass, gradient_.data(), work.d_x ? d_input_.data() : nullptr);
        }
        if (work.carry) states_[i].advance();
        if (!work.d_x) continue;
        for (const Segment& segment : slice)
            predictions(Loss::mean_squared_error, segment, d_input_.data() + segment.places * features, features, 1,
                        work.d_x);
    }
    return total;
}

Score Session::step(const Samples& samples, const int* order, int count, double learning_rate) {
    if (piece_) return in_pieces(samples, order, count, learning_rate);
    const Score total = pass({network_, workspace_, samples, order, count, true});
    if (total.targets > 0 && !stopped()) optimizer_.step(learning_rate, weights_.data(), gradient_.data());
    return total;
}

Score Session::in_pieces(const Samples& samples, const int* order, int count, double learning_rate) {
    Score total;
    for (State& state : states_) state.started = false;
    const int steps = network_.in_steps(), length = settings_.truncation;
    for (int first = 0; first < steps; first += length) {
        Piece& piece = first + length <= steps ? *piece_ : *rest_;
        const Network& network = piece.network;
        const bool last = first + length >= steps;
        Samples part = samples;
        part.x += first * network.in_size() / network.in_steps();
        if (samples.mask) part.mask += first;
        if (network.per_step()) part.y += first * network.out_size() / network.out_steps();
        const Score score = pass({.network = network, .workspace = piece.workspace, .samples = part, .order = order,
                                  .count = count, .training = true, .carry = true,
                                  .forward_only = !network.per_step() && !last});
        if (score.targets > 0 && !stopped()) optimizer_.step(learning_rate, weights_.data(), gradient_.data());
        total += score;
    }
    return total;
}

Score Session::gradients(const Samples& samples, float* d_weights, float* d_x) {
    const Score total = pass({.network = network_, .workspace = workspace_, .samples = samples, .order = nullptr,
                              .count = samples.count, .d_x = d_x});
    std::ranges::copy(gradient_, d_weights);
    return total;
}

void Session::input_gradients(const Samples& samples, const float* d_out, float* d_x) {
    pass({.network = network_, .workspace = workspace_, .samples = samples, .order = nullptr, .count = samples.count,
          .d_out = d_out, .d_x = d_x});
}

namespace {

TrainedRun train_one(const Network& network, const TrainingSettings& settings, const Samples& training,
                     const Samples& validation, const Packed& packed_validation, std::uint64_t seed,
                     const float* weights, Control& control) {
    Session session(network, settings, seed, weights);
    session.stop_when(&control.stop);
    Random random(seed, Random::Stream::order);
    TrainedRun run;
    run.seed = seed;
    History& history = run.history;
    std::vector<int> order(static_cast<std::size_t>(training.count));
    std::iota(order.begin(), order.end(), 0);
    const int batches = 1 + (training.count - 1) / settings.batch_size;
    const bool is_classifier = settings.loss != Loss::mean_squared_error;
    const bool stops_early = settings.patience > 0 && validation.count > 0;
    double lowest = std::numeric_limits<double>::infinity();
    int waited = 0;
    long step = 0;
    run.weights = session.weights();

    for (int epoch = 1; epoch <= settings.epochs && !run.diverged; ++epoch) {
        if (settings.shuffle)
            for (std::size_t i = order.size(); i > 1; --i)  // Fisher and Yates's
                std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
        Score total;
        for (int batch = 0; batch < batches && !control.stop; ++batch) {
            const int first = batch * settings.batch_size;
            const double rate = scheduled(settings.schedule, settings.learning_rate, step++,
                                          static_cast<long>(batches) * settings.epochs);
            total += session.step(training, order.data() + first,
                                  std::min(settings.batch_size, training.count - first), rate);
        }
        const Score v = packed_validation.run(session.workspace(), session.weights().data(), settings.loss, nullptr,
                                              &control.stop);
        if (control.stop) return run;  // in the middle of an epoch, which does not count
        const auto note = [&](const Score& score, std::vector<double>& losses, std::vector<double>& accuracies) {
            const auto counted = static_cast<double>(score.targets);
            losses.push_back(score.loss / counted);
            if (is_classifier) accuracies.push_back(static_cast<double>(score.correct) / counted);
        };
        note(total, history.loss, history.accuracy);
        if (validation.count > 0) note(v, history.val_loss, history.val_accuracy);
        control.loss = history.loss.back();
        if (validation.count > 0) control.val_loss = history.val_loss.back();
        if (!std::isfinite(total.loss) || !std::isfinite(v.loss) || !all_finite(session.weights()))
            run.diverged = epoch;
        ++control.epochs_done;
        if (!stops_early || history.val_loss.back() < lowest) {
            run.weights = session.weights();
            if (stops_early) lowest = history.val_loss.back();
            waited = 0;
        } else if (++waited >= settings.patience) {
            break;
        }
        if (!control.asks()) continue;
        const auto last = [](const std::vector<double>& values) {
            return values.empty() ? std::numeric_limits<double>::quiet_NaN() : values.back();
        };
        run.stopped = control.ends_with({seed, epoch, last(history.loss), last(history.accuracy),
                                         last(history.val_loss), last(history.val_accuracy)});
        if (run.stopped) break;
    }
    run.finished = !run.stopped || run.diverged || history.loss.size() == static_cast<std::size_t>(settings.epochs);
    control.epochs_done += settings.epochs - static_cast<long>(history.loss.size());
    return run;
}

}  // namespace

void train(const Network& network, const TrainingSettings& settings, const Samples& training,
           const Samples& validation, const std::vector<std::uint64_t>& seeds, int threads, const float* weights,
           Control& control) {
    const Packed packed_validation(network, validation, true);
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failing;
    const auto work = [&] {
        try {
            for (std::size_t i = next++; i < seeds.size() && !control.stop; i = next++)
                control.hand_over(train_one(network, settings, training, validation, packed_validation, seeds[i],
                                            weights ? weights + i * network.parameters() : nullptr, control));
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
