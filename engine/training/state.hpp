// A training's state as bytes, in the machine's own form: a class lists what it remembers once, in state(archive), for
// writing and for reading alike.
#pragma once

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace netlet {

class StateWriter {
public:
    template <class T>
    void operator()(const T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        put(&value, sizeof value);
    }
    template <class T>
    void operator()(const std::vector<T>& values) {
        (*this)(values.size());
        put(values.data(), values.size() * sizeof(T));
    }
    template <class T>
    void as_long_as_now(const std::vector<T>& values) { (*this)(values); }
    std::string bytes;

private:
    void put(const void* data, std::size_t size) { bytes.append(static_cast<const char*>(data), size); }
};

// Throws std::invalid_argument for bytes that are no such state.
class StateReader {
public:
    explicit StateReader(const std::string& bytes) : bytes_(bytes) {}
    template <class T>
    void operator()(T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        take(&value, sizeof value);
    }
    template <class T>
    void operator()(std::vector<T>& values) {
        values.resize(size(sizeof(T)));
        take(values.data(), values.size() * sizeof(T));
    }
    template <class T>
    void as_long_as_now(std::vector<T>& values) {
        if (size(sizeof(T)) != values.size()) fail();
        take(values.data(), values.size() * sizeof(T));
    }
    void end() const {
        if (at_ != bytes_.size()) fail();
    }
    [[noreturn]] static void fail() { throw std::invalid_argument("this is not the state of such a training"); }

private:
    std::size_t size(std::size_t each) {
        std::size_t count = 0;
        take(&count, sizeof count);
        if (count > (bytes_.size() - at_) / each) fail();
        return count;
    }
    void take(void* data, std::size_t size) {
        if (size > bytes_.size() - at_) fail();
        if (size > 0) std::memcpy(data, bytes_.data() + at_, size);
        at_ += size;
    }

    const std::string& bytes_;
    std::size_t at_ = 0;
};

}  // namespace netlet
