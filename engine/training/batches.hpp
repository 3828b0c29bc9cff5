// Samples laid side by side, as the kernels want them.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "../model/workspace.hpp"
#include "loss.hpp"

namespace netlet {

// Lays rows of `features` numbers, `stride` apart, side by side: row order[i] at place i (row i if order is null).
void pack(const Segment& segment, const float* first_row, std::ptrdiff_t stride, const int* order,
          std::ptrdiff_t features, float* out);
// The x of samples, from their pixels if there are any.
void pack(const Segment& segment, const Samples& samples, const int* order, std::ptrdiff_t features, float* out);

// Samples whose x, where it is 8-bit pixels, is held as bytes, too: a quarter of the memory to read in every epoch.
class Pixels {
public:
    Pixels(const Network& network, const Samples& samples);
    const Samples& samples() const { return samples_; }

private:
    Buffer<std::uint8_t> bytes_;
    Samples samples_;
};

// Samples for passes that go through them in order, laid side by side a slice after the other in the pass; or, for many
// passes, all of them `once`, unless they are pixels: these take no longer from bytes, which are a quarter of the memory
// to read.
class Packed {
public:
    Packed(const Network& network, const Samples& samples, bool once);
    // Predictions of every sample as rows, unless null, and the summed score (without targets: zero). If `stop`,
    // unless null, becomes true, what is left undone.
    Score run(Workspace& workspace, const float* weights, Loss loss, float* rows,
              const std::atomic<bool>* stop = nullptr) const;
    // Every layer's output of every sample as rows, and what recurrent layers keep (Layer::kept): one vector of the
    // right size for each layer.
    void outputs(Workspace& workspace, const float* weights, std::vector<std::vector<float>>& rows,
                 std::vector<std::vector<float>>& kept) const;

private:
    // Calls done(slice) after each slice has passed through the workspace, until that returns false.
    template <class Done>
    void pass(Workspace& workspace, Workspace::Pass pass, Done done) const;
    void lay_out(const Slice& slice, float* x, float* mask) const;  // `mask`: if the samples have one

    const Network& network_;
    std::vector<Slice> slices_;
    std::optional<Pixels> pixels_;
    Samples samples_;
    bool laid_out_ = false;
    Buffer<float> floats_, mask_;  // of samples that are laid out
};

}  // namespace netlet
