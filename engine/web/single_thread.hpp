// What the engine uses of threads, for WebAssembly, whose library has none: locks that lock nothing, threads that
// cannot be had. Included before everything else there (see web/Makefile.mk).
#pragma once

#include <stdexcept>

namespace std {

struct mutex {};

template <class Mutex>
struct scoped_lock {
    explicit scoped_lock(Mutex&) {}
};

struct jthread {
    template <class Work>
    explicit jthread(const Work&) {
        throw runtime_error("there are no threads");
    }
};

}  // namespace std
