// A group of samples side by side in one SIMD register, and the functions on it: exp, tanh, sigmoid and the
// other activations with their derivatives. GCC/Clang vector extensions; no standard library (see kernels.cpp).
#pragma once

#include "layer.hpp"

#define NETLET_INLINE inline __attribute__((always_inline))
#define NETLET_LAMBDA __attribute__((always_inline))

namespace netlet {
namespace NETLET_ISA {

template <int W>
struct Vectors;  // spelled out for every width: GCC drops a vector size that depends on a template's parameter
#if defined(__AVX__)
constexpr int register_bytes = 32;
#else
constexpr int register_bytes = 16;
#endif
#define NETLET_VECTORS(W)                                                                              \
    template <>                                                                                        \
    struct Vectors<W> {                                                                                \
        typedef float F __attribute__((vector_size(W * 4), may_alias));                                \
        typedef std::int32_t I __attribute__((vector_size(W * 4), may_alias));                         \
        typedef std::uint32_t U __attribute__((vector_size(W * 4), may_alias));                        \
        typedef float Unaligned __attribute__((vector_size(W * 4), may_alias, aligned(4)));            \
        typedef std::uint32_t Bytes __attribute__((vector_size(W * 4), may_alias, aligned(1)));        \
    };
NETLET_VECTORS(4)
NETLET_VECTORS(8)
NETLET_VECTORS(16)
#undef NETLET_VECTORS

template <int W>
struct Lanes : Vectors<W> {
    using typename Vectors<W>::F;
    using typename Vectors<W>::I;
    using typename Vectors<W>::U;
    using typename Vectors<W>::Unaligned;
    using typename Vectors<W>::Bytes;  // four to a place, wherever they begin

    static NETLET_INLINE F load(const float* p) { return *reinterpret_cast<const F*>(p); }
    static NETLET_INLINE void store(float* p, F v) { *reinterpret_cast<F*>(p) = v; }
    // Keeps a value in a register: a compiler would rather load it from memory again for each of its uses, and loads
    // would then be what products wait for.
    static NETLET_INLINE void hold([[maybe_unused]] F& v) {
#if defined(__AVX512F__)
        asm("" : "+v"(v));
#elif defined(__SSE__)
        if constexpr (W * 4 <= register_bytes) asm("" : "+x"(v));
#elif defined(__aarch64__)
        asm("" : "+w"(v));
#endif
    }
    // The same, and in the order of the program.
    static NETLET_INLINE void in_order([[maybe_unused]] I& v) {
#if defined(__AVX512F__)
        asm volatile("" : "+v"(v));
#endif
    }
    static NETLET_INLINE F splat(float x) { return x - F{}; }

    // The sum over all lanes, halves first: one fixed order.
    static NETLET_INLINE float sum(F v) {
        if constexpr (W == 4) {
            return (v[0] + v[2]) + (v[1] + v[3]);
        } else {
            typedef typename Lanes<W / 2>::F Half;
            struct Halves { Half low, high; };
            const Halves halves = __builtin_bit_cast(Halves, v);
            return Lanes<W / 2>::sum(halves.low + halves.high);
        }
    }

    // exp(x) = 2^n (1 + q) with x = n ln 2 + r, |r| <= ln(2)/2, q = e^r - 1 by its Taylor series to r^7
    // (the next term is below 1e-8). Adding 1.5 * 2^23 rounds to the nearest whole number. Beyond `largest` n
    // would be 128, and 2^128 is more than float holds; e^largest is 2.3e38.
    static constexpr float largest = 88.35f;
    struct Exponential { F power, rest; };
    static NETLET_INLINE Exponential exponential(F x) {
        x = x > largest ? splat(largest) : x;
        x = x < -87.0f ? splat(-87.0f) : x;
        const F shifted = x * 1.44269504088896f + 12582912.0f;
        const F n = shifted - 12582912.0f;
        const F r = (x - n * 0.693359375f) - n * -2.12194440e-4f;  // ln 2 in two parts: the first is exact
        F q = r * (1.0f / 5040) + 1.0f / 720;
        q = q * r + 1.0f / 120;
        q = q * r + 1.0f / 24;
        q = q * r + 1.0f / 6;
        q = q * r + 0.5f;
        q = q * (r * r) + r;
        const U bits = __builtin_bit_cast(U, shifted);
        return {__builtin_bit_cast(F, (bits << 23) + 0x3f800000u), q};
    }
    static NETLET_INLINE F exp(F x) {
        const Exponential e = exponential(x);
        const F y = e.power * e.rest + e.power;
        return x > largest ? splat(__builtin_inff()) : y;
    }
    static NETLET_INLINE F expm1(F x) {
        const Exponential e = exponential(x);
        return e.power * e.rest + (e.power - 1.0f);
    }
    static NETLET_INLINE F sigmoid(F x) { return 1.0f / (1.0f + exp(-x)); }
    static NETLET_INLINE F tanh(F x) {
        F z = (x < 0.0f ? -x : x) * 2.0f;
        z = z > 20.0f ? splat(20.0f) : z;  // 1 to the last bit beyond
        const F e = expm1(z);
        const F t = e / (e + 2.0f);
        return x < 0.0f ? -t : t;
    }
    // log(1 + e^x) = max(x, 0) + log(1 + e), e = e^-|x|, and log(1 + e) = 2 artanh(e / (2 + e)).
    static NETLET_INLINE F softplus(F x) {
        const F e = exp(x < 0.0f ? x : -x);
        const F s = e / (2.0f + e), t = s * s;
        F series = t * (1.0f / 15) + 1.0f / 13;
        series = series * t + 1.0f / 11;
        series = series * t + 1.0f / 9;
        series = series * t + 1.0f / 7;
        series = series * t + 1.0f / 5;
        series = series * t + 1.0f / 3;
        series = series * t * s + s;
        return (x < 0.0f ? splat(0.0f) : x) + 2.0f * series;
    }

    // Written so that NaN stays NaN. Slope of leaky_relu and scale of elu: Keras's defaults, 0.2 and 1.
    static NETLET_INLINE F activate(Activation activation, F x) {
        switch (activation) {
            case Activation::relu: return x < 0.0f ? splat(0.0f) : x;
            case Activation::leaky_relu: return x < 0.0f ? x * 0.2f : x;
            case Activation::tanh: return tanh(x);
            case Activation::sigmoid: return sigmoid(x);
            case Activation::softplus: return softplus(x);
            case Activation::elu: return x < 0.0f ? expm1(x) : x;
            case Activation::linear: break;
        }
        return x;
    }
    // The derivative, from the activation's value y = f(x).
    static NETLET_INLINE F slope(Activation activation, F y) {
        const F one = splat(1.0f);
        switch (activation) {
            case Activation::relu: return y > 0.0f ? one : splat(0.0f);
            case Activation::leaky_relu: return y < 0.0f ? splat(0.2f) : one;
            case Activation::tanh: return one - y * y;
            case Activation::sigmoid: return y * (one - y);
            case Activation::softplus: return -expm1(-y);
            case Activation::elu: return y > 0.0f ? one : y + one;
            case Activation::linear: break;
        }
        return one;
    }
};

}  // namespace NETLET_ISA
}  // namespace netlet
