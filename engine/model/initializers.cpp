// Initial weights, by Keras's definitions, drawn from a seed's own stream.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "network.hpp"
#include "random.hpp"

namespace netlet {

namespace {

struct Fans { double in, out; };
Fans fans(const std::vector<int>& shape) {  // Keras's: the receptive field times the last two dimensions
    double field = 1;
    for (std::size_t i = 0; i + 2 < shape.size(); ++i) field *= shape[i];
    return {field * shape[shape.size() - 2], field * shape.back()};
}

void uniform(Random& random, double limit, float* w, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) w[i] = static_cast<float>((2 * random.uniform() - 1) * limit);
}

// A normal distribution cut at two standard deviations, widened so that `deviation` is what is left (Keras's).
void truncated_normal(Random& random, double deviation, float* w, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        double x = random.normal();
        while (std::abs(x) > 2) x = random.normal();
        w[i] = static_cast<float>(x * deviation / 0.87962566103423978);
    }
}

// Orthonormal columns (rows, if there are more columns than rows) of a normal matrix, by Gram-Schmidt done
// twice; the shape is read as a matrix of its last dimension's columns, as in Keras.
void orthogonal(Random& random, const std::vector<int>& shape, float* w, std::size_t size) {
    const std::size_t columns = static_cast<std::size_t>(shape.back()), rows = size / columns;
    const bool wide = columns > rows;
    const std::size_t count = wide ? rows : columns, length = wide ? columns : rows;
    std::vector<double> basis(count * length);
    for (std::size_t v = 0; v < count; ++v) {
        double* vector = &basis[v * length];
        for (std::size_t i = 0; i < length; ++i) vector[i] = random.normal();
        for (int twice = 0; twice < 2; ++twice)
            for (std::size_t u = 0; u < v; ++u) {
                const double* other = &basis[u * length];
                const double along = std::inner_product(other, other + length, vector, 0.0);
                for (std::size_t i = 0; i < length; ++i) vector[i] -= along * other[i];
            }
        const double norm = std::sqrt(std::inner_product(vector, vector + length, vector, 0.0));
        for (std::size_t i = 0; i < length; ++i) {
            vector[i] /= norm;
            w[wide ? v * columns + i : i * columns + v] = static_cast<float>(vector[i]);
        }
    }
}

}  // namespace

void Network::initialize(std::uint64_t seed, float* weights) const {
    Random random(seed, Random::Stream::weights);
    for (const Weight& weight : weights_) {
        float* w = weights + weight.at;
        const std::size_t size = weight.size();
        const Fans f = weight.shape.size() > 1 ? fans(weight.shape) : Fans{1, 1};
        switch (weight.initializer) {
            case Initializer::zeros: std::fill_n(w, size, 0.0f); break;
            case Initializer::uniform: uniform(random, 0.05, w, size); break;  // Keras's of that name
            case Initializer::ones: std::fill_n(w, size, 1.0f); break;
            case Initializer::forget:
                for (std::size_t i = 0; i < size; ++i) w[i] = i / (size / 4) == 1 ? 1.0f : 0.0f;
                break;
            case Initializer::glorot_uniform: uniform(random, std::sqrt(6 / (f.in + f.out)), w, size); break;
            case Initializer::he_uniform: uniform(random, std::sqrt(6 / f.in), w, size); break;
            case Initializer::glorot_normal:
                truncated_normal(random, std::sqrt(2 / (f.in + f.out)), w, size);
                break;
            case Initializer::he_normal: truncated_normal(random, std::sqrt(2 / f.in), w, size); break;
            case Initializer::orthogonal: orthogonal(random, weight.shape, w, size); break;
        }
    }
}

}  // namespace netlet
