// The learning rate over the batches of a training.
#pragma once

#include <limits>

namespace netlet {

enum class Schedule { constant, cosine, one_cycle, reduce_on_plateau };

// The learning rate of batch 0 <= step < steps; of reduce_on_plateau, which goes by the losses, as it is given.
double scheduled(Schedule schedule, double learning_rate, long step, long steps);

// Keras's ReduceLROnPlateau with its least improvement of 1e-4.
class Plateau {
public:
    // Whether the losses have not become lower for `patience` epochs, of which this one's is the last; if so the
    // waiting begins again.
    bool is_over(double loss, int patience) {
        if (loss + 1e-4 < lowest_) {
            lowest_ = loss;
            waited_ = 0;
            return false;
        }
        if (++waited_ < patience) return false;
        waited_ = 0;
        return true;
    }

    template <class Archive>
    void state(Archive& archive) {
        archive(lowest_);
        archive(waited_);
    }

private:
    double lowest_ = std::numeric_limits<double>::infinity();
    int waited_ = 0;
};

}  // namespace netlet
