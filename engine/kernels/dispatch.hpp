// Which kernels this processor runs.
#pragma once

#include <string>
#include <vector>

#include "layer.hpp"

namespace netlet {

// Names of the instruction sets that this build holds and this processor has, best first:
// "x86-64-v4", "x86-64-v3", "x86-64-v2" on x86; "generic" elsewhere (NEON on ARM, SIMD128 in WebAssembly).
std::vector<std::string> instruction_sets();

// The kernels of an instruction set, widest first and closed by width 0; the best one's for an empty name.
// Throws std::invalid_argument for a name that is not among instruction_sets().
const Kernels* kernels_of(const std::string& name);

}  // namespace netlet
