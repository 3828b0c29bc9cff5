"""The program in int8: operations as C in whole numbers, equal to `Quantized` to the bit."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from netlet.architecture import Conv, Dense, DepthwiseConv
from netlet.interop.c.costs import int8_costs
from netlet.interop.c.header import Header, classify, preamble, target_scaling
from netlet.interop.c.plan import Window
from netlet.interop.c.quantized import LOW, Quantized, Stage
from netlet.interop.c.text import FUNCTIONS, array, block, is_mean, loop, nested, number
from netlet.network import Network


def int8_header(network: Network, name: str, x: np.ndarray) -> tuple[Header, Quantized]:
    """A network in int8, with scales fitted on training inputs, and the same in numpy."""
    quantized = Quantized(network, x)
    plan, constants = quantized.plan, []
    arena = plan.arena()
    body: list[str] = []
    source = "input"
    for place, stage in enumerate(quantized.stages):
        is_last = place == len(quantized.stages) - 1
        size = prod(stage.operation.gives)
        start = 0 if place % 2 == 0 else arena - size
        target = "out" if is_last else ("arena" if start == 0 else f"(arena + {start})")
        body += _stage(stage, place, name, source, target, is_last, constants)
        source = target
    scaled = target_scaling(network, name, constants)
    costs = int8_costs(plan)
    last = plan.operations[-1].activation
    outputs = plan.outputs
    function = (
        [f"static inline float {name}_{last}(float x) {{ return {FUNCTIONS[last]}; }}", ""]
        if last in FUNCTIONS
        else []
    )
    value = f"(float)whole[i] * {number(quantized.output_scale)}"
    lines = [
        *preamble(plan, name, costs, "int8"),
        *constants,
        "",
        *_rescale(name, quantized),
        *function,
        *_inputs(quantized, name),
        f"/* The last layer in whole numbers: times {number(quantized.output_scale)} they are its sums. */",
        f"static inline void {name}_integers(const int8_t *input, int32_t *out)",
        "{",
        *([f"    static int8_t arena[{arena}];"] if arena else []),
        *body,
        "}",
        "",
        f"static inline void {name}_predict(const int8_t *input, float *out)",
        "{",
        f"    int32_t whole[{outputs}];",
        f"    {name}_integers(input, whole);",
        f"    {loop('i', outputs)} out[i] = {f'{name}_{last}({value})' if last in FUNCTIONS else value};",
        *(softmax_lines(plan.operations[-1].gives) if last == "softmax" else []),
        *scaled,
        "}",
        "",
        *classify(network, name, "int8", has_whole=last in ("sigmoid", "softmax")),
        "#ifdef __cplusplus",
        "}",
        "#endif",
        f"#endif /* {name.upper()}_H */",
    ]
    return Header(name, "\n".join(lines) + "\n", costs), quantized


def _rescale(name: str, quantized: Quantized) -> list[str]:
    if not any(stage.kernel is not None for stage in quantized.stages[:-1]):
        return []
    return [
        f"static inline int32_t {name}_rescale(int32_t sum, int32_t multiplier, int shift, int32_t "
        "zero, int32_t low)",
        "{",
        "    const int64_t half = (int64_t)1 << (shift - 1);",
        "    const int64_t x = (((int64_t)sum * multiplier + half) >> shift) + zero;",
        "    return x < low ? low : x > 127 ? 127 : (int32_t)x;",
        "}",
        "",
    ]


def _inputs(quantized: Quantized, name: str) -> list[str]:
    """How inputs become int8."""
    grid, network = quantized.input, quantized.network
    lines = []
    scaling = network.input_scaling
    value = "x"
    constants: list[str] = []
    if scaling is not None:
        constants += array("float", f"{name}_input_offset", np.array(scaling.offset))
        constants += array("float", f"{name}_input_factor", 1 / np.array(scaling.scale))
        value = f"((x - {name}_input_offset[channel]) * {name}_input_factor[channel])"
    lines += [
        *constants,
        "/* A number of the input as int8; channel counts from 0. */",
        f"static inline int8_t {name}_input(float x, int channel)",
        "{",
        f"    const float q = floorf({value} * {number(1 / grid.scale)} + {number(grid.zero + 0.5)});",
        *([] if scaling is not None else ["    (void)channel;"]),
        "    return (int8_t)(q < -128.0f ? -128.0f : q > 127.0f ? 127.0f : q);",
        "}",
        "",
    ]
    if network.integer_scale == 255 and scaling is None:
        lines += [
            "/* A pixel from 0 to 255 as int8. */",
            f"static inline int8_t {name}_pixel(uint8_t x) {{ return (int8_t)((int)x - 128); }}",
            "",
        ]
    return lines


def softmax_lines(shape: tuple[int, ...]) -> list[str]:
    """Softmax over the last axis of ``out``."""
    size, rows = shape[-1], prod(shape[:-1])
    body = [
        f"float *y = out + n * {size};",
        "float most = y[0], sum = 0.0f;",
        f"{loop('i', size)} most = y[i] > most ? y[i] : most;",
        f"{loop('i', size)} sum += y[i] = expf(y[i] - most);",
        f"{loop('i', size)} y[i] /= sum;",
    ]
    return nested([loop("n", rows)], body)


def _stage(
    stage: Stage, place: int, name: str, source: str, target: str, is_last: bool, constants: list[str]
) -> list[str]:
    operation = stage.operation
    lines = [f"    /* {operation.text} */"]
    own = f"{name}_{{}}_{place + 1}"
    table = ""
    if stage.table is not None:
        table = own.format("table")
        constants += array("int8_t", table, stage.table)
    cast = "" if is_last else "(int8_t)"

    def stored(whole: str) -> str:
        """What is kept of a sum or number."""
        return f"{table}[{whole} + 128]" if table else f"{cast}({whole})"

    if stage.kernel is None:
        zero = f" - {stage.before.zero}" if is_last else ""
        if operation.window is None:
            value = stored(f"{source}[i]{zero}" if not table else f"{source}[i]")
            return [*lines, *nested([loop("i", prod(operation.gives))], [f"{target}[i] = {value};"])]
        body = _pool(operation.window, _channels(operation), source, is_mean(operation.layer), zero, stored)  # type: ignore[arg-type]
        return [*lines, *_over(operation.window, operation.gives[-1], body, target, is_last)]
    kernel, bias = own.format("kernel"), own.format("bias")
    constants += array("int8_t", kernel, _by_filter(stage))
    assert stage.bias is not None and stage.multipliers is not None and stage.shifts is not None
    constants += array("int32_t", bias, stage.bias)
    at = "o" if isinstance(operation.layer, Dense) else "f"
    final = "sum"
    if not is_last:
        multipliers, shifts = own.format("multiplier"), own.format("shift")
        constants += array("int32_t", multipliers, stage.multipliers)
        constants += array("uint8_t", shifts, stage.shifts)
        arguments = f"{multipliers}[{at}], {shifts}[{at}], {stage.middle.zero}, {stage.low}"
        final = f"{name}_rescale(sum, {arguments})"
    if isinstance(operation.layer, Dense):
        inputs, units = stage.kernel.shape
        rows = prod(operation.takes) // inputs
        read = _read(source, f"n * {inputs} + i" if rows > 1 else "i", stage.before.zero)
        body = [
            f"int32_t sum = {bias}[o];",
            f"{loop('i', inputs)} sum += {read} * {kernel}[o * {inputs} + i];",
            f"{target}[{f'n * {units} + o' if rows > 1 else 'o'}] = {stored(final)};",
        ]
        return [*lines, *nested([*([loop("n", rows)] if rows > 1 else []), loop("o", units)], body)]
    inner = _convolution(stage, source, kernel, bias)
    window = operation.window if operation.pooled is None else operation.pooled
    assert window is not None
    if operation.pooled is None:
        body = ["const int a = i, b = j;", *inner, f"*next++ = {stored(final)};"]
    else:
        keep = [*inner, "if (sum > most) most = sum;"]
        body = ["int32_t most = INT32_MIN;", *_within(window, keep, ("a", "b"))]
        body.append(f"*next++ = {stored(final.replace('sum', 'most'))};")
    return [*lines, *_over(window, operation.gives[-1], body, target, is_last)]


def _channels(operation: Any) -> int:
    return operation.takes[-1]


def _by_filter(stage: Stage) -> np.ndarray:
    """The kernel in the order in which the program reads it."""
    assert stage.kernel is not None
    if isinstance(stage.operation.layer, Dense):
        return stage.kernel.T
    order = (3, 0, 1, 2) if isinstance(stage.operation.layer, Conv) else (2, 3, 0, 1)
    return stage.kernel.transpose(order)


def _read(source: str, index: str, zero: int) -> str:
    return f"({source}[{index}] + {-zero})" if zero < 0 else f"({source}[{index}] - {zero})"


def _over(window: Window, filters: int, body: list[str], target: str, is_last: bool) -> list[str]:
    """Loops over all that comes out."""
    height, width = window.gives
    loops = [loop("i", height), loop("j", width), loop("f", filters)]
    kind = "int32_t" if is_last else "int8_t"
    return block([f"{kind} *next = {target};", *nested(loops, body, 0)])


def _at(window: Window, axis: int, outer: str, inner: str) -> str:
    stride, before = window.strides[axis], window.before[axis]
    return f"{outer} * {stride} + {inner}" + (f" - {before}" if before else "")


def _within(window: Window, body: list[str], names: tuple[str, str]) -> list[str]:
    """Loops over the places of a pooling's window that lie in the image."""
    row, column = names
    inner = [f"const int {column} = {_at(window, 1, 'j', 'v')};"]
    if window.may_leave(1):
        inner.append(f"if ({column} < 0 || {column} >= {window.takes[1]}) continue;")
    rows = [f"const int {row} = {_at(window, 0, 'i', 'u')};"]
    if window.may_leave(0):
        rows.append(f"if ({row} < 0 || {row} >= {window.takes[0]}) continue;")
    rows += nested([loop("v", window.size[1])], [*inner, *body], 0)
    return nested([loop("u", window.size[0])], rows, 0)


def _pool(window: Window, channels: int, source: str, mean: bool, zero: str, stored: Any) -> list[str]:
    here = f"{source}[(r * {window.takes[1]} + q) * {channels} + f]"
    if mean:
        keep = [f"sum += {here} + 128;", "count++;"]
        whole = f"(2 * sum + count) / (2 * count) - {-LOW}"
        return [
            "int32_t sum = 0, count = 0;",
            *_within(window, keep, ("r", "q")),
            f"*next++ = {stored(f'{whole}{zero}')};",
        ]
    keep = [f"if ({here} > most) most = {here};"]
    return ["int32_t most = -128;", *_within(window, keep, ("r", "q")), f"*next++ = {stored(f'most{zero}')};"]


def _convolution(stage: Stage, source: str, kernel: str, bias: str) -> list[str]:
    """The sum at row a, column b for filter f."""
    operation = stage.operation
    window = operation.window
    assert window is not None and stage.kernel is not None
    channels, size = operation.takes[2], prod(window.size)
    inner, each = loop("c", channels), "c"
    index = f"f * {size * channels} + (m * {window.size[1]} + n) * {channels} + c"
    if isinstance(operation.layer, DepthwiseConv):
        multiplier = stage.kernel.shape[3]
        inner, index = "", f"f * {size} + m * {window.size[1]} + n"
        each = f"f / {multiplier}"
    read = _read(source, f"(r * {window.takes[1]} + q) * {channels} + {each}", stage.before.zero)
    body = [f"const int q = {_at(window, 1, 'b', 'n')};"]
    if window.may_leave(1):
        body.append(f"if (q < 0 || q >= {window.takes[1]}) continue;")
    body.append(f"{inner} sum += {read} * {kernel}[{index}];".strip())
    rows = [f"const int r = {_at(window, 0, 'a', 'm')};"]
    if window.may_leave(0):
        rows.append(f"if (r < 0 || r >= {window.takes[0]}) continue;")
    rows += nested([loop("n", window.size[1])], body, 0)
    return [f"int32_t sum = {bias}[f];", *nested([loop("m", window.size[0])], rows, 0)]
