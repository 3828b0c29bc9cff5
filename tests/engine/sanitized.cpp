// Trains small networks of every kind of layer and option, for the sanitizers to watch. Prints how many runs it
// trained and exits with 0; a sanitizer that finds something ends it before. With an argument it trains only a few,
// always on several threads that ask after every epoch whether to go on.
#include <array>
#include <chrono>
#include <cstdio>
#include <future>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "training/trainer.hpp"

using namespace netlet;

namespace {

struct Case {
    std::array<int, 3> input;
    std::vector<LayerSpec> layers;
    Loss loss;
};

struct Data {
    std::vector<float> x, y, mask, weights;
    Samples samples;
};

LayerSpec conv(int filters, std::array<int, 2> window, std::array<int, 2> strides = {1, 1}, bool same = false,
               Activation activation = Activation::relu, bool bias = true) {
    return {.kind = "conv", .units = filters, .window = window, .strides = strides, .same = same,
            .activation = activation, .bias = bias};
}

LayerSpec depthwise(int multiplier, std::array<int, 2> window, std::array<int, 2> strides = {1, 1},
                    bool same = false) {
    return {.kind = "depthwise_conv", .units = multiplier, .window = window, .strides = strides, .same = same,
            .activation = Activation::tanh};
}

LayerSpec pool(const char* kind, std::array<int, 2> window, std::array<int, 2> strides, bool same = false) {
    return {.kind = kind, .window = window, .strides = strides, .same = same};
}

LayerSpec dense(int units, Activation activation = Activation::linear,
                Initializer initializer = Initializer::glorot_uniform) {
    return {.kind = "dense", .units = units, .activation = activation, .initializer = initializer};
}

LayerSpec plain(const char* kind, double rate = 0, Activation activation = Activation::linear) {
    return {.kind = kind, .activation = activation, .rate = rate};
}

LayerSpec steps(const char* kind, int filters, int window, int stride) {
    LayerSpec spec = pool(kind, {1, window}, {1, stride});
    spec.units = filters;
    spec.causal = filters > 0;
    spec.same = !spec.causal;  // so that pieces of one step fit as well
    return spec;
}

LayerSpec recurrent(const char* kind, int units, bool sequences = true, Activation activation = Activation::tanh,
                    bool bias = true, bool reset_after = true) {
    return {.kind = kind, .units = units, .activation = activation, .bias = bias, .reset_after = reset_after,
            .sequences = sequences};
}

LayerSpec both(const char* cell, int units, Merge merge, bool sequences = true) {
    LayerSpec spec = recurrent(cell, units, sequences);
    spec.kind = "bidirectional";
    spec.cell = cell;
    spec.merge = merge;
    return spec;
}

LayerSpec embedding(int rows, int units) {
    return {.kind = "embedding", .units = units, .initializer = Initializer::uniform, .rows = rows};
}

std::vector<Case> cases() {
    const LayerSpec flatten = plain("flatten");
    std::vector<Case> all{
        {{13, 14, 1}, {conv(5, {3, 3}), pool("max_pool", {3, 3}, {3, 3}), conv(3, {2, 2}, {1, 1}, true),
                       pool("max_pool", {2, 2}, {2, 2}), flatten, dense(4, Activation::tanh), dense(1)},
         Loss::binary_crossentropy},
        {{9, 8, 2}, {conv(7, {2, 3}, {2, 2}, true, Activation::elu, false), conv(1, {1, 1}, {3, 2}),
                     flatten, dense(3)},
         Loss::categorical_crossentropy},
        {{11, 9, 3}, {depthwise(2, {5, 2}, {2, 3}, true), depthwise(1, {2, 2}), depthwise(3, {1, 1}),
                      plain("global_avg_pool"), plain("dropout", 0.3), dense(2)},
         Loss::mean_squared_error},
        {{10, 7, 1}, {pool("max_pool", {3, 2}, {2, 1}, true), pool("avg_pool", {2, 4}, {3, 3}, true),
                      pool("avg_pool", {2, 1}, {1, 1}), pool("max_pool", {1, 1}, {1, 2}), flatten, dense(3)},
         Loss::categorical_crossentropy},
        {{6, 5, 2}, {plain("dropout", 0.5), conv(4, {6, 5}), plain("global_max_pool"), dense(1)},
         Loss::binary_crossentropy},
        {{2, 3, 1}, {conv(2, {5, 5}, {1, 1}, true), conv(9, {4, 1}, {2, 1}, true), plain("global_max_pool"),
                     dense(33, Activation::softplus, Initializer::orthogonal), plain("activation"), dense(1)},
         Loss::mean_squared_error},
        {{40, 41, 1}, {conv(13, {3, 3}), pool("max_pool", {2, 2}, {2, 2}), conv(17, {3, 3}),
                       pool("max_pool", {3, 3}, {3, 3}), conv(6, {5, 4}), flatten, dense(1)},
         Loss::binary_crossentropy},
        {{1, 1, 7}, {dense(5, Activation::sigmoid), plain("dropout", 0.9999999), dense(1)},
         Loss::binary_crossentropy},
        {{1, 4, 3}, {dense(5, Activation::tanh), flatten, dense(2)}, Loss::mean_squared_error},
        {{1, 7, 2}, {recurrent("gru", 5), plain("dropout", 0.3), recurrent("lstm", 3), recurrent("rnn", 17), dense(2)},
         Loss::mean_squared_error},
        {{1, 5, 1}, {recurrent("lstm", 4, false, Activation::relu), dense(1)}, Loss::binary_crossentropy},
        {{1, 6, 3}, {dense(2), recurrent("gru", 3, true, Activation::elu, false, false),
                     recurrent("gru", 2, false, Activation::tanh, true, false), dense(3)},
         Loss::categorical_crossentropy},
        {{7, 6, 2}, {plain("batch_norm"), conv(3, {3, 3}), plain("batch_norm"), pool("max_pool", {2, 2}, {2, 2}), flatten,
                     plain("batch_norm"), dense(1)},
         Loss::binary_crossentropy},
        {{1, 9, 2}, {steps("conv1d", 3, 4, 2), plain("batch_norm"), steps("avg_pool1d", 0, 2, 1), recurrent("gru", 3),
                     steps("max_pool1d", 0, 2, 2), plain("global_avg_pool1d"), dense(1)},
         Loss::mean_squared_error},
        {{4, 5, 2}, {conv(3, {2, 2}), plain("layer_norm"), flatten, plain("layer_norm"), dense(1)},
         Loss::binary_crossentropy},
        {{1, 6, 2}, {both("lstm", 3, Merge::mul), both("gru", 5, Merge::concat, false), dense(1)},
         Loss::binary_crossentropy},
        {{1, 4, 1}, {both("rnn", 2, Merge::ave), both("gru", 1, Merge::sum), dense(2)}, Loss::mean_squared_error},
        {{1, 7, 1}, {embedding(5, 3), recurrent("gru", 2, false), dense(1)}, Loss::binary_crossentropy},
        {{1, 5, 2}, {recurrent("gru", 3), plain("batch_norm"), dense(2)}, Loss::mean_squared_error},
        {{1, 1, 2}, {recurrent("rnn", 1, true, Activation::relu, false)}, Loss::mean_squared_error},
    };
    for (const Activation activation : {Activation::linear, Activation::relu, Activation::leaky_relu,
                                        Activation::tanh, Activation::sigmoid, Activation::softplus, Activation::elu})
        all.push_back({{5, 5, 1}, {conv(2, {2, 2}, {1, 1}, false, activation), plain("activation", 0, activation),
                                   flatten, dense(3, activation), dense(1)},
                       Loss::binary_crossentropy});
    return all;
}

// Every other data set is of 8-bit pixels, which are packed as bytes, and the others have weights of their samples.
Data made(const Network& network, Loss loss, int count, bool pixels) {
    Random random(static_cast<std::uint64_t>(count), Random::Stream::order);
    Data data;
    for (std::ptrdiff_t i = 0; i < count * network.in_size(); ++i)
        data.x.push_back(pixels ? static_cast<float>(random.below(256)) / 255.0f
                                : static_cast<float>(random.normal()));
    const std::ptrdiff_t outputs = network.out_size();
    for (int i = 0; i < count; ++i)
        for (std::ptrdiff_t k = 0; k < outputs; ++k)
            data.y.push_back(loss == Loss::mean_squared_error ? static_cast<float>(random.normal())
                             : outputs == 1                   ? static_cast<float>(i % 2)
                                                              : static_cast<float>(i % outputs == k));
    // Every other set of sequences has steps that do not count, now and then a whole sequence of them.
    if (network.recurrent() && !pixels)
        for (int i = 0; i < count * network.in_steps(); ++i) data.mask.push_back(i == 0 || random.below(3) > 0);
    if (!pixels)
        for (int i = 0; i < count; ++i) data.weights.push_back(i % 3 ? static_cast<float>(i % 4) : 0.5f);
    data.samples = {.x = data.x.data(), .y = data.y.data(), .mask = data.mask.empty() ? nullptr : data.mask.data(),
                    .weights = data.weights.empty() ? nullptr : data.weights.data(), .count = count,
                    .x_row = network.in_size(), .y_row = outputs, .mask_row = network.in_steps()};
    return data;
}

// How what trains in other threads is answered here, in turn: goes on; one seed ends after its first epoch; everything
// is stopped in the middle.
enum class Answer { go_on, end_one, stop_all };

void train_asking(const Network& network, const TrainingSettings& settings, const Data& training,
                  const Data& validation, Answer answer, Control& control) {
    const std::future<void> done = std::async(std::launch::async, [&] {
        train(network, settings, training.samples, validation.samples, {1, 2, 3}, 3, nullptr, control);
        control.over();
    });
    int asked = 0;
    while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        control.wait(std::chrono::milliseconds(20));
        if (answer == Answer::stop_all && asked > 1) control.stop = true;
        control.answer([&](const Epoch& epoch) {
            ++asked;
            return answer == Answer::end_one && epoch.seed == 2;
        });
    }
}

// From the states that a training has left, with more epochs; what is no such state is refused.
void go_on(const Network& network, TrainingSettings settings, const Data& training, const Data& validation,
           Control& control) {
    if (!control.keeps_states()) return;
    settings.epochs += 1;
    auto states = control.take_states();
    std::vector<std::string> begun;
    for (const std::uint64_t seed : {1, 2, 3}) begun.push_back(states[seed].bytes);
    Control again(false, true);
    train(network, settings, training.samples, validation.samples, {1, 2, 3}, 3, nullptr, again, begun);
    for (std::string& state : begun) {
        if (state.empty()) continue;
        for (const std::size_t size : {state.size() - 1, state.size() / 2, std::size_t(9)}) {
            try {
                Run(network, settings, training.samples, Packed(network, validation.samples, true), true, 1, nullptr,
                    nullptr).take_over(state.substr(0, size));
            } catch (const std::invalid_argument&) {
                continue;
            }
            throw std::logic_error("half a state was taken over");
        }
    }
}

// Several seeds on several threads, with every optimizer and schedule in turn, and some weights that stay as they are.
std::size_t train_some(const Network& network, Loss loss, int batch, const Data& training, const Data& validation,
                       bool asks) {
    static unsigned turn = 0;
    TrainingSettings settings;
    settings.epochs = 2;
    settings.batch_size = batch;
    settings.loss = loss;
    settings.learning_rate = 0.01;
    settings.schedule = static_cast<Schedule>(turn % 4);
    settings.optimizer.kind = static_cast<OptimizerKind>(turn % 5);
    settings.optimizer.momentum = turn % 2 ? 0.5 : 0;
    settings.optimizer.nesterov = turn % 3 == 0;
    settings.optimizer.clip_norm = turn % 5 ? 0 : 0.1;
    settings.optimizer.global_clip_norm = turn % 7 ? 0 : 0.1;
    settings.optimizer.l2 = turn % 2 ? 0.01 : 0;
    settings.patience = turn % 3;
    // Whole sequences, or pieces of 1, 2 and 3 steps, which are too short for windows over steps.
    if (network.recurrent() && network.layers().front().kind != Kind::conv) settings.truncation = turn % 4;
    if (network.input_shape()[0] > 1 && turn % 3 != 1)
        settings.augmentation = {.shift = static_cast<int>(turn % 3),
                                 .flip = static_cast<Flip>(turn % 4),
                                 .turn = turn % 2 ? 180.0 : 0.0,
                                 .zoom = turn % 5 ? 0.0 : 0.9,
                                 .erase = turn % 7 ? 1.0 : 0.0,
                                 .noise = turn % 2 ? 0.1 : 0.0};
    if (turn % 4 == 1)  // all of them now and then
        for (std::size_t i = 0; i < network.weights().size(); ++i) settings.frozen.push_back(i < turn % 11);
    ++turn;
    Control control(asks || turn % 3 == 0, turn % 2);
    if (control.asks()) {
        const auto answer = static_cast<Answer>(turn / 3 % 3);
        train_asking(network, settings, training, validation, answer, control);
        const std::vector<TrainedRun> runs = control.take();
        go_on(network, settings, training, validation, control);
        for (const TrainedRun& run : runs)
            if (answer != Answer::stop_all &&
                run.stopped != (answer == Answer::end_one && run.seed == 2 && !run.diverged))
                throw std::logic_error("a run did not end as it was told to");
        return runs.size();
    }
    train(network, settings, training.samples, validation.samples, {1, 2, 3}, 3, nullptr, control);
    go_on(network, settings, training, validation, control);
    return control.take().size();
}

// A run that blows up: infinities and NaN go through every kernel.
void diverge(const Network& network, Loss loss, const Data& data) {
    TrainingSettings settings;
    settings.epochs = 3;
    settings.batch_size = 7;
    settings.loss = loss;
    settings.learning_rate = 1e30;
    settings.optimizer.kind = OptimizerKind::sgd;
    Control control(false);
    train(network, settings, data.samples, data.samples, {4}, 1, nullptr, control);
}

void look(const Network& network, const Network& unfused, Loss loss, const Data& data) {
    std::vector<float> weights(network.parameters());
    network.initialize(5, weights.data());
    Workspace workspace(network), unfused_workspace(unfused);
    const auto count = static_cast<std::size_t>(data.samples.count);
    std::vector<float> predicted(count * static_cast<std::size_t>(network.out_size()));
    for (const bool once : {true, false})
        Packed(network, data.samples, once).run(workspace, weights.data(), loss, predicted.data());
    std::vector<std::vector<float>> rows, kept;
    for (const Layer& layer : unfused.layers()) {
        rows.emplace_back(count * static_cast<std::size_t>(layer.out_size()));
        kept.emplace_back(count * static_cast<std::size_t>(layer.kept_size()));
    }
    Packed(unfused, data.samples, false).outputs(unfused_workspace, weights.data(), rows, kept);
    std::vector<float> d_weights(network.parameters()), d_x(data.x.size());
    Session session(network, {.loss = loss}, 0, weights.data());
    session.gradients(data.samples, d_weights.data(), d_x.data());
    session.input_gradients(data.samples, data.y.data(), d_x.data());
}

}  // namespace

int main(int count_of_arguments, char**) {
    const bool few = count_of_arguments > 1;
    std::size_t runs = 0;
    for (const Case& c : cases()) {
        const Network network(c.input, c.layers, "", true), unfused(c.input, c.layers, "", false);
        if (few) {
            const Data data = made(network, c.loss, 29, false);
            for (const int batch : {5, 13, 64}) runs += train_some(network, c.loss, batch, data, data, true);
            continue;
        }
        for (const int count : {1, 3, 8, 29}) {
            const Data data = made(network, c.loss, count, count % 2 == 0);
            const Data validation = made(network, c.loss, 11, count % 2 == 1);
            for (const int batch : {1, 5, 13, 64, std::numeric_limits<int>::max()})
                runs += train_some(network, c.loss, batch, data, validation, false);
            look(network, unfused, c.loss, data);
            diverge(network, c.loss, data);
        }
    }
    std::printf("%zu\n", runs);
}
