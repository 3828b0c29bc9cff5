// The moments that batch normalisation divides by: the batch's own in training, moving averages of them otherwise.
#pragma once

#include <vector>

#include "network.hpp"

namespace netlet {

// Of one layer.
class Normalisation {
public:
    explicit Normalisation(const Layer& layer);
    Normalisation(const Normalisation&) = delete;  // its moments point into it
    Normalisation& operator=(const Normalisation&) = delete;

    // What the kernels read, and add up.
    Moments* moments() { return &moments_; }
    // Makes the moving averages the moments.
    void take_averages(const float* weights);
    // The batch's own: begin, then the sums of all segments, then their squares.
    void begin(long long counted);
    void have_sums();
    void have_squares();
    // Backward: begin, then all segments' sums, then what they say of gamma and beta.
    void begin_gradient();
    void have_gradient(float* d_weights) const;
    // Moves the averages towards the batch's moments, if these were taken from a batch.
    void move_averages(float* weights) const;

private:
    const Layer& layer_;
    std::vector<double> numbers_;
    Moments moments_;
    double counted_ = 0;
};

}  // namespace netlet
