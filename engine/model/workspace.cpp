#include "workspace.hpp"

#include <algorithm>

namespace netlet {

void Workspace::make_room(const Slice& slice, const Pass& pass) {
    const auto all = static_cast<std::size_t>(places(slice));
    const std::ptrdiff_t width = network_.kernels()->width;
    auto largest = static_cast<std::size_t>(network_.in_size());
    std::ptrdiff_t scratch = 0;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const Layer& layer = network_.layers()[i];
        const auto size = static_cast<std::size_t>(layer.out_size());
        outputs_[i].grow(size * all);
        if (pass.remember) kept_[i].grow(static_cast<std::size_t>(layer.kept_size()) * all);
        if (pass.remember && layer.remembers()) memory_[i].grow(size * all);
        largest = std::max(largest, size);
        scratch = std::max(scratch, scratch_size(layer, width, static_cast<std::ptrdiff_t>(all)));
    }
    scratch_.grow(static_cast<std::size_t>(scratch));
    if (pass.remember)
        for (Buffer<float>& gradient : gradients_) gradient.grow(largest * all);
    if (!pass.state) return;
    for (std::vector<Buffer<float>>* side : {&pass.state->before, &pass.state->after}) {
        side->resize(outputs_.size());
        for (std::size_t i = 0; i < outputs_.size(); ++i)
            (*side)[i].grow(static_cast<std::size_t>(network_.layers()[i].state_size()) * all);
    }
}

Step Workspace::step(std::size_t i, const Segment& segment, const float* in, const Pass& pass) {
    const Layer& layer = network_.layers()[i];
    Step step;
    step.groups = segment.groups;
    step.weights = pass.weights;
    step.in = (i ? outputs_[i - 1].data() : in) + segment.places * layer.in_size();
    step.out = outputs_[i].data() + segment.places * layer.out_size();
    step.scratch = scratch_.data();
    step.training = pass.training;
    step.noise = pass.noise;
    step.first_sample = segment.first;
    step.samples = segment.samples;
    step.moments = normalisations_[i].moments();
    if (pass.remember && layer.remembers()) step.memory = memory_[i].data() + segment.places * layer.out_size();
    if (const float* mask = network_.masks_zeros() ? in : pass.mask; mask && layer.masked)
        step.mask = mask + segment.places * layer.in_width;
    step.kept = pass.remember ? kept_[i].data() + segment.places * layer.kept_size() : nullptr;
    if (!pass.state || !layer.recurrent()) return step;
    const std::ptrdiff_t at = segment.places * layer.state_size();
    step.state = pass.state->started ? pass.state->before[i].data() + at : nullptr;
    step.next_state = pass.state->after[i].data() + at;
    return step;
}

void Workspace::find_moments(std::size_t i, const Slice& slice, const float* in, const Pass& pass) {
    const Layer& layer = network_.layers()[i];
    Normalisation& normalisation = normalisations_[i];
    const auto stays = [&] {
        for (std::size_t w = 0; w < network_.weights().size(); ++w)
            if (network_.weights()[w].layer == i && !(*pass.frozen)[w]) return false;
        return true;
    };
    if (!pass.training || (pass.frozen && !pass.frozen->empty() && stays())) {
        normalisation.take_averages(pass.weights);
        return;
    }
    long long counted = 0;
    for (const Segment& segment : slice) {
        const float* mask = step(i, segment, in, pass).mask;
        const int places = layer.in_height * layer.in_width;
        if (!mask) {
            counted += static_cast<long long>(segment.samples) * places;
            continue;
        }
        for (int sample = 0; sample < segment.samples; ++sample)
            for (int p = 0; p < places; ++p)
                counted += mask[(sample / segment.width() * places + p) * segment.width() + sample % segment.width()] > 0;
    }
    normalisation.begin(counted);
    for (const Segment& segment : slice) segment.kernels->sums(layer, step(i, segment, in, pass));
    normalisation.have_sums();
    for (const Segment& segment : slice) segment.kernels->squares(layer, step(i, segment, in, pass));
    normalisation.have_squares();
}

void Workspace::move_averages(float* weights) const {
    for (const Normalisation& normalisation : normalisations_) normalisation.move_averages(weights);
}

void Workspace::forward(const Slice& slice, const float* in, const Pass& pass) {
    make_room(slice, pass);
    for (std::size_t i = 0; i < outputs_.size(); ++i) forward_layer(i, slice, in, pass);
}

void Workspace::forward_layer(std::size_t i, const Slice& slice, const float* in, const Pass& pass) {
    const Layer& layer = network_.layers()[i];
    if (layer.kind == Kind::batch_norm) find_moments(i, slice, in, pass);
    for (const Segment& segment : slice)
        segment.kernels->forward[static_cast<int>(layer.kind)](layer, step(i, segment, in, pass));
}

void Workspace::backward(const Slice& slice, const float* in, const Pass& pass, float* d_weights,
                         float* d_in) {
    for (std::size_t i = outputs_.size(); i-- > pass.learns_from;)
        backward_layer(i, slice, in, pass, d_weights, d_in);
}

void Workspace::backward_layer(std::size_t i, const Slice& slice, const float* in, const Pass& pass,
                               float* d_weights, float* d_in) {
    const Layer& layer = network_.layers()[i];
    Buffer<float>&from = gradients_[0], &to = gradients_[1];
    const auto begun = [&](const Segment& segment) {
        Step work = step(i, segment, in, pass);
        work.d_out = from.data() + segment.places * layer.out_size();
        return work;
    };
    if (layer.kind == Kind::batch_norm) {
        normalisations_[i].begin_gradient();
        for (const Segment& segment : slice) segment.kernels->gradient_sums(layer, begun(segment));
        normalisations_[i].have_gradient(d_weights);
    }
    for (const Segment& segment : slice) {
        Step work = begun(segment);
        float* below = i > pass.learns_from ? to.data() : i ? nullptr : d_in;
        work.d_in = below ? below + segment.places * layer.in_size() : nullptr;
        work.d_weights = d_weights;
        segment.kernels->backward[static_cast<int>(layer.kind)](layer, work);
    }
    std::swap(from, to);
}

}  // namespace netlet
