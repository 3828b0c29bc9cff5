#include "session.hpp"

#include <algorithm>
#include <stdexcept>

namespace netlet {

Session::Session(const Network& network, const TrainingSettings& settings, std::uint64_t seed, const float* weights)
    : network_(network), settings_(settings), workspace_(network),
      optimizer_(settings.optimizer, network, settings.frozen), noise_(seed, Random::Stream::dropout),
      weights_(network.parameters()), gradient_(network.parameters()),
      learns_from_(network.learns_from(settings.frozen)) {
    if (settings.augmentation.is_any()) augmenter_.emplace(settings.augmentation, network.input_shape(), seed);
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
                         .learns_from = work.training ? learns_from_ : 0,
                         .frozen = work.training ? &settings_.frozen : nullptr};
    const auto divisor = static_cast<double>(targets(network, samples, work.order, work.count));
    std::ranges::fill(gradient_, 0.0f);
    Score total;
    // The same for every piece. Batch normalisation has to see a whole batch.
    const std::vector<Slice> slices =
        network_.slices(work.count, work.training && network_.normalises_batches());
    if (work.carry) states_.resize(std::max(states_.size(), slices.size()));
    for (std::size_t i = 0; i < slices.size() && !stopped(); ++i) {
        const Slice& slice = slices[i];
        const auto size = static_cast<std::size_t>(places(slice) * features);
        input_.grow(size);
        if (work.d_x) d_input_.grow(size);
        if (samples.mask) mask_.grow(static_cast<std::size_t>(places(slice) * steps));
        for (const Segment& segment : slice) {
            float* const input = input_.data() + segment.places * features;
            if (work.training && augmenter_) augmenter_->pack(segment, samples.x, samples.x_row, work.order, input);
            else pack(segment, samples, work.order, features, input);
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
    if (work.training && !stopped()) workspace.move_averages(weights_.data());
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
        part.pixels = nullptr;
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

}  // namespace netlet
