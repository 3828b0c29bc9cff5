#include "batches.hpp"

#include <algorithm>

namespace netlet {

namespace {

template <class Number>
void lay_side_by_side(const Segment& segment, const Number* first_row, std::ptrdiff_t stride, const int* order,
                      std::ptrdiff_t features, void (*lay)(const Number* const*, int, std::ptrdiff_t, float*),
                      float* out) {
    constexpr int widest = 16;
    const int width = segment.width();
    const Number* rows[widest];
    for (int group = 0; group < segment.groups; ++group) {
        const int from = group * width, filled = std::min(width, segment.samples - from);
        for (int i = 0; i < filled; ++i) {
            const int place = segment.first + from + i;
            rows[i] = first_row + (order ? order[place] : place) * stride;
        }
        lay(rows, filled, features, out + group * features * width);
    }
}

}  // namespace

void pack(const Segment& segment, const float* first_row, std::ptrdiff_t stride, const int* order,
          std::ptrdiff_t features, float* out) {
    lay_side_by_side(segment, first_row, stride, order, features, segment.kernels->pack, out);
}

void pack(const Segment& segment, const Samples& samples, const int* order, std::ptrdiff_t features, float* out) {
    if (samples.pixels)
        lay_side_by_side(segment, samples.pixels, samples.x_row, order, features, segment.kernels->pack_pixels, out);
    else
        pack(segment, samples.x, samples.x_row, order, features, out);
}

Pixels::Pixels(const Network& network, const Samples& samples) : samples_(samples) {
    const std::ptrdiff_t count = samples.count * samples.x_row;
    if (samples.x_row != network.in_size() || samples.x_row < pixels_at_once) return;
    bytes_.grow(static_cast<std::size_t>(count));
    if (network.kernels()->compress(samples.x, count, bytes_.data())) samples_.pixels = bytes_.data();
    else bytes_ = {};
}

Packed::Packed(const Network& network, const Samples& samples, bool once)
    : network_(network), slices_(network.slices(samples.count)), samples_(samples) {
    if (!once) return;
    pixels_.emplace(network, samples);
    samples_ = pixels_->samples();
    laid_out_ = !samples_.pixels;
    const std::ptrdiff_t features = network.in_size(), steps = network.in_steps();
    std::ptrdiff_t all = 0, at = 0;
    for (const Slice& slice : slices_) all += places(slice);
    if (laid_out_) floats_.grow(static_cast<std::size_t>(all * features));
    if (laid_out_ && samples.mask) mask_.grow(static_cast<std::size_t>(all * steps));
    for (const Slice& slice : slices_) {
        if (laid_out_)
            lay_out(slice, floats_.data() + at * features, samples.mask ? mask_.data() + at * steps : nullptr);
        at += places(slice);
    }
}

void Packed::lay_out(const Slice& slice, float* x, float* mask) const {
    const std::ptrdiff_t features = network_.in_size(), steps = network_.in_steps();
    for (const Segment& segment : slice) {
        pack(segment, samples_, nullptr, features, x + segment.places * features);
        if (samples_.mask)
            pack(segment, samples_.mask, samples_.mask_row, nullptr, steps, mask + segment.places * steps);
    }
}

template <class Done>
void Packed::pass(Workspace& workspace, Workspace::Pass pass, Done done) const {
    const std::ptrdiff_t features = network_.in_size(), steps = network_.in_steps();
    Buffer<float> room, mask_room;
    std::ptrdiff_t at = 0;  // sample places
    for (const Slice& slice : slices_) {
        if (!laid_out_) {
            room.grow(static_cast<std::size_t>(places(slice) * features));
            if (samples_.mask) mask_room.grow(static_cast<std::size_t>(places(slice) * steps));
            lay_out(slice, room.data(), mask_room.data());
        }
        if (samples_.mask) pass.mask = laid_out_ ? mask_.data() + at * steps : mask_room.data();
        workspace.forward(slice, laid_out_ ? floats_.data() + at * features : room.data(), pass);
        if (!done(slice)) return;
        at += places(slice);
    }
}

Score Packed::run(Workspace& workspace, const float* weights, Loss loss, float* rows,
                  const std::atomic<bool>* stop) const {
    Score total;
    const std::ptrdiff_t outputs = network_.out_size();
    pass(workspace, {.weights = weights}, [&](const Slice& slice) {
        for (const Segment& segment : slice) {
            const float* out = workspace.output() + segment.places * outputs;
            if (rows) predictions(loss, segment, out, outputs, network_.out_steps(), rows);
            if (samples_.y) total += score(loss, network_, segment, out, samples_, nullptr, 1, nullptr);
        }
        return !(stop && *stop);
    });
    return total;
}

void Packed::outputs(Workspace& workspace, const float* weights, std::vector<std::vector<float>>& rows,
                     std::vector<std::vector<float>>& kept) const {
    pass(workspace, {.weights = weights, .remember = true}, [&](const Slice& slice) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Layer& layer = network_.layers()[i];
            for (const Segment& segment : slice) {
                const auto to_rows = [&](const float* packed, std::ptrdiff_t size, std::vector<float>& to) {
                    predictions(Loss::mean_squared_error, segment, packed + segment.places * size, size, 1,
                                to.data());
                };
                to_rows(workspace.output(i), layer.out_size(), rows[i]);
                if (layer.kept() > 0) to_rows(workspace.kept(i), layer.kept_size(), kept[i]);
            }
        }
        return true;
    });
}

}  // namespace netlet
