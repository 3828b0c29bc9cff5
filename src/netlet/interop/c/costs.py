"""What a network's program in C costs: flash, RAM and multiply-adds, counted without writing it."""

from __future__ import annotations

from dataclasses import dataclass

from netlet.architecture import GRU, LSTM, Recurrent
from netlet.interop.c.plan import Plan, integer_plan, plan_of
from netlet.network import Network

FLOAT, INT32 = 4, 4
"""Bytes of a number."""
TABLE = 256
"""Bytes of an activation's table in int8."""
STEP_TABLE = 2 * 257
"""Bytes of the one table of a recurrent network in int8."""


@dataclass(frozen=True)
class Costs:
    """What a program needs.

    Attributes
    ----------
    flash
        Bytes of weights and tables; the code comes on top.
    ram
        Bytes of static buffers and state, without the input that the caller keeps.
    multiply_adds
        For one answer; of a recurrent network, for one step with its answer.
    """

    flash: int
    ram: int
    multiply_adds: int

    def __str__(self) -> str:
        """In a line."""
        return (
            f"{self.flash:,} bytes of flash for weights and tables (code comes on top), {self.ram:,} "
            "bytes of RAM, "
            f"{self.multiply_adds:,} multiply-adds an answer"
        )


def costs_of(network: Network, int8: bool = False) -> Costs:
    """Of a network's program; its weights' values play no part in it.

    Raises
    ------
    ArchitectureError
        If it cannot be written in C.
    DataError
        If a weight is not finite.
    """
    return int8_costs(integer_plan(network)) if int8 else float_costs(plan_of(network))


def float_costs(plan: Plan) -> Costs:
    """Of a program in float: its weights, and the numbers of the scalings."""
    ram = plan.arena() + sum(size for _, size in state_fields(plan))
    return Costs(FLOAT * (plan.parameters + _scalings(plan)), FLOAT * ram, plan.multiply_adds)


def int8_costs(plan: Plan) -> Costs:
    """Of a program in int8: kernels, biases, what sums are scaled with, and tables of activations."""
    if plan.is_stream:
        return _stream_costs(plan)
    flash = FLOAT * _scalings(plan)
    for number, operation in enumerate(plan.operations):
        is_last = number == len(plan.operations) - 1
        if operation.weights:
            filters = operation.gives[-1]
            flash += operation.weights[0].size + INT32 * filters
            flash += 0 if is_last else (INT32 + 1) * filters  # a multiplier and a shift each
        flash += TABLE if not is_last and has_table(operation.activation, bool(operation.weights)) else 0
    return Costs(flash, plan.arena(), plan.multiply_adds)


def _stream_costs(plan: Plan) -> Costs:
    """Of a recurrent program in int8: states and what stands between layers have 16 bits, tables are one."""
    flash, tabled = FLOAT * _scalings(plan), False
    for number, operation in enumerate(plan.operations):
        layer = operation.layer
        is_recurrent, is_last = isinstance(layer, Recurrent), number == len(plan.operations) - 1
        products = operation.weights[: 2 if is_recurrent else 1]
        sums = products[0].shape[-1] if products and products[0].ndim == 2 else operation.gives[-1]
        flash += sum(kernel.size for kernel in products)
        flash += INT32 * sums if products else 0
        if products and (is_recurrent or not is_last):
            flash += (INT32 + 1) * sums * len(products)
        if isinstance(layer, GRU) and layer.reset_after:
            flash += INT32 * layer.units
        is_inside = is_recurrent or not is_last
        tabled |= isinstance(layer, GRU | LSTM) or (is_inside and operation.activation in ("tanh", "sigmoid"))
    ram = plan.arena() + sum(size for _, size in state_fields(plan))
    return Costs(flash + (STEP_TABLE if tabled else 0), 2 * ram, plan.multiply_adds)


def has_table(activation: str, has_weights: bool) -> bool:
    """Whether an activation in the middle of an int8 program is looked up."""
    return activation not in ("linear", "relu", "softmax") or (activation == "relu" and not has_weights)


def state_fields(plan: Plan) -> list[tuple[str, int]]:
    """The arrays of the state: what recurrent layers hold, and what a step works with."""
    fields = []
    recurrent = [
        (place, each) for place, each in enumerate(plan.operations, 1) if isinstance(each.layer, Recurrent)
    ]
    for place, each in recurrent:
        fields.append((f"h{place}", each.gives[-1]))
        if isinstance(each.layer, LSTM):
            fields.append((f"c{place}", each.gives[-1]))
    if recurrent:
        fields.append(("next", max(each.gives[-1] for _, each in recurrent)))
    resets = [each.gives[-1] for _, each in recurrent if not getattr(each.layer, "reset_after", True)]
    if resets:
        fields.append(("reset", max(resets)))
    return fields


def _scalings(plan: Plan) -> int:
    """Numbers of the input's and the target's scaling."""
    ends = (plan.network.input_scaling, plan.network.target_scaling)
    return sum(2 * len(scaling.scale) for scaling in ends if scaling is not None)
