// What the engine uses of threads, for WebAssembly, whose library has none: locks that lock nothing, threads that
// cannot be had, and nobody to wait for. Included before everything else there (web/build_engine.py).
#pragma once

#include <stdexcept>

namespace std {

struct mutex {
    void lock() {}
    bool try_lock() { return true; }
    void unlock() {}
};

template <class Mutex>
struct scoped_lock {
    explicit scoped_lock(Mutex&) {}
};

struct condition_variable {
    void notify_all() {}
    void notify_one() {}
    template <class... Arguments>
    void wait(Arguments&&...) {}
    template <class... Arguments>
    void wait_for(Arguments&&...) {}
};

struct jthread {
    template <class Work>
    explicit jthread(const Work&) {
        throw runtime_error("there are no threads");
    }
};

}  // namespace std
