import numpy as np
import pytest

from netlet.lab import kernel_evidence

RIGHT = np.array([[-1, 0, 1]] * 3) / 2


@pytest.mark.parametrize(
    ("kernel", "what"),
    [
        (np.ones((3, 3)), "bright areas"),
        (-np.ones((3, 3)), "dark areas"),
        (RIGHT, "edges brighter at the right"),
        (RIGHT.T, "edges brighter at the bottom"),
        (-RIGHT, "edges brighter at the left"),
        (-RIGHT - RIGHT.T, "edges brighter at the upper left"),
        (np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]), "finer patterns"),
    ],
)
def test_a_kernel_answers_to_what_it_is_made_for(kernel, what):
    found = kernel_evidence.answering(kernel.astype(np.float32))
    assert found.what == what
    assert found.share == pytest.approx(1)


def test_shares_are_of_the_squared_weights():
    found = kernel_evidence.answering(np.ones((3, 3)) + RIGHT)  # 9 and 1.5
    assert found.what == "bright areas"
    assert found.share == pytest.approx(9 / 10.5)


def test_kernels_are_told_one_by_one_and_together():
    kernels = np.stack([RIGHT, RIGHT, np.ones((3, 3))], axis=-1)[:, :, np.newaxis]
    assert "kernel 3 to bright areas (100 % of its squared weights)" in kernel_evidence.each(kernels)
    assert "edges brighter at the right (2) and bright areas (1)" in kernel_evidence.together(kernels)


def test_a_kernel_of_zeros_or_of_one_weight_is_no_mistake():
    assert kernel_evidence.answering(np.zeros((3, 3))).share in (0, 1)
    assert kernel_evidence.answering(np.ones((1, 1))).what == "bright areas"
