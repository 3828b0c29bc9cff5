// The roofs of one core. Prints the multiply-adds a second of independent sums in registers, nothing else, and the
// bytes a second that sums read from 256 KB, which the second-level cache holds and the first does not.
#include <chrono>
#include <cstdio>
#include <vector>

#if defined(__AVX512F__)
constexpr int width = 16;
#elif defined(__AVX__)
constexpr int width = 8;
#else
constexpr int width = 4;
#endif
typedef float Lanes __attribute__((vector_size(width * 4)));

// The largest amount a second of many short rounds: whoever else uses the processor is not in all of them.
template <class Work>
double fastest(double amount, Work work) {
    double best = 0;
    for (int round = 0; round < 500; ++round) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        if (amount / taken.count() > best) best = amount / taken.count();
    }
    return best;
}

int main() {
    constexpr long steps = 100'000;
    const double rate = fastest(12.0 * width * steps, [] {
        Lanes sum[12] = {};
        for (Lanes& s : sum) asm volatile("" : "+x"(s));  // or they would all be one
        Lanes a = Lanes{} + 0.999f, b = Lanes{} + 0.001f;
        for (long i = 0; i < steps; ++i) {
#pragma GCC unroll 12
            for (int k = 0; k < 12; ++k) sum[k] = sum[k] * a + b;
            asm volatile("" : "+x"(a), "+x"(b));
        }
        for (Lanes& s : sum) asm volatile("" : "+x"(s));  // all of it is wanted
    });

    constexpr long bytes = 256 * 1024, times = 16, groups = bytes / long(sizeof(Lanes)) / 8;
    std::vector<Lanes> numbers(groups * 8, Lanes{} + 0.5f);
    const double cache = fastest(double(bytes) * times, [&] {
        Lanes read[8] = {};
        for (long time = 0; time < times; ++time)
            for (long i = 0; i < groups; ++i)
#pragma GCC unroll 8
                for (int k = 0; k < 8; ++k) read[k] += numbers[i * 8 + k];
        for (Lanes& s : read) asm volatile("" : "+x"(s));
    });
    std::printf("%.6e %.6e\n", rate, cache);
}
