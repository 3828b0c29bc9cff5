"""What a Keras model was compiled with, as netlet's settings; what netlet would do otherwise is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netlet.errors import TrainingError
from netlet.interop.keras.layers import is_keras_s_own
from netlet.interop.keras.models import snake_case
from netlet.interop.keras.weights import is_keras
from netlet.interop.parts import Affine, Model

LOSSES = {
    "binary_crossentropy": "binary",
    "categorical_crossentropy": "categorical",
    "sparse_categorical_crossentropy": "categorical",
    "mean_squared_error": "regression",
    "mean_absolute_error": "regression",
    "huber": "regression",
}
_ALIASES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "huber_loss": "huber",
    "bce": "binary_crossentropy",
}
_OWN_LOSSES = {"mean_absolute_error": "mae", "huber": "huber"}
"""What `netlet.Training` calls those that are not a task's own."""
_OPTIMIZERS: dict[str, dict[str, str]] = {
    "SGD": {"momentum": "momentum", "nesterov": "nesterov"},
    "RMSprop": {"rho": "rho", "momentum": "momentum", "epsilon": "epsilon"},
    "Adam": {"beta_1": "beta_1", "beta_2": "beta_2", "epsilon": "epsilon"},
    "AdamW": {"beta_1": "beta_1", "beta_2": "beta_2", "epsilon": "epsilon", "weight_decay": "weight_decay"},
    "Nadam": {"beta_1": "beta_1", "beta_2": "beta_2", "epsilon": "epsilon"},
}
_CLIPS = {"clipnorm": "clip_norm", "global_clipnorm": "global_clip_norm"}
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "weight_decay": (None, 0),
    "clipvalue": (None,),
    "use_ema": (False,),
    "loss_scale_factor": (None,),
    "gradient_accumulation_steps": (None, 1),
    "amsgrad": (False,),
    "centered": (False,),
    "jit_compile": (True, False, "auto", None),
    "is_legacy_optimizer": (False,),
}
_IGNORED = {"name", "learning_rate", "ema_momentum", "ema_overwrite_frequency"}
_ACCURACIES = {
    "binary_crossentropy": "binary_accuracy",
    "categorical_crossentropy": "categorical_accuracy",
    "sparse_categorical_crossentropy": "sparse_categorical_accuracy",
}
"""The one that Keras counts as netlet does, and takes for the words accuracy and acc."""


@dataclass(frozen=True)
class Compiled:
    """How a model is to be trained.

    Attributes
    ----------
    task
        netlet's.
    sparse
        Whether targets are classes by number in the place of one-hot rows.
    logits
        Whether the model answers logits, whose activation the loss applies.
    settings
        Of `netlet.Training`, all but batch size, epochs, order and patience.
    accuracies
        Names under which the history reports accuracy.
    """

    task: str
    sparse: bool
    logits: bool
    settings: dict[str, Any]
    accuracies: tuple[str, ...]


def refused(what: str, setting: str | None = None) -> TrainingError:
    """The error for what netlet would do otherwise than Keras."""
    return TrainingError(f"netlet cannot train this model as Keras would: {what}", setting=setting)


def compiled_of(model: Any, seen: Model) -> Compiled:
    """Read what a model was compiled with.

    Raises
    ------
    TrainingError
        If it was not compiled, or netlet would not train it as Keras would; what differs is named.
    """
    optimizer, loss = getattr(model, "optimizer", None), getattr(model, "loss", None)
    if optimizer is None or loss is None:
        raise TrainingError("the Keras model is not compiled: call model.compile(optimizer, loss) first")
    name, options = _loss(loss)
    task, logits = LOSSES[name], bool(options.get("from_logits", False))
    settings = _optimizer(optimizer)
    if name in _OWN_LOSSES:
        settings["loss"] = _OWN_LOSSES[name]
    if l2 := _l2(seen):
        settings["l2"] = l2
    config = model.get_compile_config()
    if config.get("loss_weights") is not None:
        raise refused("it was compiled with loss_weights, and a network has one output")
    if config.get("weighted_metrics"):
        raise refused("it was compiled with weighted_metrics: leave them out, and evaluate afterwards")
    accuracies = _accuracies(config.get("metrics"), name, logits)
    return Compiled(task, name.startswith("sparse"), logits, settings, accuracies)


def _loss(loss: Any) -> tuple[str, Mapping[str, Any]]:
    options: Mapping[str, Any] = {}
    if isinstance(loss, str):
        name = snake_case(loss) if loss not in ("MSE", "BCE", "MAE") else loss.lower()
    elif isinstance(loss, (list, tuple, dict)):
        raise refused("it was compiled with several losses, and a network has one output")
    elif hasattr(loss, "get_config") and is_keras(type(loss)):
        name = snake_case(type(loss).__name__)
        options = getattr(loss, "_fn_kwargs", {}) | loss.get_config()  # Huber's config leaves its bend out
    else:
        name = str(getattr(loss, "__name__", type(loss).__name__))
        if not is_keras(loss):
            raise refused(
                f"its loss {name} is a function of one's own, which netlet does not execute", "loss"
            )
    name = _ALIASES.get(name, name)
    if name not in LOSSES:
        raise refused(f"its loss is {name}, but netlet has {', '.join(LOSSES)}", "loss")
    if str(getattr(loss, "dtype", "float32")) not in ("float32", "float64"):
        raise refused(
            f"its loss computes in {getattr(loss, 'dtype', '')}, but netlet in float32 only", "loss"
        )
    if options.get("delta", 1) != 1:
        raise refused(f"its loss has delta={options['delta']}, but netlet's Huber loss bends at 1", "loss")
    if options.get("label_smoothing"):
        raise refused(f"its loss has label_smoothing={options['label_smoothing']}", "loss")
    if options.get("ignore_class") is not None or options.get("axis", -1) != -1:
        raise refused("its loss has ignore_class or another axis than the last", "loss")
    if options.get("reduction", "sum_over_batch_size") not in ("sum_over_batch_size", "auto"):
        raise refused(f"its loss has reduction={options['reduction']!r}, but netlet takes the mean", "loss")
    return name, options


def _optimizer(optimizer: Any) -> dict[str, Any]:
    kind = type(optimizer).__name__
    if kind not in _OPTIMIZERS or not is_keras(type(optimizer)):
        raise refused(f"its optimizer is {kind}, but netlet has {', '.join(_OPTIMIZERS)}", "optimizer")
    config = optimizer.get_config()
    if any(vars(optimizer).get(f"_exclude_from_weight_decay{rest}") for rest in ("", "_pattern")):
        raise refused("its optimizer excludes weights from their decay", "optimizer")
    own = _OPTIMIZERS[kind]
    rate = config.get("learning_rate")
    if not isinstance(rate, int | float):
        what = rate.get("class_name", "a schedule") if isinstance(rate, Mapping) else type(rate).__name__
        raise refused(f"its learning rate follows {what}, but must be a number", "learning_rate")
    settings: dict[str, Any] = {"optimizer": kind.lower(), "learning_rate": float(rate)}
    for name, value in config.items():
        if name in own:
            settings[own[name]] = value
        elif name in _CLIPS:
            if value is not None:
                settings[_CLIPS[name]] = value
        elif name in _NEUTRAL:
            if value not in _NEUTRAL[name]:
                raise refused(f"its optimizer has {name}={value!r}", "optimizer")
        elif name not in _IGNORED:
            raise refused(f"its optimizer has {name}={value!r}, which netlet does not know", "optimizer")
    if not settings.get("momentum", 1):  # Keras heeds nesterov only with a momentum
        settings.pop("nesterov", None)
    return settings


def _l2(seen: Model) -> float:
    """The L2 penalty that all kernels share; 0 for none."""
    penalties: set[float] = set()
    for part in seen.parts:
        found = part.found
        for name, value in found.config.items():
            if value is None or not name.endswith(("_regularizer", "_constraint")):
                continue
            is_kernel = name in ("kernel_regularizer", "recurrent_regularizer", "depthwise_regularizer")
            is_l2 = isinstance(value, Mapping) and value.get("class_name") == "L2" and is_keras_s_own(value)
            if not is_kernel or not is_l2:
                raise refused(
                    f"layer {found.name!r} has a {name}, and of these netlet has L2 of kernels alone"
                )
        for name in ("dropout", "recurrent_dropout"):
            if found.config.get(name):
                raise refused(f"layer {found.name!r} has {name}={found.config[name]} within its recurrence")
        if isinstance(part, Affine) or not found.config.get("units", found.config.get("kernel_size")):
            continue
        names = ["depthwise_regularizer"] if found.kind == "DepthwiseConv2D" else ["kernel_regularizer"]
        if found.kind in ("SimpleRNN", "GRU", "LSTM"):
            names.append("recurrent_regularizer")
        penalties |= {_strength(found.config.get(name)) for name in names}
    if len(penalties) > 1:
        raise refused("its kernels have different L2 penalties, but netlet one for all of them", "l2")
    return penalties.pop() if penalties else 0.0


def _strength(regulariser: Any) -> float:
    return 0.0 if regulariser is None else float(regulariser["config"]["l2"])


def _accuracies(metrics: Any, loss: str, logits: bool) -> tuple[str, ...]:
    """Names of the metrics a model was compiled with, if they are all accuracies as netlet counts them."""
    if metrics is None:
        return ()
    names: list[str] = []
    for metric in metrics if isinstance(metrics, (list, tuple)) else [metrics]:
        options = metric.get("config") or {} if isinstance(metric, Mapping) else {}
        kind = metric.get("class_name") if isinstance(metric, Mapping) else metric
        name = snake_case(str(kind))
        counted = _ACCURACIES.get(loss)
        is_counted = counted is not None and (
            name == counted if isinstance(metric, Mapping) else name in (counted, "accuracy", "acc")
        )
        is_own = isinstance(metric, Mapping) and not is_keras_s_own(metric)
        if not is_counted or is_own or options.get("threshold", 0.5) != 0.5:
            raise refused(
                f"it was compiled with the metric {kind}, but while it trains with {loss} netlet counts "
                f"{f'{counted} alone' if counted else 'the loss alone'}: compile it without, and call "
                "model.evaluate afterwards",
                "metrics",
            )
        if logits and loss == "binary_crossentropy":
            raise refused("Keras counts accuracy from logits at 0.5, not at 0: compile it without", "metrics")
        names.append(str(options.get("name") or (metric if isinstance(metric, str) else name)))
        if names[-1] in ("loss", *names[:-1]):
            raise refused(f"it has two metrics called {names[-1]}", "metrics")
    return tuple(names)
