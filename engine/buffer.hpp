// Numbers in memory aligned to a cache line, as the kernels expect them.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace netlet {

template <class T>
class Buffer {
public:
    Buffer() = default;
    explicit Buffer(std::size_t size) { grow(size); }

    // Makes room for at least `size` zeros or, if there is room already, does nothing.
    void grow(std::size_t size) {
        if (size <= size_) return;
        data_.reset(static_cast<T*>(::operator new[](size * sizeof(T), alignment)));
        for (std::size_t i = 0; i < size; ++i) data_[i] = T{};
        size_ = size;
    }
    T* data() const { return data_.get(); }
    std::size_t size() const { return size_; }

private:
    static constexpr std::align_val_t alignment{64};
    struct Free {
        void operator()(T* p) const { ::operator delete[](p, alignment); }
    };
    std::unique_ptr<T[], Free> data_;
    std::size_t size_ = 0;
};

}  // namespace netlet
