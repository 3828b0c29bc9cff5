// Many runs on many threads.
#pragma once

#include <cstdint>
#include <vector>

#include "control.hpp"

namespace netlet {

// Trains one run for every seed, `threads` at a time, and hands every one that has begun over to `control`.
// `weights`, if not null, is where they start, a row a seed. What a run gives depends on its seed alone. An exception
// of a worker is rethrown. `states`, unless empty, has for each seed what its run goes on from (Run::state), or nothing.
void train(const Network& network, const TrainingSettings& settings, const Samples& training,
           const Samples& validation, const std::vector<std::uint64_t>& seeds, int threads, const float* weights,
           Control& control, const std::vector<std::string>& states = {});

}  // namespace netlet
