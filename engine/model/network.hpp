// A network: layers with their geometry, and where their weights are. It owns no weights.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "../kernels/dispatch.hpp"
#include "../kernels/layer.hpp"

namespace netlet {

// `forget`: an LSTM's biases, one for the forget gate and zero for the others.
enum class Initializer { zeros, glorot_uniform, glorot_normal, he_uniform, he_normal, orthogonal, forget, ones, uniform };

// A layer as the user says it. Names and meanings are Keras's.
struct LayerSpec {
    std::string kind;  // conv, depthwise_conv, max_pool, avg_pool, global_max_pool, global_avg_pool, flatten,
                       // the same but for depthwise_conv with 1d behind it: over the steps of a sequence;
                       // batch_norm, layer_norm, dense, dropout, activation, rnn, gru, lstm, bidirectional,
                       // embedding
    int units = 0;     // filters of conv, units of dense and recurrent layers, multiplier of depthwise_conv
    std::array<int, 2> window{1, 1}, strides{1, 1};
    bool same = false;  // padding
    bool causal = false;  // padding of conv1d: all of it before the first step
    Activation activation = Activation::linear;
    bool bias = true;
    double rate = 0;
    Initializer initializer = Initializer::glorot_uniform;
    // Of recurrent layers.
    Activation recurrent_activation = Activation::sigmoid;
    Initializer recurrent_initializer = Initializer::orthogonal;
    bool reset_after = true;
    bool unit_forget_bias = true;
    bool sequences = true;  // every step is an output, not only the last
    // Of an embedding: rows of its table; whether a step whose number is 0 does not count.
    int rows = 0;
    bool mask_zero = false;
    // Of a bidirectional layer: which recurrent layer both directions are, and how what they give is joined.
    std::string cell = "rnn";
    Merge merge = Merge::concat;
    // Of batch and layer normalisation, whose `bias` is beta.
    bool scale = true;
    double momentum = 0.99, epsilon = 1e-3;
};

// One of the network's weights: a kernel, a bias, or a moving average.
struct Weight {
    std::size_t at;
    std::vector<int> shape;  // Keras's
    Initializer initializer;
    bool is_kernel;
    std::size_t layer;  // whose it is
    bool learns = true;  // by gradients: moving averages do not
    std::size_t size() const;
};

// Samples of a batch that are computed together: whole groups of one width.
struct Segment {
    const Kernels* kernels;
    int groups;
    int first, samples;  // within the batch; groups * width >= samples
    int places;          // sample places of the segments before this one in its slice
    int width() const { return kernels->width; }
};

// Samples that pass through the network together, few enough for their input to stay in the cache.
using Slice = std::vector<Segment>;
int places(const Slice& slice);

class Network {
public:
    // `fused` lets a convolution take the max pooling behind it along; without it every layer's output exists.
    // Throws std::invalid_argument for a layer that does not fit.
    Network(std::array<int, 3> input, const std::vector<LayerSpec>& specs, const std::string& instruction_set,
            bool fused);

    const std::vector<Layer>& layers() const { return layers_; }
    const std::vector<Weight>& weights() const { return weights_; }
    std::size_t parameters() const { return parameters_; }
    const Kernels* kernels() const { return kernels_; }
    // A batch in slices: full groups of the widest kind, then one just wide enough for the rest.
    std::vector<Slice> slices(int samples) const { return slices(samples, false); }
    // The same, or all of it in one slice.
    std::vector<Slice> slices(int samples, bool whole) const;
    const std::array<int, 3>& input_shape() const { return input_; }
    std::ptrdiff_t in_size() const { return input_size(input_); }
    std::ptrdiff_t out_size() const { return layers_.back().out_size(); }
    // Of a sequence; of its targets: 1 unless there is one at every step.
    int in_steps() const { return input_[1]; }
    int out_steps() const { return per_step_ ? layers_.back().out_width : 1; }
    bool per_step() const { return per_step_; }
    bool recurrent() const;
    bool normalises_batches() const;
    // Whether the input itself says which steps count: those where it is above 0.
    bool masks_zeros() const { return masks_zeros_; }
    // The first layer with a weight that is not frozen, as Optimizer has it.
    std::size_t learns_from(const std::vector<bool>& frozen) const;
    // The same layers, with the same weights, for sequences of another length.
    Network with_steps(int steps) const;

    // Weights drawn as the initializers say, from the seed's own stream; biases zero.
    void initialize(std::uint64_t seed, float* weights) const;

private:
    void add(const LayerSpec& spec, std::array<int, 3>& shape, bool fused);
    void add_cell(const LayerSpec& spec, int inputs, Layer& layer);
    std::size_t add_weight(std::vector<int> shape, Initializer initializer, bool is_kernel, bool learns = true);

    static std::ptrdiff_t input_size(const std::array<int, 3>& input) {
        return std::ptrdiff_t(input[0]) * input[1] * input[2];
    }

    std::array<int, 3> input_;
    std::vector<LayerSpec> specs_;
    std::string instruction_set_;
    bool fused_;
    std::vector<Layer> layers_;
    std::vector<Weight> weights_;
    std::size_t parameters_ = 0;
    bool per_step_;  // so far every layer kept the steps apart
    bool masked_;    // so far the data's mask says which of them count
    bool masks_zeros_ = false;
    const Kernels* kernels_;
};

}  // namespace netlet
