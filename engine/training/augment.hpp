// Images of a batch changed as they are laid side by side: moved, mirrored, turned, enlarged, erased in part, with noise.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "../model/random.hpp"
#include "batches.hpp"

namespace netlet {

enum class Flip { none, horizontal, vertical, both };

// How far an image may be changed; what is drawn for each is equally likely within these bounds.
struct Augmentation {
    int shift = 0;      // pixels, up to so many down or up, and right or left
    Flip flip = Flip::none;  // each direction in half of the images
    double turn = 0;    // degrees, to either side
    double zoom = 0;    // enlarged by 1 - zoom to 1 + zoom
    double erase = 0;   // share of height and of width that a rectangle of the background may have
    double noise = 0;   // standard deviation of what is added to every number
    std::vector<float> background;  // of each channel, where there is nothing of the image; empty: 0
    std::vector<float> unit;        // of each channel, what the noise is multiplied with; empty: 1

    bool is_any() const { return shift > 0 || flip != Flip::none || is_warped() || erase > 0 || noise > 0; }
    bool is_warped() const { return turn > 0 || zoom > 0; }
};

// Draws from (seed, epoch, the sample's place in the data): what a sample becomes depends on nothing else. An image is
// mirrored, turned and enlarged about its middle (bilinear), shifted, erased in part, and then gets its noise.
class Augmenter {
public:
    // `shape`: (height, width, channels).
    Augmenter(const Augmentation& settings, std::array<int, 3> shape, std::uint64_t seed);
    // From here on samples are those of this epoch, from 0.
    void begin(int epoch);
    // As `pack`, but every row is changed first; what it is drawn from is its place, `order`'s number.
    void pack(const Segment& segment, const float* first_row, std::ptrdiff_t stride, const int* order, float* out);
    // One sample, the row `place` of its data.
    void change(const float* in, int place, float* out);

private:
    struct Drawn;
    Drawn draw(Random& random) const;
    void move(const float* in, const Drawn& drawn, float* out) const;
    void warp(const float* in, const Drawn& drawn, float* out);
    void erase(const Drawn& drawn, float* out) const;
    void add_noise(Random& random, float* out) const;

    Augmentation settings_;
    const int height_, width_, channels_;
    Random seeds_;
    std::uint64_t epoch_ = 0;
    std::vector<float> background_;  // a row of pixels
    std::vector<float> unit_;        // an image of numbers
    std::vector<float> column_, row_;  // of each pixel, from the image's middle
    std::vector<float> padded_;      // an image with the background around it
    std::vector<float> right_, below_;  // of each pixel, the shares of its neighbours
    std::vector<int> corner_;
    std::vector<float> normal_;      // equally likely values of the normal distribution
    std::vector<float> rows_;        // of a group
};

}  // namespace netlet
