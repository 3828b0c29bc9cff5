import numpy as np
import pytest

from netlet.lab.evidence import kernels as kernel_evidence

RIGHT = np.array([[-1, 0, 1]] * 3) / 2


@pytest.mark.parametrize(
    ("kernel", "what"),
    [
        (np.ones((3, 3)), "bright"),
        (-np.ones((3, 3)), "dark"),
        (RIGHT, "right"),
        (RIGHT.T, "bottom"),
        (-RIGHT, "left"),
        (-RIGHT - RIGHT.T, "upper left"),
        (np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]), "fine"),
    ],
)
def test_a_kernel_answers_to_what_it_is_made_for(kernel, what):
    found = kernel_evidence.answering(kernel.astype(np.float32))
    assert found.what == what
    assert found.share == pytest.approx(1)


def test_shares_are_of_the_squared_weights():
    found = kernel_evidence.answering(np.ones((3, 3)) + RIGHT)  # 9 and 1.5
    assert found.what == "bright"
    assert found.share == pytest.approx(9 / 10.5)


def test_a_kernel_of_zeros_or_of_one_weight_is_no_mistake():
    assert kernel_evidence.answering(np.zeros((3, 3))).share in (0, 1)
    assert kernel_evidence.answering(np.ones((1, 1))).what == "bright"
