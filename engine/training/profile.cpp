#include "profile.hpp"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace netlet {
namespace {

// Seconds that this thread has had of a processor: what others run beside it does not count, where the system knows.
double seconds_here() {
#if defined(CLOCK_THREAD_CPUTIME_ID)
    timespec now;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0)
        return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
#endif
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Stopwatch {
public:
    // Notes for the phase, of which there is one entry a name and layer, the time since the last note or start.
    void note(const char* name, int layer = -1) {
        const double seconds = seconds_here() - started_;
        if (next_ == laps_.size()) laps_.push_back({name, layer, {}});
        laps_[next_++].seconds.push_back(seconds);
        started_ = seconds_here();
    }
    // Another batch begins: what it notes is what the batch before noted, in that order.
    void start() {
        next_ = 0;
        started_ = seconds_here();
    }
    void hand_over(int times, std::vector<Phase>& to) {
        for (Lap& lap : laps_) {
            const auto tenth = lap.seconds.begin() + static_cast<std::ptrdiff_t>(lap.seconds.size() / 10);
            std::nth_element(lap.seconds.begin(), tenth, lap.seconds.end());
            to.push_back({lap.name, lap.layer, *tenth * times});
        }
    }

private:
    struct Lap {
        const char* name;
        int layer;
        std::vector<double> seconds;
    };
    std::vector<Lap> laps_;
    std::size_t next_ = 0;
    double started_ = 0;
};

}  // namespace

std::vector<Phase> profile(const Network& whole, const TrainingSettings& settings, const Samples& samples,
                           const Samples& validation, int repetitions, std::uint64_t seed) {
    const Pixels pixels(whole, samples);
    const Samples& training = pixels.samples();
    const int steps = settings.truncation > 0 ? std::min(settings.truncation, whole.in_steps()) : whole.in_steps();
    const Network network = whole.with_steps(steps);
    const std::ptrdiff_t features = network.in_size(), outputs = network.out_size();
    std::vector<float> weights(network.parameters()), gradient(network.parameters());
    network.initialize(seed, weights.data());
    std::vector<int> order(static_cast<std::size_t>(training.count));
    std::iota(order.begin(), order.end(), 0);
    Random random(seed, Random::Stream::order);
    Workspace workspace(network);
    Optimizer optimizer(settings.optimizer, network, settings.frozen);
    Buffer<float> input, mask;
    const int count = std::min(settings.batch_size, training.count), batches = training.count / count;
    const auto layers = static_cast<int>(network.layers().size());
    const std::vector<Slice> slices = network.slices(count, network.normalises_batches());
    std::vector<Phase> phases;
    Stopwatch step, pass;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        for (std::size_t i = order.size(); settings.shuffle && i > 1; --i)
            std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
        for (int batch = 0; batch < batches; ++batch) {
            const int* const rows = order.data() + batch * count;
            Workspace::Pass passing{.weights = weights.data(), .training = true, .remember = true, .noise = 1};
            step.start();
            std::ranges::fill(gradient, 0.0f);
            for (const Slice& slice : slices) {
                input.grow(static_cast<std::size_t>(places(slice) * features));
                if (training.mask) mask.grow(static_cast<std::size_t>(places(slice) * steps));
                for (const Segment& segment : slice) {
                    pack(segment, training, rows, features, input.data() + segment.places * features);
                    if (training.mask)
                        pack(segment, training.mask, training.mask_row, rows, steps,
                             mask.data() + segment.places * steps);
                }
                passing.mask = training.mask ? mask.data() : nullptr;
                step.note("lay out");
                workspace.make_room(slice, passing);
                for (int i = 0; i < layers; ++i) {
                    workspace.forward_layer(static_cast<std::size_t>(i), slice, input.data(), passing);
                    step.note("forward", i);
                }
                for (const Segment& segment : slice)
                    score(settings.loss, network, segment, workspace.output() + segment.places * outputs, training,
                          rows, count, workspace.d_out() + segment.places * outputs);
                step.note("loss");
                for (int i = layers; i-- > 0;) {
                    workspace.backward_layer(static_cast<std::size_t>(i), slice, input.data(), passing,
                                             gradient.data(), nullptr);
                    step.note("backward", i);
                }
            }
            optimizer.step(settings.learning_rate, weights.data(), gradient.data());
            step.note("update");
        }
    }
    step.hand_over(batches, phases);
    if (validation.count == 0) return phases;
    const Packed packed(whole, validation, true);
    Workspace room(whole);
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        pass.start();
        packed.run(room, weights.data(), settings.loss, nullptr);
        pass.note("validate");
    }
    pass.hand_over(1, phases);
    return phases;
}

}  // namespace netlet
