#include "dispatch.hpp"

#include <stdexcept>

namespace netlet {

#if defined(NETLET_X86)
namespace v2 { extern const Kernels table[]; }
namespace v3 { extern const Kernels table[]; }
namespace v4 { extern const Kernels table[]; }
#else
namespace generic { extern const Kernels table[]; }
#endif

namespace {

struct Choice {
    const char* name;
    const Kernels* kernels;
    bool runs;
};

std::vector<Choice> choices() {
#if defined(NETLET_X86)
    __builtin_cpu_init();
    const bool has_v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
    const bool has_v4 = has_v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
    return {{"x86-64-v4", v4::table, has_v4}, {"x86-64-v3", v3::table, has_v3}, {"x86-64-v2", v2::table, true}};
#else
    return {{"generic", generic::table, true}};
#endif
}

}  // namespace

std::vector<std::string> instruction_sets() {
    std::vector<std::string> names;
    for (const Choice& choice : choices())
        if (choice.runs) names.emplace_back(choice.name);
    return names;
}

const Kernels* kernels_of(const std::string& name) {
    std::string allowed;
    for (const Choice& choice : choices()) {
        if (!choice.runs) continue;
        if (name.empty() || name == choice.name) return choice.kernels;
        allowed += std::string(allowed.empty() ? "" : ", ") + choice.name;
    }
    throw std::invalid_argument("instruction set '" + name + "' is not available here: choose one of " + allowed);
}

}  // namespace netlet
