"""The header: one file of C99 that needs nothing but math.h, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from netlet.architecture import Recurrent
from netlet.interop.c.costs import Costs, float_costs, state_fields
from netlet.interop.c.floats import Program
from netlet.interop.c.plan import Plan, plan_of
from netlet.interop.c.text import FUNCTIONS, array, loop
from netlet.network import Network


@dataclass(frozen=True)
class Header:
    """A header and what it costs.

    Attributes
    ----------
    name
        What its functions begin with.
    text
        The file's.
    costs
        What it needs.
    """

    name: str
    text: str
    costs: Costs


def float_header(network: Network, name: str) -> Header:
    """A network in float."""
    plan = plan_of(network)
    program = Program(plan, name)
    body = _stream(plan, program, name) if plan.is_stream else _whole(plan, program, name)
    constants = program.constants
    ends = target_scaling(network, name, constants)
    body = [each for line in body for each in (ends if line == _SCALE else [line])]
    costs = float_costs(plan)
    functions = [
        f"static inline float {name}_{function}(float x) {{ return {FUNCTIONS[function]}; }}"
        for function in FUNCTIONS
        if function in program.functions
    ]
    lines = [
        *preamble(plan, name, costs, "float"),
        *constants,
        "",
        *functions,
        *([""] if functions else []),
        *body,
        "",
        *classify(network, name, "float"),
        "#ifdef __cplusplus",
        "}",
        "#endif",
        f"#endif /* {name.upper()}_H */",
    ]
    return Header(name, "\n".join(lines) + "\n", costs)


_SCALE = "    /* target scaling */"


def preamble(plan: Plan, name: str, costs: Costs, kind: str) -> list[str]:
    """What stands at the top: what it is, how to use it, and sizes."""
    network, upper = plan.network, name.upper()
    names = enumerate(map(_plain, network.class_names))
    classes = ", ".join(f"{place} = {each}" for place, each in names)
    states = ", states in int16" if kind == "int8" and plan.is_stream else ""
    scale = network.integer_scale
    takes = f"whole numbers divided by {scale:g}" if scale != 1 else "numbers as they are"
    return [
        f"/* {network.architecture}",
        " *",
        f" * Written by netlet: a network in C99 ({kind}{states}), without a heap and with static buffers.",
        f" * It needs {costs}.",
        f" * Input: {_shape(network)}, channels last; {takes}.",
        *([f" * Classes: {classes}."] if classes else []),
        " *",
        *_usage(plan, name, kind),
        " */",
        f"#ifndef {upper}_H",
        f"#define {upper}_H",
        "",
        "#include <math.h>",
        *(["#include <stdint.h>"] if kind == "int8" else []),
        "",
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        "",
        f"#define {upper}_INPUTS {plan.inputs}",
        f"#define {upper}_OUTPUTS {plan.outputs}",
        "",
    ]


def _plain(name: str) -> str:
    """A class's name as a comment in C can hold it."""
    return "".join(c if c.isascii() and c.isprintable() and c not in "*/\\?" else "_" for c in name)


def _shape(network: Network) -> str:
    shape = " x ".join(map(str, network.input_shape))
    return {
        1: f"{shape} features",
        2: f"{shape} (steps x channels)",
        3: f"{shape} (height x width x channels)",
    }[len(network.input_shape)]


def _usage(plan: Plan, name: str, kind: str) -> list[str]:
    upper = name.upper()
    if plan.is_stream:
        filled = f" *     static int16_t input[{upper}_INPUTS];  // filled by {name}_input"
        return [
            f" *     static {name}_state state;           // what it holds from step to step",
            f" *     {name}_reset(&state);                // before a new sequence",
            *([filled] if kind == "int8" else []),
            f" *     float out[{upper}_OUTPUTS];",
            f" *     {name}_step(&state, input, out);     // at every step; out may be 0 where no "
            "answer is needed",
        ]
    number = "int8_t" if kind == "int8" else "float"
    fill = f"   // filled by {name}_input or {name}_pixel" if kind == "int8" else ""
    lines = [
        f" *     static {number} input[{upper}_INPUTS];{fill}",
        f" *     float out[{upper}_OUTPUTS];",
        f" *     {name}_predict(input, out);",
    ]
    if plan.network.task != "regression":
        lines.append(f" *     int which = {name}_classify(input);   // the number of the class")
    return lines


def _buffers(plan: Plan) -> list[tuple[int, int]]:
    """For each operation but the last, where its output begins in the arena: at the two ends in turn."""
    arena, places = plan.arena(), []
    for place, size in enumerate(plan.sizes()):
        places.append((0 if place % 2 == 0 else arena - size, size))
    return places


def _whole(plan: Plan, program: Program, name: str) -> list[str]:
    """The function for a whole input."""
    arena, places = plan.arena(), _buffers(plan)
    lines = [f"static inline void {name}_predict(const float *input, float *out)", "{"]
    if arena:
        lines.append(f"    static float arena[{arena}];")
    source = "input"
    for number, operation in enumerate(plan.operations):
        is_last = number == len(plan.operations) - 1
        target = "out" if is_last else _name(places[number][0])
        lines += program.operation(number, operation, source, target)
        source = target
    return [*lines, _SCALE, "}"]


def _name(start: int) -> str:
    return "arena" if start == 0 else f"(arena + {start})"


def _stream(plan: Plan, program: Program, name: str) -> list[str]:
    """The state, and the functions that begin a sequence and take a step."""
    arena, places = plan.arena(), _buffers(plan)
    fields = state_fields(plan) + ([("arena", arena)] if arena else [])
    lines = [
        "typedef struct {",
        *(f"    float {field}[{size}];" for field, size in fields),
        f"}} {name}_state;",
        "",
        f"static inline void {name}_reset({name}_state *s)",
        "{",
        *(
            f"    {loop('u', size)} s->{field}[u] = 0.0f;"
            for field, size in fields
            if field[0] in "hc" and field[1:].isdigit()
        ),
        "}",
        "",
        f"static inline void {name}_step({name}_state *s, const float *input, float *out)",
        "{",
    ]
    source = "input"
    for number, operation in enumerate(plan.operations):
        is_last = number == len(plan.operations) - 1
        if number == plan.head:
            lines.append("    if (!out) return;")
        if isinstance(operation.layer, Recurrent):
            lines += program.step(number, operation, source)
            source = f"s->h{number + 1}"
            if is_last:
                lines += [
                    "    if (!out) return;",
                    f"    {loop('u', operation.gives[-1])} out[u] = {source}[u];",
                ]
            continue
        start = places[number][0] if not is_last else 0
        target = "out" if is_last else ("s->arena" if start == 0 else f"(s->arena + {start})")
        lines += program.operation(number, operation, source, target)
        source = target
    return [*lines, _SCALE, "}"]


def target_scaling(network: Network, name: str, constants: list[str]) -> list[str]:
    """The lines that undo a target's scaling; its numbers go to the constants."""
    scaling = network.target_scaling
    if scaling is None:
        return []
    constants += array("float", f"{name}_target_scale", np.array(scaling.scale))
    constants += array("float", f"{name}_target_offset", np.array(scaling.offset))
    outputs = len(scaling.scale)
    total = prod(int(n or 0) for n in network.architecture.shapes(network.input_shape)[-1])
    is_stream = any(isinstance(layer, Recurrent) for layer in network.architecture.layers)
    count = outputs if is_stream else total
    channel = "i" if count == outputs else f"i % {outputs}"
    body = f"out[i] = out[i] * {name}_target_scale[{channel}] + {name}_target_offset[{channel}];"
    return [f"    {loop('i', count)} {body}"]


def classify(network: Network, name: str, kind: str, has_whole: bool = False) -> list[str]:
    """The function that gives a class's number, for networks that answer one class for a whole input.

    With `has_whole` it compares the last layer's whole numbers, which are in the order of the probabilities:
    a processor without floating point need not have exp, nor any float at all.
    """
    layers = network.architecture.layers
    if network.task == "regression" or any(isinstance(layer, Recurrent) for layer in layers):
        return []
    shape = network.architecture.shapes(network.input_shape)[-1]
    if len(shape) != 1:
        return []
    taken, size = ("int8_t" if kind == "int8" else "float"), shape[0] or 1
    given, function, middle = ("int32_t", "integers", "0") if has_whole else ("float", "predict", "0.5f")
    lines = [
        f"static inline int {name}_classify(const {taken} *input)",
        "{",
        f"    {given} out[{size}];",
        f"    {name}_{function}(input, out);",
    ]
    if network.task == "binary":
        lines.append(f"    return out[0] > {middle};")
    else:
        lines += [
            "    int best = 0;",
            f"    {loop('i', size)} best = out[i] > out[best] ? i : best;",
            "    return best;",
        ]
    return [*lines, "}", ""]
