/** A training's settings as the engine is told of them (WrittenSettings in engine/web/web.cpp). */
import type { Task, Training } from "../truth.ts";

const SCHEDULES = ["constant", "cosine", "one-cycle", "reduce-on-plateau"];
const OPTIMIZERS = ["sgd", "rmsprop", "adam", "nadam", "adamw"];
const LOSSES = ["binary", "categorical", "mse", "mae", "huber"];

export function settingsOf(training: Training, task: Task): number[] {
  return [
    training.epochs,
    training.batch_size,
    training.learning_rate,
    SCHEDULES.indexOf(training.schedule),
    LOSSES.indexOf(task === "regression" ? training.loss : task),
    Number(training.shuffle),
    training.truncation ?? 0,
    OPTIMIZERS.indexOf(training.optimizer),
    training.momentum,
    Number(training.nesterov),
    training.rho,
    training.beta_1,
    training.beta_2,
    training.epsilon,
    training.clip_norm ?? 0,
    training.global_clip_norm ?? 0,
    training.l2,
    training.weight_decay,
    training.plateau_factor,
    training.plateau_patience,
  ];
}
