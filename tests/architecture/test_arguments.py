"""The rules for single arguments."""

import numpy as np
import pytest

from netlet.architecture.arguments import checked, did_you_mean, quoted


@pytest.mark.parametrize(
    ("argument", "value", "kept"),
    [
        ("units", np.int64(3), 3),
        ("kernel_size", 3, (3, 3)),
        ("kernel_size", [3, 5], (3, 5)),
        ("activation", "ReLU", "relu"),
        ("kernel_initializer", "glorot-uniform", "glorot_uniform"),
        ("rate", 0, 0.0),
        ("rate", 1 - 2**-24, 1 - 2**-24),
        ("rate", np.float32(0.5), 0.5),
    ],
)
def test_a_right_value_is_kept_in_its_one_form(argument, value, kept):
    result = checked(argument, value)
    assert result == kept
    assert type(result) is type(kept)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("units", 0),
        ("units", -1),
        ("units", 2.0),
        ("units", True),
        ("units", "3"),
        ("units", None),
        ("units", 10**12),
        ("filters", float("nan")),
        ("kernel_size", (3,)),
        ("kernel_size", (3, 3, 3)),
        ("kernel_size", (3, 0)),
        ("kernel_size", "3x3"),
        ("strides", (1.5, 1)),
        ("padding", "causal"),
        ("padding", 1),
        ("rate", 1),
        ("rate", 1 - 1e-8),  # 1 as the engine's float32
        ("rate", -0.1),
        ("rate", float("nan")),
        ("rate", "half"),
        ("rate", True),
        ("use_bias", 1),
        ("use_bias", "true"),
        ("activation", "gelu"),
        ("kernel_initializer", "ones"),
    ],
)
def test_a_wrong_value_is_named_with_its_rule(argument, value):
    with pytest.raises(ValueError, match=rf"^{argument} is .*, but must be "):
        checked(argument, value)


def test_a_misspelt_word_is_answered_with_the_nearest_right_one():
    with pytest.raises(ValueError, match="did you mean 'leaky_relu'"):
        checked("activation", "leakyrelu")


def test_nothing_is_suggested_for_a_word_that_is_near_to_none():
    assert did_you_mean("qqq", ["same", "valid"]) == ""


@pytest.mark.parametrize("value", [10**5000, (10**5000, 3), 10**50, "x" * 1000, (1,) * 1000], ids=type)
def test_a_quoted_value_is_short_however_large_the_value(value):
    assert len(quoted(value)) < 60
