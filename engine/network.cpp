#include "network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace netlet {

std::size_t Weight::size() const {
    return std::accumulate(shape.begin(), shape.end(), std::size_t{1},
                           [](std::size_t product, int n) { return product * static_cast<std::size_t>(n); });
}

int places(const Slice& slice) {
    return slice.empty() ? 0 : slice.back().places + slice.back().groups * slice.back().width();
}

std::vector<Slice> Network::slices(int samples) const {
    constexpr std::ptrdiff_t cache = 256 * 1024;  // bytes of a slice's input
    const std::ptrdiff_t group = in_size() * kernels_->width * std::ptrdiff_t(sizeof(float));
    const int most = static_cast<int>(std::clamp<std::ptrdiff_t>(cache / group, 1, 64 / kernels_->width));
    std::vector<Slice> found;
    int first = 0;
    while (samples - first >= kernels_->width) {
        const int groups = std::min(most, (samples - first) / kernels_->width);
        found.push_back({{kernels_, groups, first, groups * kernels_->width, 0}});
        first += groups * kernels_->width;
    }
    if (first == samples) return found;
    const Kernels* narrowest = kernels_;
    while ((narrowest + 1)->width >= samples - first) ++narrowest;
    const Segment rest{narrowest, 1, first, samples - first, 0};
    if (found.empty() || found.back().front().groups == most) {
        found.push_back({rest});
    } else {
        found.back().push_back(rest);
        found.back().back().places = found.back().front().groups * kernels_->width;
    }
    return found;
}

Network::Network(std::array<int, 3> input, const std::vector<LayerSpec>& specs, const std::string& instruction_set,
                 bool fused)
    : input_(input), specs_(specs), instruction_set_(instruction_set), fused_(fused),
      per_step_(input[0] == 1), kernels_(kernels_of(instruction_set)) {
    if (std::ranges::any_of(input, [](int n) { return n < 1; }))
        throw std::invalid_argument("the input's sizes must all be at least 1");
    for (const LayerSpec& spec : specs) add(spec, input, fused);
    if (layers_.empty()) throw std::invalid_argument("there is no layer that computes anything");
}

bool Network::recurrent() const {
    return std::ranges::any_of(layers_, [](const Layer& layer) { return layer.recurrent(); });
}

Network Network::with_steps(int steps) const {
    return {{input_[0], steps, input_[2]}, specs_, instruction_set_, fused_};
}

std::size_t Network::add_weight(std::vector<int> shape, Initializer initializer, bool is_kernel) {
    weights_.push_back({parameters_, std::move(shape), initializer, is_kernel});
    parameters_ += weights_.back().size();
    return weights_.back().at;
}

namespace {

// Output size and leading padding of a sliding window, by Keras's formulas.
std::pair<int, int> slid(int size, int window, int stride, bool same) {
    if (window < 1 || stride < 1) throw std::invalid_argument("windows and strides must be at least 1");
    if (!same) {
        if (window > size) throw std::invalid_argument("a window is larger than what it slides over");
        return {(size - window) / stride + 1, 0};
    }
    const int out = (size + stride - 1) / stride;
    return {out, std::max(0, (out - 1) * stride + window - size) / 2};
}

}  // namespace

void Network::add(const LayerSpec& spec, std::array<int, 3>& shape, bool fused) {
    if (spec.kind == "flatten") {
        shape = {1, 1, shape[0] * shape[1] * shape[2]};
        per_step_ = false;
        return;
    }
    Layer layer;
    layer.index = static_cast<int>(layers_.size());
    layer.activation = spec.activation;
    layer.in_height = shape[0];
    layer.in_width = shape[1];
    layer.in_channels = shape[2];
    layer.bias = spec.bias;
    layer.rate = static_cast<float>(spec.rate);
    layer.kernel_height = spec.window[0];
    layer.kernel_width = spec.window[1];
    layer.stride_height = spec.strides[0];
    layer.stride_width = spec.strides[1];
    const auto slide = [&] {
        std::tie(layer.out_height, layer.pad_top) = slid(shape[0], spec.window[0], spec.strides[0], spec.same);
        std::tie(layer.out_width, layer.pad_left) = slid(shape[1], spec.window[1], spec.strides[1], spec.same);
    };
    const auto units = [&] {
        if (spec.units < 1) throw std::invalid_argument(spec.kind + " needs at least one output channel");
        return spec.units;
    };
    std::vector<int> kernel;
    layer.out_channels = shape[2];
    if (spec.kind == "conv") {
        layer.kind = Kind::conv;
        slide();
        layer.out_channels = units();
        kernel = {spec.window[0], spec.window[1], shape[2], spec.units};
    } else if (spec.kind == "depthwise_conv") {
        // Of one channel it is a convolution with a filter for each multiple, for which the kernels are faster.
        layer.kind = shape[2] == 1 ? Kind::conv : Kind::depthwise_conv;
        slide();
        layer.multiplier = units();
        layer.out_channels = shape[2] * spec.units;
        kernel = {spec.window[0], spec.window[1], shape[2], spec.units};
    } else if (spec.kind == "dense") {
        layer.kind = Kind::dense;
        layer.kernel_height = layer.kernel_width = layer.stride_height = layer.stride_width = 1;
        layer.out_height = shape[0];
        layer.out_width = shape[1];
        layer.out_channels = units();
        kernel = {shape[2], spec.units};
    } else if (spec.kind == "rnn" || spec.kind == "gru" || spec.kind == "lstm") {
        layer.kind = spec.kind == "rnn" ? Kind::rnn : spec.kind == "gru" ? Kind::gru : Kind::lstm;
        if (shape[0] != 1) throw std::invalid_argument(spec.kind + " works on sequences, not on images");
        layer.kernel_height = layer.kernel_width = layer.stride_height = layer.stride_width = 1;
        layer.out_width = shape[1];
        layer.out_channels = units();
        layer.recurrent_activation = spec.recurrent_activation;
        layer.reset_after = spec.reset_after;
        const int sums = layer.gates() * spec.units;
        layer.kernel_at = add_weight({shape[2], sums}, spec.initializer, true);
        layer.recurrent_at = add_weight({spec.units, sums}, spec.recurrent_initializer, true);
        const bool forget = layer.kind == Kind::lstm && spec.unit_forget_bias;
        std::vector<int> bias{sums};
        if (layer.kind == Kind::gru && spec.reset_after) bias = {2, sums};
        if (spec.bias)
            layer.bias_at = add_weight(bias, forget ? Initializer::forget : Initializer::zeros, false);
    } else if (spec.kind == "max_pool" || spec.kind == "avg_pool") {
        layer.kind = spec.kind == "max_pool" ? Kind::max_pool : Kind::avg_pool;
        slide();
    } else if (spec.kind == "global_max_pool" || spec.kind == "global_avg_pool") {
        layer.kind = spec.kind == "global_max_pool" ? Kind::global_max_pool : Kind::global_avg_pool;
        layer.kernel_height = shape[0];
        layer.kernel_width = shape[1];
        per_step_ = false;
    } else if (spec.kind == "dropout" || spec.kind == "activation") {
        layer.kind = spec.kind == "dropout" ? Kind::dropout : Kind::activation;
        if (!(layer.rate >= 0 && layer.rate < 1)) throw std::invalid_argument("a dropout rate must be in [0, 1)");
        layer.out_height = shape[0];
        layer.out_width = shape[1];
    } else {
        throw std::invalid_argument("unknown kind of layer '" + spec.kind + "'");
    }
    if (!kernel.empty()) {
        layer.kernel_at = add_weight(kernel, spec.initializer, true);
        if (spec.bias) layer.bias_at = add_weight({layer.out_channels}, Initializer::zeros, false);
    }
    shape = {layer.out_height, layer.out_width, layer.out_channels};

    // The registers hold pooling windows of 2 x 2 and 3 x 3.
    if (fused && layer.kind == Kind::max_pool && !layers_.empty() && layers_.back().kind == Kind::conv &&
        layers_.back().pool == 1 && !spec.same && spec.window == spec.strides &&
        (spec.window == std::array{2, 2} || spec.window == std::array{3, 3})) {
        layers_.back().pool = spec.window[0];
        layers_.back().out_height = layer.out_height;
        layers_.back().out_width = layer.out_width;
        return;
    }
    layers_.push_back(layer);
    if (layer.recurrent() && !spec.sequences) {
        Layer last;
        last.kind = Kind::last_step;
        last.index = layer.index + 1;
        last.in_width = shape[1];
        last.in_channels = last.out_channels = shape[2];
        layers_.push_back(last);
        shape = {1, 1, shape[2]};
        per_step_ = false;
    }
}

namespace {

struct Fans { double in, out; };
Fans fans(const std::vector<int>& shape) {  // Keras's: the receptive field times the last two dimensions
    double field = 1;
    for (std::size_t i = 0; i + 2 < shape.size(); ++i) field *= shape[i];
    return {field * shape[shape.size() - 2], field * shape.back()};
}

void uniform(Random& random, double limit, float* w, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) w[i] = static_cast<float>((2 * random.uniform() - 1) * limit);
}

// A normal distribution cut at two standard deviations, widened so that `deviation` is what is left (Keras's).
void truncated_normal(Random& random, double deviation, float* w, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        double x = random.normal();
        while (std::abs(x) > 2) x = random.normal();
        w[i] = static_cast<float>(x * deviation / 0.87962566103423978);
    }
}

// Orthonormal columns (rows, if there are more columns than rows) of a normal matrix, by Gram-Schmidt done
// twice; the shape is read as a matrix of its last dimension's columns, as in Keras.
void orthogonal(Random& random, const std::vector<int>& shape, float* w, std::size_t size) {
    const std::size_t columns = static_cast<std::size_t>(shape.back()), rows = size / columns;
    const bool wide = columns > rows;
    const std::size_t count = wide ? rows : columns, length = wide ? columns : rows;
    std::vector<double> basis(count * length);
    for (std::size_t v = 0; v < count; ++v) {
        double* vector = &basis[v * length];
        for (std::size_t i = 0; i < length; ++i) vector[i] = random.normal();
        for (int twice = 0; twice < 2; ++twice)
            for (std::size_t u = 0; u < v; ++u) {
                const double* other = &basis[u * length];
                const double along = std::inner_product(other, other + length, vector, 0.0);
                for (std::size_t i = 0; i < length; ++i) vector[i] -= along * other[i];
            }
        const double norm = std::sqrt(std::inner_product(vector, vector + length, vector, 0.0));
        for (std::size_t i = 0; i < length; ++i) {
            vector[i] /= norm;
            w[wide ? v * columns + i : i * columns + v] = static_cast<float>(vector[i]);
        }
    }
}

}  // namespace

void Network::initialize(std::uint64_t seed, float* weights) const {
    Random random(seed, Random::Stream::weights);
    for (const Weight& weight : weights_) {
        float* w = weights + weight.at;
        const std::size_t size = weight.size();
        const Fans f = weight.shape.size() > 1 ? fans(weight.shape) : Fans{1, 1};
        switch (weight.initializer) {
            case Initializer::zeros: std::fill_n(w, size, 0.0f); break;
            case Initializer::forget:
                for (std::size_t i = 0; i < size; ++i) w[i] = i / (size / 4) == 1 ? 1.0f : 0.0f;
                break;
            case Initializer::glorot_uniform: uniform(random, std::sqrt(6 / (f.in + f.out)), w, size); break;
            case Initializer::he_uniform: uniform(random, std::sqrt(6 / f.in), w, size); break;
            case Initializer::glorot_normal:
                truncated_normal(random, std::sqrt(2 / (f.in + f.out)), w, size);
                break;
            case Initializer::he_normal: truncated_normal(random, std::sqrt(2 / f.in), w, size); break;
            case Initializer::orthogonal: orthogonal(random, weight.shape, w, size); break;
        }
    }
}

std::size_t Network::learns_from(const std::vector<bool>& frozen) const {
    if (frozen.empty()) return 0;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        const Layer& layer = layers_[i];
        if (layer.kernel_size() == 0) continue;
        for (std::size_t w = 0; w < weights_.size(); ++w) {
            const std::size_t at = weights_[w].at;
            const bool is_its = at == layer.kernel_at || (layer.recurrent() && at == layer.recurrent_at) ||
                                (layer.bias && at == layer.bias_at);
            if (is_its && !frozen[w]) return i;
        }
    }
    return layers_.size() - 1;
}

void Workspace::make_room(const Slice& slice, const Pass& pass) {
    const auto all = static_cast<std::size_t>(places(slice));
    const std::ptrdiff_t width = network_.kernels()->width;
    auto largest = static_cast<std::size_t>(network_.in_size());
    std::ptrdiff_t scratch = 0;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const Layer& layer = network_.layers()[i];
        const auto size = static_cast<std::size_t>(layer.out_size());
        outputs_[i].grow(size * all);
        if (pass.remember) kept_[i].grow(static_cast<std::size_t>(layer.kept_size()) * all);
        if (pass.remember && layer.remembers()) memory_[i].grow(size * all);
        largest = std::max(largest, size);
        scratch = std::max(scratch, scratch_size(layer, width, static_cast<std::ptrdiff_t>(all)));
    }
    scratch_.grow(static_cast<std::size_t>(scratch));
    if (pass.remember)
        for (Buffer<float>& gradient : gradients_) gradient.grow(largest * all);
    if (!pass.state) return;
    for (std::vector<Buffer<float>>* side : {&pass.state->before, &pass.state->after}) {
        side->resize(outputs_.size());
        for (std::size_t i = 0; i < outputs_.size(); ++i)
            (*side)[i].grow(static_cast<std::size_t>(network_.layers()[i].state_size()) * all);
    }
}

Step Workspace::step(std::size_t i, const Segment& segment, const float* in, const Pass& pass) const {
    const Layer& layer = network_.layers()[i];
    Step step;
    step.groups = segment.groups;
    step.weights = pass.weights;
    step.in = (i ? outputs_[i - 1].data() : in) + segment.places * layer.in_size();
    step.out = outputs_[i].data() + segment.places * layer.out_size();
    step.scratch = scratch_.data();
    step.training = pass.training;
    step.noise = pass.noise;
    step.first_sample = segment.first;
    if (pass.remember && layer.remembers()) step.memory = memory_[i].data() + segment.places * layer.out_size();
    if (!layer.recurrent()) return step;
    step.kept = pass.remember ? kept_[i].data() + segment.places * layer.kept_size() : nullptr;
    step.mask = pass.mask ? pass.mask + segment.places * layer.in_width : nullptr;
    if (!pass.state) return step;
    const std::ptrdiff_t at = segment.places * layer.state_size();
    step.state = pass.state->started ? pass.state->before[i].data() + at : nullptr;
    step.next_state = pass.state->after[i].data() + at;
    return step;
}

void Workspace::forward(const Slice& slice, const float* in, const Pass& pass) {
    make_room(slice, pass);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const Layer& layer = network_.layers()[i];
        for (const Segment& segment : slice)
            segment.kernels->forward[static_cast<int>(layer.kind)](layer, step(i, segment, in, pass));
    }
}

void Workspace::backward(const Slice& slice, const float* in, const Pass& pass, float* d_weights,
                         float* d_in) {
    for (std::size_t i = outputs_.size(); i-- > pass.learns_from;) {
        const Layer& layer = network_.layers()[i];
        Buffer<float>&from = gradients_[0], &to = gradients_[1];
        for (const Segment& segment : slice) {
            Step work = step(i, segment, in, pass);
            work.d_out = from.data() + segment.places * layer.out_size();
            float* below = i > pass.learns_from ? to.data() : i ? nullptr : d_in;
            work.d_in = below ? below + segment.places * layer.in_size() : nullptr;
            work.d_weights = d_weights;
            segment.kernels->backward[static_cast<int>(layer.kind)](layer, work);
        }
        std::swap(from, to);
    }
}

}  // namespace netlet
