#include "schedule.hpp"

#include <cmath>
#include <numbers>

namespace netlet {

double scheduled(Schedule schedule, double learning_rate, long step, long steps) {
    const auto between = [](double from, double to, double part) {  // half a cosine
        return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * part));
    };
    const double part = static_cast<double>(step) / static_cast<double>(steps);
    switch (schedule) {
        case Schedule::cosine: return between(learning_rate, 0, part);
        case Schedule::one_cycle: {
            // Smith and Topin's one cycle: up to the rate in 30 % of the steps, then down to almost nothing.
            constexpr double up = 0.3, start = 1.0 / 25, end = 1e-4 / 25;
            return part < up ? between(learning_rate * start, learning_rate, part / up)
                             : between(learning_rate, learning_rate * end, (part - up) / (1 - up));
        }
        case Schedule::constant:
        case Schedule::reduce_on_plateau: break;
    }
    return learning_rate;
}

}  // namespace netlet
