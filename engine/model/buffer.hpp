// Numbers in memory aligned to a cache line, as the kernels expect them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace netlet {

template <class T>
class Buffer {
public:
    Buffer() = default;
    explicit Buffer(std::size_t size) { grow(size); }
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        swap(other);
        return *this;
    }

    // Makes room for at least `size` zeros or, if there is room already, does nothing.
    void grow(std::size_t size) {
        if (size <= size_) return;
        // Aligned by hand: the C library's aligned allocation may leave a hole of nearly the size asked for each
        // time, and a process that predicts again and again would grow without end.
        constexpr std::size_t spare = (alignment - 1) / sizeof(T) + 1;
        held_ = std::make_unique_for_overwrite<T[]>(size + spare);
        const auto at = reinterpret_cast<std::uintptr_t>(held_.get());
        data_ = held_.get() + ((alignment - at % alignment) % alignment) / sizeof(T);
        std::fill_n(data_, size, T{});
        size_ = size;
    }
    T* data() const { return data_; }
    std::size_t size() const { return size_; }

private:
    static constexpr std::size_t alignment = 64;  // bytes; new[] aligns to a multiple of sizeof(T)

    void swap(Buffer& other) noexcept {
        std::swap(held_, other.held_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
    }

    std::unique_ptr<T[]> held_;
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace netlet
