// A network: layers with their geometry, where their weights are, and the passes forward and backward over a
// batch. It owns no weights: passes are given them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "buffer.hpp"
#include "dispatch.hpp"
#include "layer.hpp"
#include "random.hpp"

namespace netlet {

enum class Initializer { zeros, glorot_uniform, glorot_normal, he_uniform, he_normal, orthogonal };

// A layer as the user says it. Names and meanings are Keras's.
struct LayerSpec {
    std::string kind;  // conv, depthwise_conv, max_pool, avg_pool, global_max_pool, global_avg_pool, flatten,
                       // dense, dropout, activation
    int units = 0;     // filters of conv, units of dense, depth multiplier of depthwise_conv
    std::array<int, 2> window{1, 1}, strides{1, 1};
    bool same = false;  // padding
    Activation activation = Activation::linear;
    bool bias = true;
    double rate = 0;
    Initializer initializer = Initializer::glorot_uniform;
};

// One of the network's weights: a kernel or a bias.
struct Weight {
    std::size_t at;
    std::vector<int> shape;  // Keras's
    Initializer initializer;
    bool is_kernel;
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
    std::vector<Slice> slices(int samples) const;
    std::ptrdiff_t in_size() const { return in_size_; }
    std::ptrdiff_t out_size() const { return layers_.back().out_size(); }

    // Weights drawn as the initializers say, from the seed's own stream; biases zero.
    void initialize(std::uint64_t seed, float* weights) const;

private:
    void add(const LayerSpec& spec, std::array<int, 3>& shape, bool fused);
    std::size_t add_weight(std::vector<int> shape, Initializer initializer, bool is_kernel);

    std::vector<Layer> layers_;
    std::vector<Weight> weights_;
    std::size_t parameters_ = 0;
    std::ptrdiff_t in_size_;
    const Kernels* kernels_;
};

// Room for the passes of one thread, grown as batches need it.
class Workspace {
public:
    explicit Workspace(const Network& network) : network_(network), outputs_(network.layers().size()),
                                                 memory_(network.layers().size()) {}

    struct Pass {
        const float* weights;
        bool training = false;   // dropout drops
        bool remember = false;   // backward will follow
        std::uint64_t noise = 0;
    };
    // Computes every layer's output of the slice whose packed input is `in`.
    void forward(const Slice& slice, const float* in, const Pass& pass);
    // From the gradient in d_out(), adds to d_weights; fills d_in, packed as the input, unless null.
    void backward(const Slice& slice, const float* in, const Pass& pass, float* d_weights,
                  float* d_in);

    // A layer's output, [segment][group][feature][sample].
    const float* output(std::size_t layer) const { return outputs_[layer].data(); }
    const float* output() const { return outputs_.back().data(); }
    float* d_out() { return gradients_[0].data(); }

private:
    void make_room(const Slice& slice, bool remember);

    const Network& network_;
    std::vector<Buffer<float>> outputs_;
    std::vector<Buffer<std::int32_t>> memory_;
    Buffer<float> gradients_[2], scratch_;
};

}  // namespace netlet
