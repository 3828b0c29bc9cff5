// Samples laid side by side, as the kernels want them.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "../model/workspace.hpp"
#include "loss.hpp"

namespace netlet {

// Lays rows of `features` numbers, `stride` apart, side by side: row order[i] at place i (row i if order is null).
void pack(const Segment& segment, const float* first_row, std::ptrdiff_t stride, const int* order,
          std::ptrdiff_t features, float* out);

// Samples laid side by side, for passes that go through them in order: all of them `once`, for many passes, or a slice
// after the other in the pass. What is packed once is held as bytes if it is 8-bit pixels: a quarter of the memory to
// read in every pass.
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
    void lay_out(const Slice& slice, float* x, float* mask) const;  // `mask` null if the samples have none

    const Network& network_;
    Samples samples_;
    std::vector<Slice> slices_;
    bool packed_once_;
    Buffer<float> floats_, mask_;
    Buffer<std::uint8_t> bytes_;  // one of the two is empty
};

}  // namespace netlet
