// The learning rate over the batches of a training.
#pragma once

namespace netlet {

enum class Schedule { constant, cosine, one_cycle };

// The learning rate of batch 0 <= step < steps.
double scheduled(Schedule schedule, double learning_rate, long step, long steps);

}  // namespace netlet
