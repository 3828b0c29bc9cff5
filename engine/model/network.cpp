#include "network.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace netlet {

std::size_t Weight::size() const {
    return std::accumulate(shape.begin(), shape.end(), std::size_t{1},
                           [](std::size_t product, int n) { return product * static_cast<std::size_t>(n); });
}

int places(const Slice& slice) {
    return slice.empty() ? 0 : slice.back().places + slice.back().groups * slice.back().width();
}

std::vector<Slice> Network::slices(int samples, bool whole) const {
    constexpr std::ptrdiff_t cache = 256 * 1024;  // bytes of a slice's input
    const std::ptrdiff_t group = in_size() * kernels_->width * std::ptrdiff_t(sizeof(float));
    const int most = whole ? std::numeric_limits<int>::max()
                           : static_cast<int>(std::clamp<std::ptrdiff_t>(cache / group, 1, 64 / kernels_->width));
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
      per_step_(input[0] == 1), masked_(per_step_), kernels_(kernels_of(instruction_set)) {
    if (std::ranges::any_of(input, [](int n) { return n < 1; }))
        throw std::invalid_argument("the input's sizes must all be at least 1");
    for (const LayerSpec& spec : specs) add(spec, input, fused);
    if (layers_.empty()) throw std::invalid_argument("there is no layer that computes anything");
}

bool Network::normalises_batches() const {
    return std::ranges::any_of(layers_, [](const Layer& layer) { return layer.kind == Kind::batch_norm; });
}

bool Network::recurrent() const {
    return std::ranges::any_of(layers_, [](const Layer& layer) { return layer.recurrent(); });
}

Network Network::with_steps(int steps) const {
    return {{input_[0], steps, input_[2]}, specs_, instruction_set_, fused_};
}

std::size_t Network::add_weight(std::vector<int> shape, Initializer initializer, bool is_kernel, bool learns) {
    weights_.push_back({parameters_, std::move(shape), initializer, is_kernel, layers_.size(), learns});
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

Kind kind_of_cell(const std::string& name) {
    if (name == "rnn") return Kind::rnn;
    if (name == "gru") return Kind::gru;
    if (name == "lstm") return Kind::lstm;
    throw std::invalid_argument("unknown kind of recurrent layer '" + name + "'");
}

// A convolution or pooling over steps as that of an image of one row.
bool is_of_steps(const std::string& kind) { return kind.ends_with("1d"); }

}  // namespace

void Network::add(const LayerSpec& written, std::array<int, 3>& shape, bool fused) {
    LayerSpec spec = written;
    const bool of_steps = is_of_steps(spec.kind);
    if (of_steps) {
        if (shape[0] != 1) throw std::invalid_argument(spec.kind + " works on sequences, not on images");
        spec.kind.resize(spec.kind.size() - 2);
    }
    if (spec.kind == "flatten") {
        shape = {1, 1, shape[0] * shape[1] * shape[2]};
        per_step_ = masked_ = false;
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
        std::tie(layer.out_width, layer.pad_left) =
            slid(shape[1], spec.window[1], spec.strides[1], spec.same || spec.causal);
        if (spec.causal) layer.pad_left = spec.window[1] - 1;
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
        if (of_steps) kernel.erase(kernel.begin());
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
        layer.kind = kind_of_cell(spec.kind);
        if (shape[0] != 1) throw std::invalid_argument(spec.kind + " works on sequences, not on images");
        layer.kernel_height = layer.kernel_width = layer.stride_height = layer.stride_width = 1;
        layer.out_width = shape[1];
        layer.out_channels = units();
        layer.masked = masked_;
        add_cell(spec, shape[2], layer);
    } else if (spec.kind == "bidirectional") {
        layer.kind = Kind::bidirectional;
        if (shape[0] != 1) throw std::invalid_argument(spec.kind + " works on sequences, not on images");
        layer.kernel_height = layer.kernel_width = layer.stride_height = layer.stride_width = 1;
        layer.cell = kind_of_cell(spec.cell);
        layer.merge = spec.merge;
        layer.units = units();
        layer.sequences = spec.sequences;
        layer.out_width = spec.sequences ? shape[1] : 1;
        layer.out_channels = spec.units * (spec.merge == Merge::concat ? 2 : 1);
        layer.masked = masked_;
        if (!spec.sequences) per_step_ = masked_ = false;
        Layer second = layer.direction(false), first = second;
        const std::size_t begin = parameters_;
        add_cell(spec, shape[2], first);
        layer.direction_size = parameters_ - begin;
        layer.recurrent_activation = first.recurrent_activation;
        layer.reset_after = first.reset_after;
        layer.kernel_at = first.kernel_at;
        layer.recurrent_at = first.recurrent_at;
        layer.bias_at = first.bias_at;
        add_cell(spec, shape[2], second);
    } else if (spec.kind == "embedding") {
        layer.kind = Kind::embedding;
        if (!layers_.empty() || shape[0] != 1 || (shape[1] != 1 && shape[2] != 1))
            throw std::invalid_argument("an embedding is the first layer, and takes one number at every step");
        if (spec.rows < 1) throw std::invalid_argument("an embedding's table needs at least one row");
        layer.in_width = layer.out_width = shape[1] * shape[2];  // a vector is its numbers one after another
        layer.in_channels = 1;
        masked_ = masks_zeros_ = spec.mask_zero;
        layer.out_channels = units();
        layer.rows = spec.rows;
        layer.kernel_at = add_weight({spec.rows, spec.units}, spec.initializer, true);
    } else if (spec.kind == "max_pool" || spec.kind == "avg_pool") {
        layer.kind = spec.kind == "max_pool" ? Kind::max_pool : Kind::avg_pool;
        slide();
    } else if (spec.kind == "global_max_pool" || spec.kind == "global_avg_pool") {
        layer.kind = spec.kind == "global_max_pool" ? Kind::global_max_pool : Kind::global_avg_pool;
        layer.kernel_height = shape[0];
        layer.kernel_width = shape[1];
        layer.masked = masked_ && of_steps && layer.kind == Kind::global_avg_pool;
        per_step_ = false;
    } else if (spec.kind == "batch_norm" || spec.kind == "layer_norm") {
        const bool of_batches = spec.kind == "batch_norm";
        layer.kind = of_batches ? Kind::batch_norm : Kind::layer_norm;
        layer.out_height = shape[0];
        layer.out_width = shape[1];
        layer.masked = masked_ && of_batches;
        layer.scale = spec.scale;
        layer.momentum = static_cast<float>(spec.momentum);
        layer.epsilon = static_cast<float>(spec.epsilon);
        if (spec.scale) layer.kernel_at = add_weight({shape[2]}, Initializer::ones, false);
        if (spec.bias) layer.bias_at = add_weight({shape[2]}, Initializer::zeros, false);
        if (of_batches) {
            layer.mean_at = add_weight({shape[2]}, Initializer::zeros, false, false);
            layer.variance_at = add_weight({shape[2]}, Initializer::ones, false, false);
        }
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
    if (of_steps || !per_step_) masked_ = false;

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
        per_step_ = masked_ = false;
    }
}

// A recurrent layer's weights, drawn in Keras's order.
void Network::add_cell(const LayerSpec& spec, int inputs, Layer& layer) {
    layer.recurrent_activation = spec.recurrent_activation;
    layer.reset_after = spec.reset_after;
    const int sums = layer.gates() * spec.units;
    layer.kernel_at = add_weight({inputs, sums}, spec.initializer, true);
    layer.recurrent_at = add_weight({spec.units, sums}, spec.recurrent_initializer, true);
    const bool forget = layer.kind == Kind::lstm && spec.unit_forget_bias;
    std::vector<int> bias{sums};
    if (layer.kind == Kind::gru && spec.reset_after) bias = {2, sums};
    if (spec.bias) layer.bias_at = add_weight(bias, forget ? Initializer::forget : Initializer::zeros, false);
}

std::size_t Network::learns_from(const std::vector<bool>& frozen) const {
    if (frozen.empty()) return 0;
    for (std::size_t w = 0; w < weights_.size(); ++w)
        if (weights_[w].learns && !frozen[w]) return weights_[w].layer;
    return layers_.size() - 1;
}

}  // namespace netlet
