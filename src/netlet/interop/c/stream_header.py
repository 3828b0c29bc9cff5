"""A recurrent network's program in int8: a step as C in whole numbers, `QuantizedStream`'s to the bit."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from netlet.architecture import GRU, LSTM, Recurrent
from netlet.interop.c.costs import int8_costs, state_fields
from netlet.interop.c.header import Header, preamble, target_scaling
from netlet.interop.c.integers import softmax_lines
from netlet.interop.c.streams import (
    FIFTH,
    FRACTION,
    LIMIT,
    ONE,
    PIECE,
    TABLE,
    TABLED,
    TOP,
    Product,
    QuantizedStream,
    Scaled,
    Stage,
)
from netlet.interop.c.text import FUNCTIONS, array, loop, nested, number
from netlet.network import Network


def stream_header(network: Network, name: str, x: np.ndarray) -> tuple[Header, QuantizedStream]:
    """A recurrent network in int8, with scales fitted on training inputs, and the same in numpy."""
    quantized = QuantizedStream(network, x)
    plan, writer = quantized.plan, _Writer(name)
    arena = plan.arena()
    places = [0 if place % 2 == 0 else arena - size for place, size in enumerate(plan.sizes())]
    body: list[str] = []
    source = "input"
    for number_, stage in enumerate(quantized.stages):
        is_last = number_ == len(quantized.stages) - 1
        if number_ == plan.head:
            body.append("    if (!out) return;")
        body.append(f"    /* {stage.operation.text} */")
        if isinstance(stage.operation.layer, Recurrent):
            body += writer.recurrent(stage, number_ + 1, source)
            source = f"s->h{number_ + 1}"
            if is_last:
                units = stage.operation.gives[-1]
                body += ["    if (!out) return;", f"    {loop('u', units)} out[u] = {source}[u];"]
            continue
        start = "s->arena" if is_last or not places[number_] else f"(s->arena + {places[number_]})"
        target = "out" if is_last else start
        body += writer.stage(stage, number_ + 1, source, target, is_last)
        source = target
    fields = state_fields(plan) + ([("arena", arena)] if arena else [])
    held = [(field, size) for field, size in fields if field[0] in "hc" and field[1:].isdigit()]
    last = plan.operations[-1]
    function = "linear" if isinstance(last.layer, Recurrent) else last.activation
    costs = int8_costs(plan)
    constants = writer.constants
    scaled = target_scaling(network, name, constants)
    value = f"(float)whole[i] * {number(quantized.output_scale)}"
    value = f"{name}_{function}({value})" if function in FUNCTIONS else value
    lines = [
        *preamble(plan, name, costs, "int8"),
        *constants,
        "",
        *writer.helpers(),
        *_inputs(quantized, name),
        *(
            [f"static inline float {name}_{function}(float x) {{ return {FUNCTIONS[function]}; }}", ""]
            if function in FUNCTIONS
            else []
        ),
        "typedef struct {",
        *(f"    int16_t {field}[{size}];" for field, size in fields),
        f"}} {name}_state;",
        "",
        f"static inline void {name}_reset({name}_state *s)",
        "{",
        *(f"    {loop('u', size)} s->{field}[u] = 0;" for field, size in held),
        "}",
        "",
        f"/* The last layer in whole numbers: times {number(quantized.output_scale)} they are its sums. */",
        f"static inline void {name}_integers({name}_state *s, const int16_t *input, int32_t *out)",
        "{",
        *body,
        "}",
        "",
        f"static inline void {name}_step({name}_state *s, const int16_t *input, float *out)",
        "{",
        f"    int32_t whole[{plan.outputs}];",
        f"    {name}_integers(s, input, out ? whole : 0);",
        "    if (!out) return;",
        f"    {loop('i', plan.outputs)} out[i] = {value};",
        *(softmax_lines(last.gives[-1:]) if function == "softmax" else []),
        *scaled,
        "}",
        "",
        "#ifdef __cplusplus",
        "}",
        "#endif",
        f"#endif /* {name.upper()}_H */",
    ]
    return Header(name, "\n".join(lines) + "\n", costs), quantized


def _inputs(quantized: QuantizedStream, name: str) -> list[str]:
    """How inputs become int16."""
    scaling = quantized.network.input_scaling
    value, constants = "x", []
    if scaling is not None:
        constants += array("float", f"{name}_input_offset", np.array(scaling.offset))
        constants += array("float", f"{name}_input_factor", 1 / np.array(scaling.scale))
        value = f"((x - {name}_input_offset[channel]) * {name}_input_factor[channel])"
    top = f"{TOP}.0f"
    return [
        *constants,
        "/* A number of the input as int16; channel counts from 0. */",
        f"static inline int16_t {name}_input(float x, int channel)",
        "{",
        f"    const float q = floorf({value} * {number(1 / quantized.input_scale)} + 0.5f);",
        *([] if scaling is not None else ["    (void)channel;"]),
        f"    return (int16_t)(q < -{top} ? -{top} : q > {top} ? {top} : q);",
        "}",
        "",
    ]


class _Writer:
    """Writes operations, and keeps their arrays and which functions they need."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.constants: list[str] = []
        self.functions: set[str] = set()

    def helpers(self) -> list[str]:
        """The functions that are used."""
        name, lines = self.name, []
        if self.functions & {"scaled"}:
            lines += [
                f"static inline int32_t {name}_scaled(int32_t x, int32_t factor, int shift, int32_t most)",
                "{",
                "    const int64_t half = (int64_t)1 << (shift - 1);",
                "    const int64_t y = ((int64_t)x * factor + half) >> shift;",
                "    return y < -most ? -most : y > most ? most : (int32_t)y;",
                "}",
                "",
            ]
        if self.functions & set(TABLED):
            lines = [
                f"/* Sigmoid of {2**FRACTION}ths in {ONE}ths. */",
                *array("int16_t", f"{name}_table", TABLE),
                f"static inline int32_t {name}_sigmoid_of(int32_t z)",
                "{",
                "    const int32_t away = z < 0 ? -z : z;",
                f"    int32_t y = {TOP};",
                f"    if (away < {256 << PIECE}) {{",
                f"        const int32_t place = away >> {PIECE}, part = away & {(1 << PIECE) - 1};",
                f"        const int32_t rise = {name}_table[place + 1] - {name}_table[place];",
                f"        y = {name}_table[place] + ((rise * part + {1 << (PIECE - 1)}) >> {PIECE});",
                "    }",
                f"    return z < 0 ? {ONE} - y : y;",
                "}",
                "",
                *lines,
            ]
        if "tanh" in self.functions:
            most = 1 << 20
            lines += [
                f"static inline int32_t {name}_tanh_of(int32_t z)",
                "{",
                f"    const int32_t near = z < -{most} ? -{most} : z > {most} ? {most} : z;",
                f"    return 2 * {name}_sigmoid_of(2 * near) - {ONE};",
                "}",
                "",
            ]
        plain = {
            "linear": "z",
            "relu": "z < 0 ? 0 : z",
            "leaky_relu": f"z < 0 ? (int32_t)(((int64_t)z * {FIFTH} + 32768) >> 16) : z",
        }
        for function, value in plain.items():
            if function in self.functions:
                lines += [
                    f"static inline int32_t {name}_{function}_of(int32_t z)",
                    "{",
                    f"    const int32_t y = (({value}) + 128) >> 8;",
                    f"    return y < -{TOP} ? -{TOP} : y > {TOP} ? {TOP} : y;",
                    "}",
                    "",
                ]
        return lines

    def stage(self, stage: Stage, place: int, source: str, target: str, is_last: bool) -> list[str]:
        """One operation without a state."""
        operation = stage.operation
        count = prod(operation.gives)
        if not stage.products:
            value = f"{source}[u]"
            if not is_last:
                assert stage.from_cell is not None
                value = f"(int16_t){self._of(operation.activation, self._scaled(value, stage.from_cell))}"
            return nested([loop("u", count)], [f"{target}[u] = {value};"])
        product = stage.products[0]
        lines = self._sum("sum", product, f"kernel_{place}", source, "u")
        bias = self._keep("int32_t", f"bias_{place}", stage.biases[0])
        if is_last:
            return nested([loop("u", count)], [*lines, f"{target}[u] = sum + {bias}[u];"])
        whole = f"{self._by(product.scaled, f'kernel_{place}', 'sum', 'u')} + {bias}[u]"
        return nested(
            [loop("u", count)], [*lines, f"{target}[u] = (int16_t){self._of(operation.activation, whole)};"]
        )

    def recurrent(self, stage: Stage, place: int, source: str) -> list[str]:
        """One step of a recurrent layer."""
        operation = stage.operation
        self._products = [(product, f"{kind}_{place}") for product, kind in
                          zip(stage.products, ("kernel", "recurrent"), strict=True)]  # fmt: skip
        self._bias = self._keep("int32_t", f"bias_{place}", stage.biases[0])
        self._units = units = operation.gives[-1]
        layer, state = operation.layer, f"s->h{place}"
        ends = f"    {loop('u', units)} {state}[u] = s->next[u];"
        if isinstance(layer, LSTM):
            body = self._lstm(stage, source, state, f"s->c{place}")
        elif isinstance(layer, GRU):
            second = (
                self._keep("int32_t", f"product_bias_{place}", stage.biases[1]) if layer.reset_after else ""
            )
            before, body = self._gru(stage, source, state, second)
            return [*before, *nested([loop("u", units)], body), ends]
        else:
            lines, z = self._gate("z", 0, source, state)
            body = [*lines, f"s->next[u] = (int16_t){self._of(operation.activation, z)};"]
        return [*nested([loop("u", units)], body), ends]

    def _lstm(self, stage: Stage, source: str, state: str, cell: str) -> list[str]:
        function = stage.operation.activation
        assert stage.to_cell is not None and stage.from_cell is not None
        body = []
        for gate, variable in enumerate(("in", "forget", "candidate", "output")):
            lines, z = self._gate(variable, gate, source, state)
            of = self._of(function if gate == 2 else "sigmoid", z)
            body += [*lines, f"const int32_t {variable} = {of};"]
        gained = self._scaled("in * candidate", stage.to_cell, LIMIT)
        return [
            *body,
            f"const int32_t c = ((forget * {cell}[u] + {ONE >> 1}) >> 15) + {gained};",
            f"{cell}[u] = (int16_t)(c < -{TOP} ? -{TOP} : c > {TOP} ? {TOP} : c);",
            f"const int32_t shown = {self._of(function, self._scaled(f'{cell}[u]', stage.from_cell))};",
            f"s->next[u] = (int16_t)((output * shown + {ONE >> 1}) >> 15);",
        ]

    def _gru(self, stage: Stage, source: str, state: str, second: str) -> tuple[list[str], list[str]]:
        function, units = stage.operation.activation, self._units
        lines, z = self._gate("update", 0, source, state)
        update = [*lines, f"const int32_t update = {self._of('sigmoid', z)};"]
        lines, z = self._gate("reset", 1, source, state)
        reset = [*lines, f"const int32_t reset = {self._of('sigmoid', z)};"]
        of_x = self._sum("candidate_x", self._products[0][0], self._products[0][1], source, self._row(2))
        start = f"{self._by(self._products[0][0].scaled, self._products[0][1], 'candidate_x', self._row(2))}"
        product, name = self._products[1]
        before: list[str] = []
        if second:
            of_h = self._sum("candidate_h", product, name, state, self._row(2))
            whole = f"{self._by(product.scaled, name, 'candidate_h', self._row(2))} + {second}[u]"
            body = [*update, *reset, *of_x, *of_h,
                    f"const int32_t of_reset = {whole};",
                    f"const int32_t product = "
                    f"(int32_t)(((int64_t)reset * of_reset + {ONE >> 1}) >> 15);"]  # fmt: skip
        else:
            held = f"s->reset[u] = (int16_t)((reset * {state}[u] + {ONE >> 1}) >> 15);"
            before = nested([loop("u", units)], [*reset, held])
            of_h = self._sum("candidate_h", product, name, "s->reset", self._row(2))
            whole = self._by(product.scaled, name, "candidate_h", self._row(2))
            body = [*update, *of_x, *of_h, f"const int32_t product = {whole};"]
        z = f"{start} + product + {self._bias}[{self._row(2)}]"
        body += [
            f"const int32_t candidate = {self._of(function, z)};",
            f"const int32_t mixed = update * {state}[u] + ({ONE} - update) * candidate;",
            f"s->next[u] = (int16_t)((mixed + {ONE >> 1}) >> 15);",
        ]
        return before, body

    def _gate(self, variable: str, gate: int, source: str, state: str) -> tuple[list[str], str]:
        """The lines that add up a gate's products, and what it is before its activation."""
        row, lines, parts = self._row(gate), [], []
        for (product, name), read, end in zip(self._products, (source, state), "xh", strict=True):
            lines += self._sum(f"{variable}_{end}", product, name, read, row)
            parts.append(self._by(product.scaled, name, f"{variable}_{end}", row))
        return lines, f"{parts[0]} + {parts[1]} + {self._bias}[{row}]"

    def _row(self, gate: int) -> str:
        return f"{gate * self._units} + u" if gate else "u"

    def _sum(self, variable: str, product: Product, name: str, source: str, row: str) -> list[str]:
        kernel = self._keep("int8_t", name, product.kernel.T)
        if product.kernel.ndim == 1:
            return [f"const int32_t {variable} = {source}[{row}] * {kernel}[{row}];"]
        inputs = product.kernel.shape[0]
        at = f"({row})" if "+" in row else row
        return [
            f"int32_t {variable} = 0;",
            f"{loop('i', inputs)} {variable} += {source}[i] * {kernel}[{at} * {inputs} + i];",
        ]

    def _by(self, scaled: Scaled, name: str, value: str, row: str) -> str:
        self.functions.add("scaled")
        multipliers = self._keep("int32_t", f"{name}_multiplier", scaled.multipliers)
        shifts = self._keep("uint8_t", f"{name}_shift", scaled.shifts)
        return f"{self.name}_scaled({value}, {multipliers}[{row}], {shifts}[{row}], {LIMIT})"

    def _scaled(self, value: str, scaled: Scaled, limit: int = LIMIT) -> str:
        self.functions.add("scaled")
        return f"{self.name}_scaled({value}, {scaled.multipliers[0]}, {scaled.shifts[0]}, {limit})"

    def _of(self, function: str, z: str) -> str:
        self.functions.add(function)
        return f"{self.name}_{function}_of({z})"

    def _keep(self, kind: str, name: str, values: Any) -> str:
        """An array of constants, written once."""
        lines = array(kind, f"{self.name}_{name}", values)
        if lines[0] not in self.constants:
            self.constants += lines
        return f"{self.name}_{name}"
