// The one file that knows Python: numpy arrays in, numpy arrays out, the interpreter's lock released meanwhile.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <stdexcept>

#include "model/denormals.hpp"
#include "training/profile.hpp"
#include "training/trainer.hpp"

namespace nb = nanobind;
using namespace netlet;

namespace {

using Rows = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Flat = nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using NumpyRows = nb::ndarray<nb::numpy, float, nb::ndim<2>>;
using NumpyFlat = nb::ndarray<nb::numpy, float, nb::ndim<1>>;

template <class Array>
Array to_numpy(std::vector<float> values, std::initializer_list<std::size_t> shape) {
    auto* owned = new std::vector<float>(std::move(values));
    nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<float>*>(p); });
    return Array(owned->data(), shape, owner);
}

void check(std::size_t columns, std::ptrdiff_t expected, const char* what) {
    if (static_cast<std::ptrdiff_t>(columns) != expected)
        throw std::invalid_argument(std::string(what) + " has rows of " + std::to_string(columns) +
                                    " numbers, but the network's have " + std::to_string(expected));
}

void check_weights(const Network& network, const Flat& weights) {
    if (weights.size() != network.parameters())
        throw std::invalid_argument("there are " + std::to_string(weights.size()) +
                                    " weights, but the network has " + std::to_string(network.parameters()));
}

Samples samples(const Network& network, const Rows& x, const std::optional<Rows>& y,
                const std::optional<Rows>& mask) {
    const auto rows = [&](const std::optional<Rows>& given, std::ptrdiff_t columns, const char* what) {
        if (!given) return static_cast<const float*>(nullptr);
        check(given->shape(1), columns, what);
        if (given->shape(0) != x.shape(0))
            throw std::invalid_argument(std::string("x and ") + what + " have different numbers of rows");
        return given->data();
    };
    return {.x = rows(x, network.in_size(), "x"),
            .y = rows(y, network.out_size(), "y"),
            .mask = rows(mask, network.in_steps(), "mask"),
            .count = static_cast<int>(x.shape(0)),
            .x_row = network.in_size(),
            .y_row = network.out_size(),
            .mask_row = network.in_steps()};
}

LayerSpec layer_spec(const nb::dict& d) {
    LayerSpec spec;
    std::vector<std::string> known;
    const auto read = [&](const char* key, auto& to) {
        known.emplace_back(key);
        if (d.contains(key)) to = nb::cast<std::decay_t<decltype(to)>>(d[key]);
    };
    read("kind", spec.kind);
    read("units", spec.units);
    read("window", spec.window);
    read("strides", spec.strides);
    read("same", spec.same);
    read("causal", spec.causal);
    read("activation", spec.activation);
    read("bias", spec.bias);
    read("rate", spec.rate);
    read("initializer", spec.initializer);
    read("recurrent_activation", spec.recurrent_activation);
    read("recurrent_initializer", spec.recurrent_initializer);
    read("reset_after", spec.reset_after);
    read("unit_forget_bias", spec.unit_forget_bias);
    read("sequences", spec.sequences);
    read("rows", spec.rows);
    read("mask_zero", spec.mask_zero);
    read("cell", spec.cell);
    read("merge", spec.merge);
    read("scale", spec.scale);
    read("momentum", spec.momentum);
    read("epsilon", spec.epsilon);
    for (const auto& [key, value] : d) {
        const auto name = nb::cast<std::string>(key);
        if (std::ranges::find(known, name) != known.end()) continue;
        std::string names;
        for (const std::string& each : known) names += (names.empty() ? "" : ", ") + each;
        throw std::invalid_argument("a layer has no " + name + ": it has " + names);
    }
    return spec;
}

Network make_network(std::array<int, 3> input, const nb::list& layers, const std::string& instruction_set,
                     bool fused) {
    std::vector<LayerSpec> specs;
    for (const auto& layer : layers) specs.push_back(layer_spec(nb::cast<nb::dict>(layer)));
    return Network(input, specs, instruction_set, fused);
}

nb::dict to_dict(const History& history) {
    nb::dict d;
    d["loss"] = history.loss;
    d["accuracy"] = history.accuracy;
    d["val_loss"] = history.val_loss;
    d["val_accuracy"] = history.val_accuracy;
    return d;
}

nb::dict to_dict(TrainedRun run) {
    nb::dict d;
    const std::size_t size = run.weights.size();
    d["seed"] = run.seed;
    d["weights"] = to_numpy<NumpyFlat>(std::move(run.weights), {size});
    d["history"] = to_dict(run.history);
    d["diverged"] = run.diverged;
    d["finished"] = run.finished;
    d["stopped"] = run.stopped;
    return d;
}

// A check of what the engine takes for granted: numbers that fit the images.
void check(const Augmentation& augmentation, const std::array<int, 3>& shape) {
    const auto channels = static_cast<std::size_t>(shape[2]);
    for (const std::vector<float>* each : {&augmentation.background, &augmentation.unit})
        if (!each->empty() && each->size() != channels)
            throw std::invalid_argument("background and unit must have a number for each channel");
    if (augmentation.shift < 0 || augmentation.shift > std::max(shape[0], shape[1]) ||
        !(augmentation.zoom >= 0 && augmentation.zoom < 1) || !(augmentation.erase >= 0 && augmentation.erase <= 1) ||
        !(std::abs(augmentation.turn) <= 180) || !(augmentation.noise >= 0))
        throw std::invalid_argument("an image cannot be changed so far");
}

// Trains in other threads while this one lets Python see signals, hands over runs as they end, and reports progress.
// After every epoch of a run `on_epoch`, if there is one, is called, and the run waits: if it answers True, the run
// ends. `on_states` is called every so many seconds, and in the end, with what the runs that have come further remember:
// (seed, epochs, whether it is over, bytes); `states` has what they go on from. An exception of these (a KeyboardInterrupt, say) stops the training. Returns all runs, those included that an
// exception kept from being handed over, the exception, and the seconds that the threads took.
nb::tuple train_watched(const Network& network, TrainingSettings settings, const Rows& x, const Rows& y,
                         const Rows& x_val, const Rows& y_val, const std::vector<std::uint64_t>& seeds, int threads,
                         const nb::object& ended, const std::optional<Rows>& mask,
                         const std::optional<Rows>& mask_val, const std::optional<Rows>& weights,
                         const std::optional<Flat>& sample_weights, const std::optional<std::vector<bool>>& frozen,
                         const nb::object& progress, const nb::object& on_epoch,
                         const std::optional<std::vector<nb::bytes>>& states, const nb::object& on_states,
                         double every) {
    if (settings.epochs < 0 || settings.batch_size < 1 || settings.truncation < 0)
        throw std::invalid_argument("epochs and truncation must be at least 0 and batch_size at least 1");
    if (weights) {
        check(weights->shape(1), static_cast<std::ptrdiff_t>(network.parameters()), "weights");
        if (weights->shape(0) != seeds.size()) throw std::invalid_argument("weights must have a row for every seed");
    }
    if (frozen) {
        if (frozen->size() != network.weights().size())
            throw std::invalid_argument("frozen must say yes or no for each of the network's weights");
        settings.frozen = *frozen;
    }
    Samples training = samples(network, x, y, mask);
    if (sample_weights) {
        if (static_cast<int>(sample_weights->size()) != training.count)
            throw std::invalid_argument("sample_weights must have a number for each training sample");
        training.weights = sample_weights->data();
    }
    check(settings.augmentation, network.input_shape());
    const Samples validation = samples(network, x_val, y_val, mask_val);
    if (training.count == 0) throw std::invalid_argument("there are no training samples");
    std::vector<std::string> begun;
    if (states) {
        if (states->size() != seeds.size()) throw std::invalid_argument("states must have one for every seed");
        for (const nb::bytes& state : *states) begun.emplace_back(state.c_str(), state.size());
    }
    Control control(!on_epoch.is_none(), !on_states.is_none());
    std::future<double> result = std::async(std::launch::async, [&] {
        const auto started = std::chrono::steady_clock::now();
        struct Over {
            Control& control;
            ~Over() { control.over(); }
        } over{control};
        train(network, settings, training, validation, seeds, threads, weights ? weights->data() : nullptr, control,
              begun);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    });
    nb::object raised = nb::none();
    const auto watched = [&](const auto& work) {
        try {
            work();
        } catch (nb::python_error& error) {
            control.stop = true;
            if (raised.is_none()) raised = nb::borrow(error.value());
        }
    };
    const auto finished = [&](int milliseconds) {
        nb::gil_scoped_release release;
        if (control.asks()) control.wait(std::chrono::milliseconds(milliseconds));
        const auto left = std::chrono::milliseconds(control.asks() ? 0 : milliseconds);
        return result.wait_for(left) == std::future_status::ready;
    };
    const auto ends = [&](const Epoch& e) {
        bool is_end = false;
        watched([&] {
            is_end = on_epoch(e.seed, e.epoch, e.loss, e.accuracy, e.val_loss, e.val_accuracy).is(nb::bool_(true));
        });
        return is_end;
    };
    nb::list runs;
    const auto hand_over = [&] {
        for (TrainedRun& run : control.take()) {
            runs.append(to_dict(std::move(run)));
            if (!ended.is_none()) watched([&] { ended(runs[runs.size() - 1]); });
        }
    };
    const auto keep_states = [&] {
        nb::list kept;
        for (const auto& [seed, state] : control.take_states())
            kept.append(nb::make_tuple(seed, state.epochs, state.is_over,
                                       nb::bytes(state.bytes.data(), state.bytes.size())));
        if (kept.size() > 0) watched([&] { on_states(kept); });
    };
    auto kept = std::chrono::steady_clock::now();
    auto told = kept;
    const auto is_time = [&] {  // callbacks after epochs come more often than anybody wants to see progress
        const auto now = std::chrono::steady_clock::now();
        if (now - told < std::chrono::milliseconds(40)) return false;
        told = now;
        return true;
    };
    while (!finished(progress.is_none() ? 20 : 50)) {
        if (!raised.is_none()) {
            control.answer(ends);  // who waits for an answer is told to stop
            continue;
        }
        watched([] {
            if (PyErr_CheckSignals() != 0) throw nb::python_error();
        });
        hand_over();
        control.answer(ends);
        const auto now = std::chrono::steady_clock::now();
        if (control.keeps_states() && std::chrono::duration<double>(now - kept).count() >= every) {
            kept = now;
            keep_states();
        }
        if (!progress.is_none() && is_time())
            watched([&] { progress(control.epochs_done.load(), control.loss.load(), control.val_loss.load()); });
    }
    hand_over();
    keep_states();
    return nb::make_tuple(runs, raised, result.get());
}

// Rows as they are trained on, in an epoch from 0: row i is number places[i] of the training data.
NumpyRows augmented(const Augmentation& augmentation, std::array<int, 3> shape, const Rows& x,
                    const std::vector<int>& places, std::uint64_t seed, int epoch) {
    check(augmentation, shape);
    const std::size_t features = x.shape(1);
    check(features, std::ptrdiff_t(shape[0]) * shape[1] * shape[2], "x");
    if (places.size() != x.shape(0)) throw std::invalid_argument("places must have a number for each row");
    std::vector<float> rows(places.size() * features);
    {
        nb::gil_scoped_release release;
        Augmenter augmenter(augmentation, shape, seed);
        augmenter.begin(epoch);
        for (std::size_t i = 0; i < places.size(); ++i)
            augmenter.change(x.data() + i * features, places[i], rows.data() + i * features);
    }
    return to_numpy<NumpyRows>(std::move(rows), {places.size(), features});
}

NumpyRows predict(const Network& network, Loss loss, const Flat& weights, const Rows& x,
                  const std::optional<Rows>& mask) {
    check_weights(network, weights);
    const Samples in = samples(network, x, std::nullopt, mask);
    std::vector<float> rows(static_cast<std::size_t>(in.count * network.out_size()));
    {
        nb::gil_scoped_release release;
        const FlushDenormals flushed;
        Workspace workspace(network);
        Packed(network, in, false).run(workspace, weights.data(), loss, rows.data());
    }
    return to_numpy<NumpyRows>(std::move(rows),
                               {static_cast<std::size_t>(in.count), static_cast<std::size_t>(network.out_size())});
}

std::tuple<double, double> evaluate(const Network& network, Loss loss, const Flat& weights, const Rows& x,
                                    const Rows& y, const std::optional<Rows>& mask) {
    check_weights(network, weights);
    const Samples in = samples(network, x, y, mask);
    nb::gil_scoped_release release;
    const FlushDenormals flushed;
    Workspace workspace(network);
    const Score s = Packed(network, in, false).run(workspace, weights.data(), loss, nullptr);
    return {s.loss / static_cast<double>(s.targets), static_cast<double>(s.correct) / static_cast<double>(s.targets)};
}

// Every layer's output, and what each recurrent layer keeps (empty for the others), as rows.
std::tuple<nb::list, nb::list> outputs(const Network& network, const Flat& weights, const Rows& x,
                                       const std::optional<Rows>& mask) {
    check_weights(network, weights);
    const Samples in = samples(network, x, std::nullopt, mask);
    std::vector<std::vector<float>> rows, kept;
    for (const Layer& layer : network.layers()) {
        rows.emplace_back(static_cast<std::size_t>(in.count * layer.out_size()));
        kept.emplace_back(static_cast<std::size_t>(in.count * layer.kept_size()));
    }
    {
        nb::gil_scoped_release release;
        const FlushDenormals flushed;
        Workspace workspace(network);
        Packed(network, in, false).outputs(workspace, weights.data(), rows, kept);
    }
    nb::list outputs, inside;
    const auto count = static_cast<std::size_t>(in.count);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Layer& layer = network.layers()[i];
        outputs.append(to_numpy<NumpyRows>(std::move(rows[i]), {count, static_cast<std::size_t>(layer.out_size())}));
        inside.append(to_numpy<NumpyRows>(std::move(kept[i]), {count, static_cast<std::size_t>(layer.kept_size())}));
    }
    return {outputs, inside};
}

nb::tuple gradients(const Network& network, Loss loss, const Flat& weights, const Rows& x, const Rows& y,
                    const std::optional<Rows>& mask) {
    check_weights(network, weights);
    const Samples in = samples(network, x, y, mask);
    std::vector<float> d_weights(network.parameters());
    std::vector<float> d_x(static_cast<std::size_t>(in.count * network.in_size()));
    Score s;
    {
        nb::gil_scoped_release release;
        const FlushDenormals flushed;
        Session session(network, {.loss = loss}, 0, weights.data());
        s = session.gradients(in, d_weights.data(), d_x.data());
    }
    const std::size_t size = d_weights.size();
    return nb::make_tuple(
        s.loss / static_cast<double>(s.targets), to_numpy<NumpyFlat>(std::move(d_weights), {size}),
        to_numpy<NumpyRows>(std::move(d_x),
                            {static_cast<std::size_t>(in.count), static_cast<std::size_t>(network.in_size())}));
}

// (name, layer or -1, seconds an epoch) of every phase of a training.
std::vector<std::tuple<std::string, int, double>> profiled(const Network& network, const TrainingSettings& settings,
                                                           const Rows& x, const Rows& y, const Rows& x_val,
                                                           const Rows& y_val, int repetitions, std::uint64_t seed) {
    const Samples training = samples(network, x, y, std::nullopt);
    const Samples validation = samples(network, x_val, y_val, std::nullopt);
    nb::gil_scoped_release release;
    const FlushDenormals flushed;
    std::vector<std::tuple<std::string, int, double>> phases;
    for (const Phase& phase : profile(network, settings, training, validation, repetitions, seed))
        phases.emplace_back(phase.name, phase.layer, phase.seconds);
    return phases;
}

NumpyRows input_gradients(const Network& network, const Flat& weights, const Rows& x, const Rows& d_out,
                          const std::optional<Rows>& mask) {
    check_weights(network, weights);
    const Samples in = samples(network, x, d_out, mask);
    std::vector<float> d_x(static_cast<std::size_t>(in.count * network.in_size()));
    {
        nb::gil_scoped_release release;
        const FlushDenormals flushed;
        Session(network, {}, 0, weights.data()).input_gradients(in, d_out.data(), d_x.data());
    }
    return to_numpy<NumpyRows>(std::move(d_x),
                               {static_cast<std::size_t>(in.count), static_cast<std::size_t>(network.in_size())});
}

}  // namespace

NB_MODULE(_engine, m) {
    m.doc() = "The engine: trains small networks with the samples of a batch side by side in SIMD registers.";

    nb::enum_<Activation>(m, "Activation")
        .value("linear", Activation::linear)
        .value("relu", Activation::relu)
        .value("leaky_relu", Activation::leaky_relu)
        .value("tanh", Activation::tanh)
        .value("sigmoid", Activation::sigmoid)
        .value("softplus", Activation::softplus)
        .value("elu", Activation::elu);
    nb::enum_<Merge>(m, "Merge")
        .value("concat", Merge::concat)
        .value("sum", Merge::sum)
        .value("mul", Merge::mul)
        .value("ave", Merge::ave);
    nb::enum_<Initializer>(m, "Initializer")
        .value("zeros", Initializer::zeros)
        .value("glorot_uniform", Initializer::glorot_uniform)
        .value("glorot_normal", Initializer::glorot_normal)
        .value("he_uniform", Initializer::he_uniform)
        .value("he_normal", Initializer::he_normal)
        .value("orthogonal", Initializer::orthogonal)
        .value("uniform", Initializer::uniform);
    nb::enum_<Loss>(m, "Loss")
        .value("binary_crossentropy", Loss::binary_crossentropy)
        .value("categorical_crossentropy", Loss::categorical_crossentropy)
        .value("mse", Loss::mean_squared_error)
        .value("mae", Loss::mean_absolute_error)
        .value("huber", Loss::huber);
    nb::enum_<OptimizerKind>(m, "OptimizerKind")
        .value("sgd", OptimizerKind::sgd)
        .value("rmsprop", OptimizerKind::rmsprop)
        .value("adam", OptimizerKind::adam)
        .value("nadam", OptimizerKind::nadam)
        .value("adamw", OptimizerKind::adamw);
    nb::enum_<Schedule>(m, "Schedule")
        .value("constant", Schedule::constant)
        .value("cosine", Schedule::cosine)
        .value("one_cycle", Schedule::one_cycle)
        .value("reduce_on_plateau", Schedule::reduce_on_plateau);

    nb::enum_<Flip>(m, "Flip")
        .value("none", Flip::none)
        .value("horizontal", Flip::horizontal)
        .value("vertical", Flip::vertical)
        .value("both", Flip::both);

    nb::class_<Augmentation>(m, "Augmentation")
        .def(nb::init<>())
        .def_rw("shift", &Augmentation::shift)
        .def_rw("flip", &Augmentation::flip)
        .def_rw("turn", &Augmentation::turn)
        .def_rw("zoom", &Augmentation::zoom)
        .def_rw("erase", &Augmentation::erase)
        .def_rw("noise", &Augmentation::noise)
        .def_rw("background", &Augmentation::background)
        .def_rw("unit", &Augmentation::unit);
    nb::class_<OptimizerSettings>(m, "OptimizerSettings")
        .def(nb::init<>())
        .def_rw("kind", &OptimizerSettings::kind)
        .def_rw("momentum", &OptimizerSettings::momentum)
        .def_rw("nesterov", &OptimizerSettings::nesterov)
        .def_rw("rho", &OptimizerSettings::rho)
        .def_rw("beta_1", &OptimizerSettings::beta_1)
        .def_rw("beta_2", &OptimizerSettings::beta_2)
        .def_rw("epsilon", &OptimizerSettings::epsilon)
        .def_rw("weight_decay", &OptimizerSettings::weight_decay)
        .def_rw("clip_norm", &OptimizerSettings::clip_norm)
        .def_rw("global_clip_norm", &OptimizerSettings::global_clip_norm)
        .def_rw("l2", &OptimizerSettings::l2);
    nb::class_<TrainingSettings>(m, "TrainingSettings")
        .def(nb::init<>())
        .def_rw("epochs", &TrainingSettings::epochs)
        .def_rw("batch_size", &TrainingSettings::batch_size)
        .def_rw("learning_rate", &TrainingSettings::learning_rate)
        .def_rw("schedule", &TrainingSettings::schedule)
        .def_rw("optimizer", &TrainingSettings::optimizer)
        .def_rw("loss", &TrainingSettings::loss)
        .def_rw("shuffle", &TrainingSettings::shuffle)
        .def_rw("augmentation", &TrainingSettings::augmentation)
        .def_rw("truncation", &TrainingSettings::truncation)
        .def_rw("plateau_factor", &TrainingSettings::plateau_factor)
        .def_rw("plateau_patience", &TrainingSettings::plateau_patience)
        .def_rw("patience", &TrainingSettings::patience);

    nb::class_<Network>(m, "Network")
        .def("__init__",
             [](Network* self, std::array<int, 3> input, const nb::list& layers, const std::string& instruction_set,
                bool fused) { new (self) Network(make_network(input, layers, instruction_set, fused)); },
             nb::arg("input_shape"), nb::arg("layers"), nb::arg("instruction_set") = "", nb::arg("fused") = true)
        .def_prop_ro("parameters", &Network::parameters)
        .def_prop_ro("weight_shapes",
                     [](const Network& network) {
                         std::vector<std::vector<int>> shapes;
                         for (const Weight& weight : network.weights()) shapes.push_back(weight.shape);
                         return shapes;
                     })
        .def_prop_ro("per_step", &Network::per_step)
        .def_prop_ro("output_shapes",
                     [](const Network& network) {
                         std::vector<std::array<int, 3>> shapes;
                         for (const Layer& l : network.layers())
                             shapes.push_back({l.out_height, l.out_width, l.out_channels});
                         return shapes;
                     })
        .def("initial_weights", [](const Network& network, std::uint64_t seed) {
            std::vector<float> weights(network.parameters());
            network.initialize(seed, weights.data());
            const std::size_t size = weights.size();
            return to_numpy<NumpyFlat>(std::move(weights), {size});
        }, nb::arg("seed"));

    nb::class_<Session>(m, "Session")
        .def("__init__",
             [](Session* self, const Network& network, const TrainingSettings& settings, std::uint64_t seed,
                const Flat& weights) {
                 check_weights(network, weights);
                 new (self) Session(network, settings, seed, weights.data());
             },
             nb::arg("network"), nb::arg("settings"), nb::arg("seed"), nb::arg("weights"), nb::keep_alive<1, 2>())
        .def("step", [](Session& session, const Rows& x, const Rows& y, double learning_rate,
                        const std::optional<Rows>& mask) {
            const Samples in = samples(session.network(), x, y, mask);
            nb::gil_scoped_release release;
            const FlushDenormals flushed;
            const Score s = session.step(in, nullptr, in.count, learning_rate);
            return s.loss / static_cast<double>(s.targets);
        }, nb::arg("x"), nb::arg("y"), nb::arg("learning_rate"), nb::arg("mask") = nb::none())
        .def_prop_ro("weights", [](Session& session) {
            std::vector<float> copy = session.weights();
            const std::size_t size = copy.size();
            return to_numpy<NumpyFlat>(std::move(copy), {size});
        }, nb::rv_policy::automatic);

    m.def("instruction_sets", &instruction_sets);
    m.def("scheduled", &scheduled, nb::arg("schedule"), nb::arg("learning_rate"), nb::arg("step"), nb::arg("steps"));
    m.def("train", &train_watched, nb::arg("network"), nb::arg("settings"), nb::arg("x"), nb::arg("y"),
          nb::arg("x_val"), nb::arg("y_val"), nb::arg("seeds"), nb::arg("threads"), nb::arg("ended").none(),
          nb::arg("mask") = nb::none(), nb::arg("mask_val") = nb::none(), nb::arg("weights") = nb::none(),
          nb::arg("sample_weights") = nb::none(), nb::arg("frozen") = nb::none(), nb::arg("progress") = nb::none(),
          nb::arg("on_epoch") = nb::none(), nb::arg("states") = nb::none(), nb::arg("on_states") = nb::none(),
          nb::arg("every") = 0.0);
    m.def("augmented", &augmented, nb::arg("augmentation"), nb::arg("input_shape"), nb::arg("x"), nb::arg("places"),
          nb::arg("seed"), nb::arg("epoch"));
    m.def("profile", &profiled, nb::arg("network"), nb::arg("settings"), nb::arg("x"), nb::arg("y"), nb::arg("x_val"),
          nb::arg("y_val"), nb::arg("repetitions"), nb::arg("seed"));
    const auto mask = nb::arg("mask") = nb::none();
    m.def("predict", &predict, nb::arg("network"), nb::arg("loss"), nb::arg("weights"), nb::arg("x"), mask);
    m.def("evaluate", &evaluate, nb::arg("network"), nb::arg("loss"), nb::arg("weights"), nb::arg("x"), nb::arg("y"),
          mask);
    m.def("outputs", &outputs, nb::arg("network"), nb::arg("weights"), nb::arg("x"), mask);
    m.def("gradients", &gradients, nb::arg("network"), nb::arg("loss"), nb::arg("weights"), nb::arg("x"), nb::arg("y"),
          mask);
    m.def("input_gradients", &input_gradients, nb::arg("network"), nb::arg("weights"), nb::arg("x"), nb::arg("d_out"),
          mask);
}
