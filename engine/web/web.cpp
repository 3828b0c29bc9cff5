// The engine for WebAssembly: what the page calls, in C. Numbers come and go through memory that the caller gets from
// netlet_allocate; nothing here runs longer than a few batches, so that the page stays in charge.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <typeinfo>

#include "../training/batches.hpp"
#include "../training/schedule.hpp"
#include "../training/session.hpp"

#define EXPORT(name) extern "C" __attribute__((export_name(#name), used))

using namespace netlet;

namespace {

char message[1024];

// A layer as the page writes it down: so many whole numbers, in this order.
struct WrittenLayer {
    int kind, units, window[2], strides[2], same, activation, bias, initializer, recurrent_activation,
        recurrent_initializer, reset_after, unit_forget_bias, sequences, scale, causal;
    float rate, momentum, epsilon;
};

constexpr const char* kinds[] = {"conv", "depthwise_conv", "max_pool", "avg_pool", "global_max_pool", "global_avg_pool",
                                 "flatten", "dense", "dropout", "activation", "rnn", "gru", "lstm",
                                 "batch_norm", "conv1d", "max_pool1d", "avg_pool1d", "global_max_pool1d",
                                 "global_avg_pool1d", "layer_norm"};

LayerSpec read(const WrittenLayer& w) {
    LayerSpec spec;
    spec.kind = kinds[w.kind];
    spec.units = w.units;
    spec.window = {w.window[0], w.window[1]};
    spec.strides = {w.strides[0], w.strides[1]};
    spec.same = w.same;
    spec.activation = static_cast<Activation>(w.activation);
    spec.bias = w.bias;
    spec.rate = w.rate;
    spec.initializer = static_cast<Initializer>(w.initializer);
    spec.recurrent_activation = static_cast<Activation>(w.recurrent_activation);
    spec.recurrent_initializer = static_cast<Initializer>(w.recurrent_initializer);
    spec.reset_after = w.reset_after;
    spec.unit_forget_bias = w.unit_forget_bias;
    spec.sequences = w.sequences;
    spec.scale = w.scale;
    spec.causal = w.causal;
    spec.momentum = static_cast<double>(w.momentum);
    spec.epsilon = static_cast<double>(w.epsilon);
    return spec;
}

// The settings of a training as the page writes them down.
struct WrittenSettings {
    double epochs, batch_size, learning_rate, schedule, loss, shuffle, truncation, optimizer, momentum, nesterov, rho,
        beta_1, beta_2, epsilon, clip_norm, global_clip_norm, l2, weight_decay, plateau_factor, plateau_patience;
};

TrainingSettings read(const WrittenSettings& w) {
    TrainingSettings settings;
    settings.epochs = static_cast<int>(w.epochs);
    settings.batch_size = static_cast<int>(w.batch_size);
    settings.learning_rate = w.learning_rate;
    settings.schedule = static_cast<Schedule>(static_cast<int>(w.schedule));
    settings.loss = static_cast<Loss>(static_cast<int>(w.loss));
    settings.shuffle = w.shuffle != 0;
    settings.truncation = static_cast<int>(w.truncation);
    settings.optimizer = {.kind = static_cast<OptimizerKind>(static_cast<int>(w.optimizer)),
                          .momentum = w.momentum,
                          .nesterov = w.nesterov != 0,
                          .rho = w.rho,
                          .beta_1 = w.beta_1,
                          .beta_2 = w.beta_2,
                          .weight_decay = w.weight_decay,
                          .epsilon = w.epsilon,
                          .clip_norm = w.clip_norm,
                          .global_clip_norm = w.global_clip_norm,
                          .l2 = w.l2};
    settings.plateau_factor = w.plateau_factor;
    settings.plateau_patience = static_cast<int>(w.plateau_patience);
    return settings;
}

Samples samples(const Network& network, const float* x, const float* y, const float* mask, int count) {
    return {.x = x, .y = y, .mask = mask, .count = count, .x_row = network.in_size(), .y_row = network.out_size(),
            .mask_row = network.in_steps()};
}

// One seed's training, as Run does it (training/run.cpp), but a few batches at a time, so that a page can pause.
class Trainer {
public:
    Trainer(const Network& network, const TrainingSettings& settings, const Samples& training,
            const Samples& validation, std::uint64_t seed, const float* weights)
        : settings_(settings), training_(training), validation_(validation), packed_(network, validation, true),
          session_(network, settings, seed, weights), random_(seed, Random::Stream::order),
          order_(static_cast<std::size_t>(training.count)) {
        std::iota(order_.begin(), order_.end(), 0);
    }

    // Up to so many batches, but none beyond the epoch's end, after which it validates. Whether an epoch ended.
    bool run(int batches) {
        const int all = 1 + (training_.count - 1) / settings_.batch_size;
        if (batch_ == 0) begin();
        for (; batch_ < all && batches > 0; ++batch_, --batches) {
            const int first = batch_ * settings_.batch_size;
            const double rate =
                scheduled(settings_.schedule, settings_.learning_rate, step_++, long(all) * settings_.epochs);
            total_ += session_.step(training_, order_.data() + first,
                                    std::min(settings_.batch_size, training_.count - first), rate);
        }
        report.batch = batch_;
        if (batch_ < all) return false;
        end();
        return true;
    }
    void learning_rate(double rate) { settings_.learning_rate = rate; }
    const float* weights() { return session_.weights().data(); }

    // Of the last whole epoch.
    struct Report {
        double epoch = 0, loss = 0, accuracy = 0, val_loss = 0, val_accuracy = 0, diverged = 0, batch = 0;
    } report;

private:
    void begin() {
        total_ = {};
        session_.begin(static_cast<int>(report.epoch));
        if (!settings_.shuffle) return;
        for (std::size_t i = order_.size(); i > 1; --i)
            std::swap(order_[i - 1], order_[random_.below(static_cast<std::uint32_t>(i))]);
    }
    void end() {
        batch_ = 0;
        const Score v = packed_.run(session_.workspace(), weights(), settings_.loss, nullptr);
        ++report.epoch;
        report.loss = total_.loss / static_cast<double>(total_.targets);
        report.accuracy = static_cast<double>(total_.correct) / static_cast<double>(total_.targets);
        report.val_loss = v.loss / static_cast<double>(v.targets);
        report.val_accuracy = static_cast<double>(v.correct) / static_cast<double>(v.targets);
        const auto& w = session_.weights();
        const bool finite = std::isfinite(total_.loss) && std::isfinite(v.loss) &&
                            std::ranges::all_of(w, [](float x) { return std::isfinite(x); });
        if (!finite && report.diverged == 0) report.diverged = report.epoch;
        if (settings_.schedule == Schedule::reduce_on_plateau &&
            plateau_.is_over(report.val_loss, settings_.plateau_patience))
            settings_.learning_rate *= settings_.plateau_factor;
    }

    TrainingSettings settings_;
    Plateau plateau_;
    Samples training_, validation_;
    Packed packed_;
    Session session_;
    Random random_;
    std::vector<int> order_;
    Score total_;
    int batch_ = 0;
    long step_ = 0;
};

}  // namespace

// What went wrong is left here for the page, and the instance is at its end: the library comes without exceptions.
extern "C" void* __cxa_allocate_exception(std::size_t size) noexcept { return std::malloc(size); }
extern "C" void __cxa_free_exception(void*) noexcept {}
extern "C" [[noreturn]] void __cxa_throw(void* thrown, std::type_info*, void (*)(void*)) {
    std::strncpy(message, static_cast<std::exception*>(thrown)->what(), sizeof message - 1);
    __builtin_trap();
}

EXPORT(netlet_message) const char* netlet_message() { return message; }
EXPORT(netlet_allocate) void* netlet_allocate(std::size_t bytes) { return std::malloc(bytes); }
EXPORT(netlet_free) void netlet_free(void* memory) { std::free(memory); }

// `fused`: faster, but not every layer's output is there to be seen.
EXPORT(netlet_network)
Network* netlet_network(const int* input, const WrittenLayer* layers, int count, bool fused) {
    std::vector<LayerSpec> specs;
    for (int i = 0; i < count; ++i) specs.push_back(read(layers[i]));
    return new Network({input[0], input[1], input[2]}, specs, "", fused);
}
EXPORT(netlet_network_free) void netlet_network_free(Network* network) { delete network; }
EXPORT(netlet_parameters) int netlet_parameters(const Network* network) {
    return static_cast<int>(network->parameters());
}
// Numbers of a layer's output (0 beyond the last layer), and of what it keeps.
EXPORT(netlet_out_size) int netlet_out_size(const Network* network, std::size_t layer) {
    return layer < network->layers().size() ? static_cast<int>(network->layers()[layer].out_size()) : 0;
}
EXPORT(netlet_kept_size) int netlet_kept_size(const Network* network, std::size_t layer) {
    return layer < network->layers().size() ? static_cast<int>(network->layers()[layer].kept_size()) : 0;
}
EXPORT(netlet_initialize) void netlet_initialize(const Network* network, double seed, float* weights) {
    network->initialize(static_cast<std::uint64_t>(seed), weights);
}

EXPORT(netlet_trainer)
Trainer* netlet_trainer(const Network* network, const WrittenSettings* settings, const float* x, const float* y,
                        const float* mask, int count, const float* x_val, const float* y_val, const float* mask_val,
                        int count_val, double seed, const float* weights) {
    return new Trainer(*network, read(*settings), samples(*network, x, y, mask, count),
                       samples(*network, x_val, y_val, mask_val, count_val), static_cast<std::uint64_t>(seed),
                       weights);
}
EXPORT(netlet_trainer_free) void netlet_trainer_free(Trainer* trainer) { delete trainer; }
EXPORT(netlet_trainer_run) int netlet_trainer_run(Trainer* trainer, int batches) { return trainer->run(batches); }
EXPORT(netlet_trainer_report) const void* netlet_trainer_report(const Trainer* trainer) { return &trainer->report; }
EXPORT(netlet_trainer_weights) const float* netlet_trainer_weights(Trainer* trainer) { return trainer->weights(); }
EXPORT(netlet_trainer_rate) void netlet_trainer_rate(Trainer* trainer, double rate) { trainer->learning_rate(rate); }

// Predictions as rows: probabilities, or the outputs themselves for regression.
EXPORT(netlet_predict)
void netlet_predict(const Network* network, int loss, const float* weights, const float* x, const float* mask,
                    int count, float* rows) {
    Workspace workspace(*network);
    Packed(*network, samples(*network, x, nullptr, mask, count), false)
        .run(workspace, weights, static_cast<Loss>(loss), rows);
}

// Every layer's output, one layer after the other, and then what each of them keeps.
EXPORT(netlet_outputs)
void netlet_outputs(const Network* network, const float* weights, const float* x, const float* mask, int count,
                    float* out) {
    std::vector<std::vector<float>> rows, kept;
    for (const Layer& layer : network->layers()) {
        rows.emplace_back(static_cast<std::size_t>(count * layer.out_size()));
        kept.emplace_back(static_cast<std::size_t>(count * layer.kept_size()));
    }
    Workspace workspace(*network);
    Packed(*network, samples(*network, x, nullptr, mask, count), false).outputs(workspace, weights, rows, kept);
    for (const auto* part : {&rows, &kept})
        for (const std::vector<float>& layer : *part) out = std::ranges::copy(layer, out).out;
}

// The gradient, with respect to the input, of the sum of the last layer's outputs times `d_out`.
EXPORT(netlet_input_gradients)
void netlet_input_gradients(const Network* network, const float* weights, const float* x, const float* d_out,
                            const float* mask, int count, float* d_x) {
    Session(*network, {}, 0, weights).input_gradients(samples(*network, x, d_out, mask, count), d_out, d_x);
}
