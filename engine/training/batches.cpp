#include "batches.hpp"

#include <algorithm>

namespace netlet {

void pack(const Segment& segment, const float* first_row, std::ptrdiff_t stride, const int* order,
          std::ptrdiff_t features, float* out) {
    const int width = segment.width();
    std::vector<const float*> rows(static_cast<std::size_t>(width));
    for (int group = 0; group < segment.groups; ++group) {
        const int from = group * width, filled = std::min(width, segment.samples - from);
        for (int i = 0; i < filled; ++i) {
            const int place = segment.first + from + i;
            rows[static_cast<std::size_t>(i)] = first_row + (order ? order[place] : place) * stride;
        }
        segment.kernels->pack(rows.data(), filled, features, out + group * features * width);
    }
}

namespace {

// Whether every number is some whole k / 255, so that bytes hold them without loss.
bool are_pixels(const float* x, std::ptrdiff_t size) {
    for (std::ptrdiff_t i = 0; i < size; ++i) {
        if (!(x[i] >= 0 && x[i] <= 1)) return false;
        if (static_cast<float>(static_cast<int>(x[i] * 255 + 0.5f)) / 255.0f != x[i]) return false;
    }
    return true;
}

}  // namespace

Packed::Packed(const Network& network, const Samples& samples, bool once)
    : network_(network), samples_(samples), slices_(network.slices(samples.count)), packed_once_(once) {
    if (!once) return;
    const std::ptrdiff_t features = network.in_size();
    const bool pixels = are_pixels(samples.x, samples.count * features);
    std::size_t size = 0, steps = 0;
    for (const Slice& slice : slices_) {
        size += static_cast<std::size_t>(places(slice) * features);
        steps += static_cast<std::size_t>(places(slice) * network.in_steps());
    }
    if (samples.mask) mask_.grow(steps);
    if (pixels) bytes_.grow(size);
    else floats_.grow(size);
    Buffer<float> room;
    std::size_t at = 0, mask_at = 0;
    for (const Slice& slice : slices_) {
        const auto count = static_cast<std::size_t>(places(slice) * features);
        if (pixels) room.grow(count);
        float* const packed = pixels ? room.data() : floats_.data() + at;
        lay_out(slice, packed, samples.mask ? mask_.data() + mask_at : nullptr);
        if (pixels)
            std::transform(packed, packed + count, bytes_.data() + at,
                           [](float x) { return static_cast<std::uint8_t>(x * 255 + 0.5f); });
        at += count;
        mask_at += static_cast<std::size_t>(places(slice) * network.in_steps());
    }
}

void Packed::lay_out(const Slice& slice, float* x, float* mask) const {
    const std::ptrdiff_t features = network_.in_size(), steps = network_.in_steps();
    for (const Segment& segment : slice) {
        pack(segment, samples_.x, samples_.x_row, nullptr, features, x + segment.places * features);
        if (mask)
            pack(segment, samples_.mask, samples_.mask_row, nullptr, steps, mask + segment.places * steps);
    }
}

template <class Done>
void Packed::pass(Workspace& workspace, Workspace::Pass pass, Done done) const {
    const std::ptrdiff_t features = network_.in_size();
    Buffer<float> room, mask_room;
    std::ptrdiff_t at = 0;  // sample places
    for (const Slice& slice : slices_) {
        if (!packed_once_ || bytes_.size() > 0) room.grow(static_cast<std::size_t>(places(slice) * features));
        const float* in = room.data();
        if (!packed_once_) {
            if (samples_.mask) mask_room.grow(static_cast<std::size_t>(places(slice) * network_.in_steps()));
            lay_out(slice, room.data(), mask_room.data());
        } else if (bytes_.size() > 0) {
            for (const Segment& segment : slice)
                segment.kernels->expand(bytes_.data() + (at + segment.places) * features, segment.groups * features,
                                        room.data() + segment.places * features);
        } else {
            in = floats_.data() + at * features;
        }
        if (samples_.mask)
            pass.mask = packed_once_ ? mask_.data() + at * network_.in_steps() : mask_room.data();
        workspace.forward(slice, in, pass);
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
