"""The table of settings: what follows from a row, and what is refused."""

from dataclasses import dataclass, fields

import pytest
import typer
from typer.testing import CliRunner

from netlet import _engine
from netlet.cli.settings import settings_of, with_settings
from netlet.datasets import load
from netlet.errors import TrainingError
from netlet.training import SettingError, Training, setting, settings_table, train
from netlet.training.for_engine import for_engine
from netlet.training.rules import number, whole


@dataclass(frozen=True)
class Warmer(Training):
    """The settings with one more row, which goes to a field that the engine has."""

    warmth: float = setting(
        0.5, number(lambda x: x >= 0, "a number from 0"), "How warm it is.", "optimizer.l2"
    )
    rest: int | None = setting(None, whole(1, or_none=True), "How long it rests.", "patience")


def test_a_row_is_all_that_a_new_setting_needs():
    assert list(settings_table(Warmer))[-2:] == ["warmth", "rest"]
    with pytest.raises(SettingError, match=r"^warmth is -1, but must be a number from 0$") as caught:
        Warmer(warmth=-1)
    assert caught.value.setting == "warmth"
    assert Warmer().changed(warmth=2).warmth == 2
    told = for_engine(Warmer(warmth=0.25, rest=3), "binary")
    assert (told.optimizer.l2, told.patience) == (0.25, 3)
    assert for_engine(Warmer(), "binary").patience == 0


def test_a_row_is_an_option_of_the_command_line():
    seen = {}

    def command(context: typer.Context, name: str) -> None:
        """Do it."""
        seen.update(settings_of(context, Warmer), name=name)

    app = typer.Typer()
    app.command()(with_settings(command, Warmer))
    result = CliRunner().invoke(app, ["x", "--warmth", "2.5", "--rest", "0", "--no-shuffle", "--epochs", "4"])
    assert result.exit_code == 0, result.output
    assert seen == {"name": "x", "warmth": 2.5, "rest": None, "shuffle": False, "epochs": 4}
    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    assert "--warmth" in told and "How warm it is." in told


def test_every_row_reaches_a_field_that_the_engine_has():
    plain = for_engine(Training(), "binary")
    for name, row in settings_table().items():
        place, _, field = row.engine.rpartition(".")
        assert hasattr(getattr(plain, place) if place else plain, field), name
    other = for_engine(
        Training(
            epochs=7, batch_size=9, optimizer="rmsprop", learning_rate=0.25, momentum=0.5, rho=0.75,
            epsilon=0.125, schedule="one-cycle", clip_norm=2, global_clip_norm=3, l2=4, patience=5,
            shuffle=False, truncation=6,
        ),
        "categorical",
    )  # fmt: skip
    assert (other.epochs, other.batch_size, other.learning_rate) == (7, 9, 0.25)
    assert (other.schedule, other.loss) == (_engine.Schedule.one_cycle, _engine.Loss.categorical_crossentropy)
    assert (other.patience, other.shuffle, other.truncation) == (5, False, 6)
    optimizer = other.optimizer
    assert optimizer.kind == _engine.OptimizerKind.rmsprop
    assert (optimizer.momentum, optimizer.rho, optimizer.epsilon) == (0.5, 0.75, 0.125)
    assert (optimizer.clip_norm, optimizer.global_clip_norm, optimizer.l2) == (2, 3, 4)


@pytest.mark.parametrize(
    ("settings", "named", "words"),
    [
        ({"momentum": 0.9}, "momentum", "adam has none: it is for sgd and rmsprop"),
        ({"momentum": 0.9, "optimizer": "nadam"}, "momentum", "nadam"),
        ({"rho": 0.5}, "rho", "it is for rmsprop"),
        ({"rho": 0.5, "optimizer": "sgd"}, "rho", "sgd"),
        ({"beta_1": 0.5, "optimizer": "sgd"}, "beta_1", "adam, nadam and adamw"),
        ({"beta_2": 0.5, "optimizer": "rmsprop"}, "beta_2", "adam, nadam and adamw"),
        ({"epsilon": 1e-3, "optimizer": "sgd"}, "epsilon", "sgd"),
        ({"nesterov": True}, "nesterov", "adam"),
        ({"weight_decay": 0.1}, "weight_decay", "adam has none: it is for adamw"),
        ({"plateau_factor": 0.5}, "plateau_factor", "constant has none: it is for reduce-on-plateau"),
        ({"plateau_patience": 2, "schedule": "cosine"}, "plateau_patience", "choose another schedule"),
        ({"nesterov": True, "optimizer": "sgd"}, "nesterov", "momentum is 0"),
        ({"nesterov": True, "momentum": 0.9, "optimizer": "rmsprop"}, "nesterov", "it is for sgd"),
    ],
)
def test_a_setting_without_effect_is_refused(settings, named, words):
    with pytest.raises(TrainingError, match=words) as caught:
        Training(**settings)
    assert caught.value.setting == named


def test_settings_with_an_effect_are_taken():
    Training(optimizer="adamw", beta_1=0.5, weight_decay=0)
    Training(schedule="reduce-on-plateau", plateau_factor=0.5, plateau_patience=2)
    Training(optimizer="sgd", momentum=0.9, nesterov=True)
    Training(optimizer="rmsprop", momentum=0.9, rho=0.5, epsilon=1e-3)
    Training(optimizer="nadam", beta_1=0.5, beta_2=0.5, epsilon=1e-3)


@pytest.fixture(scope="module")
def pulses():
    return load("pulses", train=20, validation=10, test=0)


def test_keywords_change_the_dataset_s_own_settings_and_nothing_else(pulses):
    training = train("gru(3) - dense(1)", pulses, learning_rate=0.01, epochs=1).training
    expected = Training.default(pulses, epochs=1, learning_rate=0.01)
    assert training == expected
    assert (training.batch_size, training.truncation, training.shuffle) == (20, 50, False)


def test_keywords_change_settings_that_are_given_too(pulses):
    training = train("gru(3) - dense(1)", pulses, Training(batch_size=5), epochs=1).training
    assert training == Training(batch_size=5, epochs=1)


def test_a_loss_of_regression_is_refused_for_classes_and_changes_the_history_only_where_it_is_meant(pulses):
    with pytest.raises(SettingError, match=r"^loss is 'mae', but .* has classes") as caught:
        train("flatten - dense(1)", load("mnist56"), loss="mae")
    assert caught.value.setting == "loss"
    for loss in ("mae", "huber"):
        run = train("gru(3) - dense(1)", pulses, epochs=1, loss=loss).best
        assert set(run.history) == {"loss", "val_loss"}
    assert "normalised_error" in train("gru(3) - dense(1)", pulses, epochs=1, loss="mse").best.history


def test_a_schedule_that_goes_by_the_validation_loss_needs_it(pulses):
    with pytest.raises(TrainingError, match="schedule needs the validation split") as caught:
        train("gru(3) - dense(1)", pulses, schedule="reduce-on-plateau", validate=False)
    assert caught.value.setting == "schedule"


def test_an_unknown_keyword_names_the_nearest_setting(pulses):
    with pytest.raises(TrainingError, match="'learning_rte': did you mean learning_rate") as caught:
        train("gru(3) - dense(1)", pulses, learning_rte=0.01)
    assert caught.value.setting == "learning_rte"


def test_what_is_no_training_is_refused(pulses):
    with pytest.raises(TrainingError, match="training is 3, but must be a Training") as caught:
        train("gru(3) - dense(1)", pulses, 3)  # type: ignore[arg-type]
    assert caught.value.setting == "training"


def test_the_documentation_of_settings_is_the_table_s():
    told = " ".join((Training.__doc__ or "").split())
    for each in fields(Training):
        assert settings_table()[each.name].help.split(":")[0][:40] in told
