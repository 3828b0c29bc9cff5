from typing import Any

import numpy as np
import pytest

import netlet.figures
from netlet.figures.sheet import (
    Sheet,
    balanced_columns,
    colours_for,
    fit_tiles,
    picture,
    places,
    signed_colours_for,
)
from netlet.figures.style import AMOUNT_MAP, SIGNED_MAP

# What a test knows of a picture is more than the types of matplotlib say.
figures: Any = netlet.figures


def test_amounts_are_coloured_from_zero_and_signed_numbers_even_about_it():
    amounts = colours_for(np.array([0.5, 3, np.nan, np.inf]))
    assert (amounts.name, amounts.low, amounts.high) == (AMOUNT_MAP, 0, 3)
    signed = colours_for(np.array([-4, 3, -np.inf]))
    assert (signed.name, signed.low, signed.high) == (SIGNED_MAP, -4, 4)


@pytest.mark.parametrize("values", [np.zeros(3), np.full(3, np.nan), np.empty(0)])
def test_colours_for_nothing_still_have_two_ends(values):
    assert colours_for(values).high == 1
    assert (signed_colours_for(values).low, signed_colours_for(values, 0.9).high) == (-1, 1)


def test_colours_may_leave_a_few_extreme_numbers_out_and_say_so():
    values = np.array([*np.linspace(-1, 1, 99), 100])
    assert signed_colours_for(values).high == 100
    assert not signed_colours_for(values).is_clipped
    clipped = signed_colours_for(values, share=0.98)
    assert clipped.is_clipped
    assert 0.9 < clipped.high < 2
    mostly_zero = signed_colours_for(np.array([0, 0, 0, 0, 5.0]), share=0.5)
    assert (mostly_zero.high, mostly_zero.is_clipped) == (5, False)


def test_a_picture_is_grey_for_any_channels_but_three():
    image = np.array([[[0.0, 0.5]]])
    np.testing.assert_array_equal(picture(image), [[0.25]])
    assert picture(np.zeros((2, 2, 3))).shape == (2, 2, 3)
    assert picture(np.array([[[1.5]]])) == [[1]]


def test_tiles_are_set_in_even_rows():
    assert [balanced_columns(count, 8) for count in (0, 1, 8, 9, 16, 17)] == [1, 1, 8, 5, 8, 6]
    assert places(3, 2, 1.0, 2.0) == [(0, 0), (1, 0), (0, 2)]


def test_tiles_keep_the_shape_of_their_image_and_fit_the_room():
    columns, width, height = fit_tiles(20, (30, 10), room=5.0, most=8, largest=1.5)
    assert columns == 7
    assert height == pytest.approx(3 * width)
    assert columns * width <= 5
    assert fit_tiles(1, (10, 20), room=5.0, most=8, largest=1.5)[1:] == (1.5, 0.75)


def test_a_sheet_is_as_high_as_asked_and_draws_where_asked():
    sheet = Sheet(width=2)
    sheet.image(0.5, 0.25, 1.0, 0.5, np.zeros((2, 4)), colours_for(np.zeros(1)))
    sheet.text(0.5, 1, "a line\nand another")
    figure = sheet.finish(1.5)
    assert tuple(figure.get_size_inches()) == (2, 1.5)
    (axes,) = figure.axes
    assert axes.images[0].get_extent() == [0.5, 1.5, 0.75, 0.25]
    assert [text.get_text() for text in axes.texts] == ["a line", "and another"]
    assert figures.to_png_bytes(figure)
