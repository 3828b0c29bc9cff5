// Numbers below 1e-38 count as zero where the engine computes: some processors take a hundred times as long for them.
#pragma once

#include <cstdint>

namespace netlet {

// While it lives, its thread rounds results that are too small for a normal float to zero, and reads such operands as
// zero; then the thread is as it was before. NaN and infinity are what they are.
class FlushDenormals {
public:
    FlushDenormals() : before_(read()) { write(before_ | flags); }
    ~FlushDenormals() { write(before_); }
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;

private:
#if defined(__SSE__)
    using Register = unsigned;
    static constexpr Register flags = 0x8040;  // MXCSR: flush to zero, denormals are zero
    static Register read() { return __builtin_ia32_stmxcsr(); }
    static void write(Register value) { __builtin_ia32_ldmxcsr(value); }
#elif defined(__aarch64__)
    using Register = std::uint64_t;
    static constexpr Register flags = std::uint64_t{1} << 24;  // FPCR.FZ
    static Register read() {
        Register value;
        asm volatile("mrs %0, fpcr" : "=r"(value));
        return value;
    }
    static void write(Register value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
#else
    using Register = unsigned;
    static constexpr Register flags = 0;
    static Register read() { return 0; }
    static void write(Register) {}
#endif
    const Register before_;
};

}  // namespace netlet
