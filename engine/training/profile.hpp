// Where the time of a training goes: every phase of a step and of a validation on its own, layer by layer.
#pragma once

#include <string>
#include <vector>

#include "session.hpp"

namespace netlet {

struct Phase {
    std::string name;  // lay out, forward, loss, backward, update; validate: ...
    int layer;         // of forward and backward, else -1
    double seconds;    // of an epoch: the first decile over batches, times batches in an epoch
};

// Passes over all the training samples, in an order that the seed draws, and over the validation samples, so many
// times. Of sequences that are cut into pieces only the first piece, as a network of that length. No thread but the
// caller's. The weights change as they do in a training.
std::vector<Phase> profile(const Network& network, const TrainingSettings& settings, const Samples& training,
                           const Samples& validation, int repetitions, std::uint64_t seed);

}  // namespace netlet
