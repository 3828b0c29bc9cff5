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

Step Workspace::step(std::size_t i, const Segment& segment, const float* in, const Pass& pass) const {
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
    if (pass.remember && layer.remembers()) step.memory = memory_[i].data() + segment.places * layer.out_size();
    if (!layer.recurrent()) return step;
    step.kept = pass.remember ? kept_[i].data() + segment.places * layer.kept_size() : nullptr;
    step.mask = pass.mask ? pass.mask + segment.places * layer.in_width : nullptr;
    if (!pass.state) return step;
    const std::ptrdiff_t at = segment.places * layer.state_size();
    step.state = pass.state->started ? pass.state->before[i].data() + at : nullptr;
    step.next_state = pass.state->after[i].data() + at;
    return step;
}

void Workspace::forward(const Slice& slice, const float* in, const Pass& pass) {
    make_room(slice, pass);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const Layer& layer = network_.layers()[i];
        for (const Segment& segment : slice)
            segment.kernels->forward[static_cast<int>(layer.kind)](layer, step(i, segment, in, pass));
    }
}

void Workspace::backward(const Slice& slice, const float* in, const Pass& pass, float* d_weights,
                         float* d_in) {
    for (std::size_t i = outputs_.size(); i-- > pass.learns_from;) {
        const Layer& layer = network_.layers()[i];
        Buffer<float>&from = gradients_[0], &to = gradients_[1];
        for (const Segment& segment : slice) {
            Step work = step(i, segment, in, pass);
            work.d_out = from.data() + segment.places * layer.out_size();
            float* below = i > pass.learns_from ? to.data() : i ? nullptr : d_in;
            work.d_in = below ? below + segment.places * layer.in_size() : nullptr;
            work.d_weights = d_weights;
            segment.kernels->backward[static_cast<int>(layer.kind)](layer, work);
        }
        std::swap(from, to);
    }
}

}  // namespace netlet
