// The passes forward and backward over a batch, and the room they need.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "buffer.hpp"
#include "network.hpp"
#include "normalisation.hpp"

namespace netlet {

// What the recurrent layers carry from one piece of a sequence to the next, for the samples of one slice: a buffer
// a layer, laid out as activations are. Empty before the first piece: zeros.
struct State {
    std::vector<Buffer<float>> before, after;
    bool started = false;
    // What was after is now before.
    void advance() {
        std::swap(before, after);
        started = true;
    }
};

// Room for the passes of one thread, grown as batches need it.
class Workspace {
public:
    explicit Workspace(const Network& network)
        : network_(network), outputs_(network.layers().size()), memory_(network.layers().size()),
          kept_(network.layers().size()), normalisations_(network.layers().begin(), network.layers().end()) {}

    struct Pass {
        const float* weights;
        bool training = false;   // dropout drops
        bool remember = false;   // backward will follow
        std::uint64_t noise = 0;
        const float* mask = nullptr;  // packed as a sequence of one channel: above 0 at steps that count; null: all
        State* state = nullptr;       // null: from zeros, and not kept
        std::size_t learns_from = 0;  // the first layer that backward reaches: those before it are frozen
        // Of each of the network's weights whether it stays as it is, or null: a batch normalisation all of whose
        // weights do so normalises by its moving averages in training too.
        const std::vector<bool>* frozen = nullptr;
    };
    // Computes every layer's output of the slice whose packed input is `in`.
    void forward(const Slice& slice, const float* in, const Pass& pass);
    // From the gradient in d_out(), adds to d_weights; fills d_in, packed as the input, unless null.
    void backward(const Slice& slice, const float* in, const Pass& pass, float* d_weights,
                  float* d_in);
    // The parts of these, for those who want to know what each layer takes: room for the slice, then layer by layer
    // forward, and back to pass.learns_from.
    void make_room(const Slice& slice, const Pass& pass);
    void forward_layer(std::size_t layer, const Slice& slice, const float* in, const Pass& pass);
    void backward_layer(std::size_t layer, const Slice& slice, const float* in, const Pass& pass, float* d_weights,
                        float* d_in);

    // After a training pass of a whole batch: moves the averages of batch normalisation.
    void move_averages(float* weights) const;

    // A layer's output, [segment][group][feature][sample].
    const float* output(std::size_t layer) const { return outputs_[layer].data(); }
    const float* output() const { return outputs_.back().data(); }
    // What a recurrent layer keeps (Layer::kept), in the same layout.
    const float* kept(std::size_t layer) const { return kept_[layer].data(); }
    float* d_out() { return gradients_[0].data(); }

private:
    Step step(std::size_t layer, const Segment& segment, const float* in, const Pass& pass);
    // What a batch normalisation has to know before its forward pass.
    void find_moments(std::size_t layer, const Slice& slice, const float* in, const Pass& pass);

    const Network& network_;
    std::vector<Buffer<float>> outputs_;
    std::vector<Buffer<std::int32_t>> memory_;
    std::vector<Buffer<float>> kept_;
    std::vector<Normalisation> normalisations_;  // of the layers that are none, empty
    Buffer<float> gradients_[2], scratch_;
};

}  // namespace netlet
