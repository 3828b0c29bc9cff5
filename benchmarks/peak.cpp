// The processor's multiply-add rate: independent sums in registers, nothing else. Prints multiply-adds a second.
#include <chrono>
#include <cstdio>

#if defined(__AVX512F__)
constexpr int width = 16;
#elif defined(__AVX__)
constexpr int width = 8;
#else
constexpr int width = 4;
#endif
typedef float Lanes __attribute__((vector_size(width * 4)));

int main() {
    Lanes sum[12] = {};
    Lanes a = Lanes{} + 0.999f, b = Lanes{} + 0.001f;
    double best = 0;
    for (int round = 0; round < 500; ++round) {
        const auto start = std::chrono::steady_clock::now();
        constexpr long steps = 100'000;
        for (long i = 0; i < steps; ++i) {
#pragma GCC unroll 12
            for (int k = 0; k < 12; ++k) sum[k] = sum[k] * a + b;
            asm volatile("" : "+x"(a), "+x"(b));
        }
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        const double rate = 12.0 * width * steps / taken.count();
        if (rate > best) best = rate;
    }
    float keep = 0;
    for (const Lanes& s : sum) keep += s[0];
    std::printf("%.6e %g\n", best, keep);
}
