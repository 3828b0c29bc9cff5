// What a layer is and what it is handed: plain structs that the engine's two halves share. Network (compiled
// once) fills them in; the kernels (compiled once for every instruction set) read them. No standard library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace netlet {

enum class Kind : int {
    conv,
    depthwise_conv,
    max_pool,
    avg_pool,
    global_max_pool,
    global_avg_pool,
    dense,
    dropout,
    activation,
    rnn,
    gru,
    lstm,
    last_step,
    batch_norm,
    layer_norm,
    bidirectional,
    embedding,
    count  // not a layer: how many there are
};

enum class Activation : int { linear, relu, leaky_relu, tanh, sigmoid, softplus, elu };

// How a bidirectional layer joins what its two directions give.
enum class Merge : int { concat, sum, mul, ave };

// Geometry of one layer. Features of an image are ordered (row, column, channel), as in Keras, so flattening
// is nothing; dense layers see rows of `in_channels` numbers. A sequence is an image of one row: its steps are
// the columns.
struct Layer {
    Kind kind = Kind::activation;
    Activation activation = Activation::linear;
    int in_height = 1, in_width = 1, in_channels = 1;
    int out_height = 1, out_width = 1, out_channels = 1;
    int kernel_height = 1, kernel_width = 1;  // of a pooling layer: its window
    int stride_height = 1, stride_width = 1;
    int pad_top = 0, pad_left = 0;            // padding=same; zeros for convolutions, nothing for pooling
    int pool = 1;                             // max pooling fused behind a convolution: 1 (none), 2 or 3
    int multiplier = 1;                       // of a depthwise convolution
    bool bias = false;
    float rate = 0;                           // of dropout
    int index = 0;                            // place in the network: dropout draws by it
    std::size_t kernel_at = 0, bias_at = 0;   // where its weights start among all of the network's
    // Of recurrent layers, whose units are `out_channels`.
    Activation recurrent_activation = Activation::sigmoid;
    bool reset_after = false;                 // of a GRU
    std::size_t recurrent_at = 0;
    int rows = 0;                             // of an embedding's table
    // Of a bidirectional layer: the recurrent layer that both directions are, whose weights stand one behind the other.
    Kind cell = Kind::rnn;
    Merge merge = Merge::concat;
    int units = 0;
    std::size_t direction_size = 0;           // numbers of one direction's weights
    bool sequences = true;                    // every step is an output, not only the last
    // Of batch and layer normalisation, whose gamma is at kernel_at and whose beta is the bias.
    bool scale = false;                       // whether it has a gamma
    float momentum = 0.99f, epsilon = 1e-3f;
    std::size_t mean_at = 0, variance_at = 0;  // moving averages
    // Whether the data's mask still says which steps of its input count.
    bool masked = false;

    std::ptrdiff_t in_size() const { return std::ptrdiff_t(in_height) * in_width * in_channels; }
    std::ptrdiff_t out_size() const { return std::ptrdiff_t(out_height) * out_width * out_channels; }
    // Convolution outputs that count: those that a fused pooling's windows do not reach have no effect.
    int conv_height() const { return out_height * pool; }
    int conv_width() const { return out_width * pool; }
    // The part of the (padded) input that those outputs see.
    int seen_height() const { return (conv_height() - 1) * stride_height + kernel_height; }
    int seen_width() const { return (conv_width() - 1) * stride_width + kernel_width; }
    bool padded() const {
        return pad_top > 0 || pad_left > 0 || seen_height() > in_height || seen_width() > in_width;
    }
    // The gradient of the outputs spread by the strides, with a border as wide as the kernel reaches, so that
    // the gradient of the input is a convolution as well.
    int spread_height() const { return larger(in_height + pad_top, seen_height()) + kernel_height - 1; }
    int spread_width() const { return larger(in_width + pad_left, seen_width()) + kernel_width - 1; }
    static int larger(int a, int b) { return a > b ? a : b; }
    bool recurrent() const { return kind == Kind::rnn || kind == Kind::gru || kind == Kind::lstm; }
    // Whether backward needs to know which place each output came from.
    bool remembers() const { return kind == Kind::max_pool || pool > 1; }
    int gates() const { return kind == Kind::lstm ? 4 : kind == Kind::gru ? 3 : 1; }
    // Numbers that a recurrent layer carries from step to step: its output and, of an LSTM, its cell state.
    std::ptrdiff_t state_size() const { return recurrent() ? (kind == Kind::lstm ? 2 : 1) * out_channels : 0; }
    // Numbers of a step that it keeps for backward, and that those who look inside want to see:
    // GRU: update, reset, candidate, recurrent part of the candidate (before or after the reset);
    // LSTM: input, forget, candidate, output, cell state, activation of the cell state.
    // A bidirectional layer: of both directions, what they give and what they keep (all steps of one after another).
    int kept() const {
        if (kind == Kind::bidirectional) return 2 * (units + direction(false).kept());
        return (kind == Kind::lstm ? 6 : kind == Kind::gru ? 4 : 0) * out_channels;
    }
    // One direction of a bidirectional layer by itself.
    Layer direction(bool backward) const {
        Layer of = *this;
        of.kind = cell;
        of.out_channels = units;
        of.out_width = in_width;
        const std::size_t behind = backward ? direction_size : 0;
        of.kernel_at += behind;
        of.recurrent_at += behind;
        of.bias_at += behind;
        return of;
    }
    std::ptrdiff_t kept_size() const { return std::ptrdiff_t(in_width) * kept(); }
    std::ptrdiff_t kernel_size() const {
        switch (kind) {
            case Kind::conv: return std::ptrdiff_t(kernel_height) * kernel_width * in_channels * out_channels;
            case Kind::depthwise_conv: return std::ptrdiff_t(kernel_height) * kernel_width * out_channels;
            case Kind::dense: return std::ptrdiff_t(in_channels) * out_channels;
            default: return recurrent() ? std::ptrdiff_t(in_channels) * gates() * out_channels : 0;
        }
    }
    std::ptrdiff_t recurrent_size() const {
        return recurrent() ? std::ptrdiff_t(out_channels) * gates() * out_channels : 0;
    }
};

// What a batch normalisation knows of its channels, a number each: see model/normalisation.hpp.
struct Moments {
    double *mean = nullptr, *inverse = nullptr;  // inverse: 1 / deviation
    double *sum = nullptr, *square = nullptr;    // over the batch: of the inputs, and of what they are away from the mean
    double *d_sum = nullptr, *d_product = nullptr;  // of the outputs' gradients, and of these times the normalised input
    double share = 0;                            // 1 / places counted in mean and deviation; 0 if they are fixed
};

// One layer's work on `groups` groups of samples, all of the same width W. Activations are laid out
// [group][feature][sample]; pointers are aligned to 64 bytes. `in`, `out`: the layer's input and output;
// `memory`: of layers that remember (Layer::remembers), what forward leaves for backward, a number for each output;
// null when only predicting;
// `scratch`: room of its own, see scratch_size.
struct Step {
    int groups = 0;
    const float* weights = nullptr;    // all of the network's
    const float* in = nullptr;
    float* out = nullptr;
    std::int32_t* memory = nullptr;
    float* scratch = nullptr;
    const float* d_out = nullptr;      // backward: gradient of the loss with respect to `out`
    float* d_in = nullptr;             // backward: written, unless null
    float* d_weights = nullptr;        // backward: added to
    bool training = false;
    std::uint64_t noise = 0;           // key of this training step's dropout
    int first_sample = 0;              // place of the first sample within its batch
    int samples = 0;                   // that are there; the other places are spare
    Moments* moments = nullptr;        // of batch normalisation
    // Of recurrent layers and batch normalisation, laid out as activations are.
    float* kept = nullptr;             // what forward leaves for backward: see Layer::kept
    const float* mask = nullptr;       // above 0 at steps that count; null if all do
    const float* state = nullptr;      // before the first step; null for zeros
    float* next_state = nullptr;       // written: after the last step; null if nobody asks
};

using Work = void (*)(const Layer&, const Step&);

constexpr std::ptrdiff_t pixels_at_once = 64;

// The kernels for groups of `width` samples, for one instruction set.
struct Kernels {
    int width;
    Work forward[int(Kind::count)];
    Work backward[int(Kind::count)];
    // What batch normalisation has to know of a whole batch: see Moments.
    Work sums, squares, gradient_sums;
    // Lays `samples` rows of `features` floats side by side; places beyond `samples` become zero.
    void (*pack)(const float* const* rows, int samples, std::ptrdiff_t features, float* out);
    // The same of 8-bit pixels: 0..255 become 0..1, each the float nearest to pixel / 255; of at least `pixels_at_once`
    // features.
    void (*pack_pixels)(const std::uint8_t* const* rows, int samples, std::ptrdiff_t features, float* out);
    // Whether every number is the float nearest to some k / 255, k in 0..255; writes these k.
    bool (*compress)(const float* x, std::ptrdiff_t count, std::uint8_t* pixels);
};

// Floats of scratch that a layer needs for a slice of `places` sample places, in groups of at most `width`.
inline std::ptrdiff_t scratch_size(const Layer& layer, std::ptrdiff_t width, std::ptrdiff_t places) {
    const std::ptrdiff_t seen =
        layer.padded() ? std::ptrdiff_t(layer.seen_height()) * layer.seen_width() * layer.in_channels : 0;
    const std::ptrdiff_t spread =
        std::ptrdiff_t(layer.spread_height()) * layer.spread_width() * layer.out_channels;
    const std::ptrdiff_t units = layer.out_channels;
    switch (layer.kind) {
        case Kind::conv: return (seen + spread + 2 * layer.kernel_size() + layer.out_size()) * width;
        case Kind::depthwise_conv: return (2 * seen + layer.kernel_size() + layer.out_size()) * width;
        case Kind::dense: return layer.kernel_size() * width + layer.out_size() * places;
        case Kind::rnn:
        case Kind::gru:
        case Kind::lstm:
            return (4 * units * layer.in_width + layer.kept() + 2 * units) * places + 4 * units * width +
                   layer.kernel_size() + layer.recurrent_size() + 2 * units;
        case Kind::bidirectional: {
            const std::ptrdiff_t row = layer.in_width * places;
            return scratch_size(layer.direction(false), width, places) +
                   (2 * layer.in_channels + 1 + 3 * layer.units) * row;
        }
        case Kind::layer_norm: return 2 * std::ptrdiff_t(layer.in_channels) * width;
        default: return 0;
    }
}

}  // namespace netlet
