#include "augment.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace netlet {
namespace {

constexpr int normal_bits = 12, draws_of_a_number = 64 / normal_bits;

// Middles of equally likely parts of the normal distribution, scaled to a variance of 1.
std::vector<float> normal_values() {
    constexpr int count = 1 << normal_bits;
    std::vector<double> values(count);
    double z = 0, squares = 0;
    for (int i = count / 2; i < count; ++i) {  // Newton's method, from one to the next
        const double share = (i + 0.5) / count;
        for (int step = 0; step < 6; ++step)
            z += (share - 0.5 * std::erfc(-z / std::numbers::sqrt2)) * std::sqrt(2 * std::numbers::pi) *
                 std::exp(z * z / 2);
        values[static_cast<std::size_t>(i)] = z;
        values[static_cast<std::size_t>(count - 1 - i)] = -z;
        squares += 2 * z * z;
    }
    std::vector<float> scaled;
    for (const double value : values) scaled.push_back(static_cast<float>(value / std::sqrt(squares / count)));
    return scaled;
}

}  // namespace

// What one image is changed by. All of it is drawn always, so that one change does not depend on another being asked for.
struct Augmenter::Drawn {
    bool mirrored, upside_down;
    int right, down;
    double angle, factor;
    int erased_top, erased_left, erased_height, erased_width;
};

Augmenter::Augmenter(const Augmentation& settings, std::array<int, 3> shape, std::uint64_t seed)
    : settings_(settings), height_(shape[0]), width_(shape[1]), channels_(shape[2]),
      seeds_(seed, Random::Stream::augmentation) {
    const auto pixels = static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_);
    const auto channels = static_cast<std::size_t>(channels_);
    const auto of_channel = [&](const std::vector<float>& given, std::size_t i, float otherwise) {
        return given.empty() ? otherwise : given[i % channels];
    };
    for (std::size_t i = 0; i < static_cast<std::size_t>(width_) * channels; ++i)
        background_.push_back(of_channel(settings_.background, i, 0));
    if (settings_.noise > 0) {
        normal_ = normal_values();
        for (std::size_t i = 0; i < pixels * channels; ++i)
            unit_.push_back(static_cast<float>(settings_.noise) * of_channel(settings_.unit, i, 1));
    }
    if (!settings_.is_warped()) return;
    for (int y = 0; y < height_; ++y)
        for (int x = 0; x < width_; ++x) {
            row_.push_back(static_cast<float>(y) - static_cast<float>(height_ - 1) / 2);
            column_.push_back(static_cast<float>(x) - static_cast<float>(width_ - 1) / 2);
        }
    right_.resize(pixels);
    below_.resize(pixels);
    corner_.resize(pixels);
    for (int i = 0; i < (height_ + 3) * (width_ + 3); ++i)
        padded_.insert(padded_.end(), background_.begin(), background_.begin() + channels_);
}

void Augmenter::begin(int epoch) {
    Random of_epoch = seeds_;
    epoch_ = of_epoch.next() + static_cast<std::uint64_t>(epoch) * 0xd1342543de82ef95u;
}

Augmenter::Drawn Augmenter::draw(Random& random) const {
    const auto within = [&](double bound) { return bound * (2 * random.uniform() - 1); };
    const auto below = [&](int n) { return static_cast<int>(random.below(static_cast<std::uint32_t>(n))); };
    Drawn drawn;
    const std::uint64_t coins = random.next();
    drawn.mirrored = (settings_.flip == Flip::horizontal || settings_.flip == Flip::both) && (coins & 1);
    drawn.upside_down = (settings_.flip == Flip::vertical || settings_.flip == Flip::both) && (coins & 2);
    drawn.right = below(2 * settings_.shift + 1) - settings_.shift;
    drawn.down = below(2 * settings_.shift + 1) - settings_.shift;
    drawn.angle = within(settings_.turn) * std::numbers::pi / 180;
    drawn.factor = 1 + within(settings_.zoom);
    const auto share = [&](int n) { return static_cast<int>(settings_.erase * n + 1e-9); };  // 0.29 of 100 is 29
    drawn.erased_height = below(share(height_) + 1);
    drawn.erased_width = below(share(width_) + 1);
    drawn.erased_top = below(height_ - drawn.erased_height + 1);
    drawn.erased_left = below(width_ - drawn.erased_width + 1);
    return drawn;
}

void Augmenter::change(const float* in, int place, float* out) {
    Random random(epoch_ ^ static_cast<std::uint64_t>(place), Random::Stream::augmentation);
    const Drawn drawn = draw(random);
    if (settings_.is_warped()) warp(in, drawn, out);
    else move(in, drawn, out);
    if (settings_.erase > 0) erase(drawn, out);
    if (settings_.noise > 0) add_noise(random, out);
}

// By whole pixels: nothing but copies.
void Augmenter::move(const float* in, const Drawn& drawn, float* out) const {
    const int size = width_ * channels_;
    const int from = std::clamp(drawn.right, 0, width_), to = std::clamp(width_ + drawn.right, 0, width_);
    if (!drawn.mirrored && !drawn.upside_down && from < to) {
        // In one piece, and then what has come around the border.
        const int all = height_ * size, by = (drawn.down * width_ + drawn.right) * channels_;
        const int first = std::clamp(by, 0, all), last = std::clamp(all + by, 0, all);
        if (first < last) std::copy_n(in + (first - by), last - first, out + first);
        for (int y = 0; y < std::min(drawn.down, height_); ++y) std::copy_n(background_.data(), size, out + y * size);
        for (int y = std::max(height_ + drawn.down, 0); y < height_; ++y)
            std::copy_n(background_.data(), size, out + y * size);
        const auto fill_columns = [&](int begin, int end) {
            for (int i = begin * channels_; i < end * channels_; ++i)
                for (int y = 0; y < height_; ++y) out[y * size + i] = background_[static_cast<std::size_t>(i)];
        };
        fill_columns(0, from);
        fill_columns(to, width_);
        return;
    }
    for (int y = 0; y < height_; ++y, out += size) {
        const int row = drawn.upside_down ? height_ - 1 - (y - drawn.down) : y - drawn.down;
        if (row < 0 || row >= height_ || from >= to) {
            std::copy_n(background_.data(), size, out);
            continue;
        }
        const float* const source = in + row * size;
        std::copy_n(background_.data(), from * channels_, out);
        std::copy_n(background_.data(), (width_ - to) * channels_, out + to * channels_);
        if (!drawn.mirrored)
            std::copy_n(source + (from - drawn.right) * channels_, (to - from) * channels_, out + from * channels_);
        else if (channels_ == 1)
            std::reverse_copy(source + width_ - (to - drawn.right), source + width_ - (from - drawn.right), out + from);
        else
            for (int x = from; x < to; ++x)
                std::copy_n(source + (width_ - 1 - (x - drawn.right)) * channels_, channels_, out + x * channels_);
    }
}

// Every pixel is a mean of the four that lie about the place it comes from; beyond the border is the background.
void Augmenter::warp(const float* in, const Drawn& drawn, float* out) {
    const int size = width_ * channels_, step = width_ + 3;
    for (int y = 0; y < height_; ++y)
        std::copy_n(in + y * size, size, padded_.data() + ((y + 1) * step + 1) * channels_);
    const auto cosine = static_cast<float>(std::cos(drawn.angle) / drawn.factor);
    const auto sine = static_cast<float>(std::sin(drawn.angle) / drawn.factor);
    const float left_right = drawn.mirrored ? -1 : 1, up_down = drawn.upside_down ? -1 : 1;
    const auto right = static_cast<float>(drawn.right), down = static_cast<float>(drawn.down);
    const float middle_x = static_cast<float>(width_ + 1) / 2, middle_y = static_cast<float>(height_ + 1) / 2;
    const auto most_x = static_cast<float>(width_ + 1), most_y = static_cast<float>(height_ + 1);
    const int pixels = height_ * width_;
    const float* const column = column_.data();
    const float* const row = row_.data();
    float* const right_share = right_.data();
    float* const below_share = below_.data();
    int* const corner = corner_.data();
    for (int i = 0; i < pixels; ++i) {
        const float x = column[i] - right, y = row[i] - down;
        const float from_x = left_right * (cosine * x + sine * y) + middle_x;
        const float from_y = up_down * (cosine * y - sine * x) + middle_y;
        const float inside_x = std::min(std::max(from_x, 0.0f), most_x);
        const float inside_y = std::min(std::max(from_y, 0.0f), most_y);
        const int whole_x = static_cast<int>(inside_x), whole_y = static_cast<int>(inside_y);
        right_share[i] = inside_x - static_cast<float>(whole_x);
        below_share[i] = inside_y - static_cast<float>(whole_y);
        corner[i] = whole_y * step + whole_x;
    }
    const auto blend = [&](int i, int channels, int channel) {
        const float* const at = padded_.data() + corner[i] * channels + channel;
        const float* const next = at + step * channels;
        const float above = at[0] + right_share[i] * (at[channels] - at[0]);
        const float below = next[0] + right_share[i] * (next[channels] - next[0]);
        return above + below_share[i] * (below - above);
    };
    if (channels_ == 1)
        for (int i = 0; i < pixels; ++i) out[i] = blend(i, 1, 0);
    else
        for (int i = 0; i < pixels; ++i)
            for (int channel = 0; channel < channels_; ++channel)
                out[i * channels_ + channel] = blend(i, channels_, channel);
}

void Augmenter::erase(const Drawn& drawn, float* out) const {
    for (int y = drawn.erased_top; y < drawn.erased_top + drawn.erased_height; ++y)
        std::copy_n(background_.data(), drawn.erased_width * channels_,
                    out + (y * width_ + drawn.erased_left) * channels_);
}

void Augmenter::add_noise(Random& random, float* out) const {
    const std::size_t size = unit_.size();
    for (std::size_t i = 0; i < size;) {
        std::uint64_t bits = random.next();
        for (int k = 0; k < draws_of_a_number && i < size; ++k, ++i, bits >>= normal_bits)
            out[i] += unit_[i] * normal_[bits & ((1u << normal_bits) - 1)];
    }
}

void Augmenter::pack(const Segment& segment, const float* first_row, std::ptrdiff_t stride, const int* order,
                     float* out) {
    const int width = segment.width(), features = height_ * width_ * channels_;
    rows_.resize(std::max(rows_.size(), static_cast<std::size_t>(width) * static_cast<std::size_t>(features)));
    std::vector<const float*> rows(static_cast<std::size_t>(width));
    for (int group = 0; group < segment.groups; ++group) {
        const int from = group * width, filled = std::min(width, segment.samples - from);
        for (int i = 0; i < filled; ++i) {
            const int place = segment.first + from + i, row = order ? order[place] : place;
            float* const changed = rows_.data() + static_cast<std::ptrdiff_t>(i) * features;
            change(first_row + row * stride, row, changed);
            rows[static_cast<std::size_t>(i)] = changed;
        }
        segment.kernels->pack(rows.data(), filled, features,
                              out + static_cast<std::ptrdiff_t>(group) * features * width);
    }
}

}  // namespace netlet
