// Random numbers: one 64-bit generator, the same on every machine, with independent streams from one seed.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace netlet {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
class Random {
public:
    enum class Stream : std::uint64_t { weights = 1, order = 2, dropout = 3, augmentation = 4 };

    Random(std::uint64_t seed, Stream stream) : state_(seed) {
        state_ = next() ^ (static_cast<std::uint64_t>(stream) * 0xd1342543de82ef95u);
        next();
    }

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
    // A whole number in [0, n), 0 < n < 2^32, each equally likely, by multiplication (Lemire, "Fast random integer
    // generation in an interval", ACM TOMACS 2019): the few products that would favour some numbers are drawn again.
    std::uint32_t below(std::uint32_t n) {
        std::uint64_t product = (next() >> 32) * n;
        if (static_cast<std::uint32_t>(product) < n)
            for (const std::uint32_t uneven = -n % n; static_cast<std::uint32_t>(product) < uneven;)
                product = (next() >> 32) * n;
        return static_cast<std::uint32_t>(product >> 32);
    }
    double normal() {  // Box and Muller's
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        return radius * std::cos(2.0 * std::numbers::pi * uniform());
    }

    template <class Archive>
    void state(Archive& archive) {
        archive(state_);
    }

private:
    std::uint64_t state_;
};

}  // namespace netlet
