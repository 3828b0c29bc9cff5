"""The program in float: operations as C."""

from __future__ import annotations

from math import prod

import numpy as np

from netlet.architecture import GRU, LSTM, Activation, Conv, Dense, DepthwiseConv, LayerNorm, Recurrent
from netlet.interop.c.plan import Operation, Plan, Window
from netlet.interop.c.text import applied, array, block, is_mean, loop, nested, place


class Program:
    """Writes a plan's operations.

    Attributes
    ----------
    constants
        Lines of the arrays of weights.
    functions
        Names of the activation functions that are used.
    """

    def __init__(self, plan: Plan, prefix: str) -> None:
        """Nothing is written yet."""
        self.plan, self.prefix = plan, prefix
        self.constants: list[str] = []
        self.functions: set[str] = set()
        self._scaling = plan.network.input_scaling
        if self._scaling is not None:
            self._keep("input_offset", np.array(self._scaling.offset))
            self._keep("input_factor", 1 / np.array(self._scaling.scale))

    def operation(self, number: int, operation: Operation, source: str, target: str) -> list[str]:
        """One operation, from one array to another (or in place); the first reads the caller's input."""
        lines = [f"    /* {operation.text}: {_told(operation.takes)} to {_told(operation.gives)} */"]
        layer = operation.layer
        if isinstance(layer, Conv | DepthwiseConv) or operation.window is not None:
            lines += self._windowed(number, operation, source, target)
        elif isinstance(layer, Dense):
            lines += self._dense(number, operation, source, target)
        elif isinstance(layer, LayerNorm):
            lines += self._layer_norm(number, operation, source, target, layer.epsilon)
        elif isinstance(layer, Activation):
            read = self._read(number, source, "i", self._channel(prod(operation.takes)))
            value = self._apply(operation.activation, read)
            lines += nested([loop("i", prod(operation.gives))], [f"{target}[i] = {value};"])
        if operation.activation == "softmax":
            lines += self._softmax(operation, target)
        return lines

    def step(self, number: int, operation: Operation, source: str) -> list[str]:
        """One step of a recurrent layer: its state is ``s->h<number>`` (and ``s->c<number>``)."""
        layer = operation.layer
        assert isinstance(layer, Recurrent)
        lines = [f"    /* {operation.text}: {_told(operation.takes)} to {layer.units} */"]
        write = {GRU: self._gru, LSTM: self._lstm}.get(type(layer), self._rnn)
        return [*lines, *write(number, operation, source)]

    def _keep(self, name: str, values: np.ndarray) -> str:
        full = f"{self.prefix}_{name}"
        self.constants += array("float", full, values)
        return full

    def _apply(self, function: str, value: str) -> str:
        if function not in ("linear", "softmax"):
            self.functions.add(function)
        return applied(self.prefix, function, value)

    def _read(self, number: int, source: str, index: str, channel: str) -> str:
        if number > 0 or self._scaling is None:
            return f"{source}[{index}]"
        if len(self._scaling.scale) == 1:
            channel = "0"
        offset, factor = f"{self.prefix}_input_offset", f"{self.prefix}_input_factor"
        return f"({source}[{index}] - {offset}[{channel}]) * {factor}[{channel}]"

    def _channel(self, inputs: int) -> str:
        """Of the input's number i, its channel."""
        channels = 1 if self._scaling is None else len(self._scaling.scale)
        return "i" if channels == inputs else f"i % {channels}"

    def _softmax(self, operation: Operation, target: str) -> list[str]:
        size = operation.gives[-1]
        rows = prod(operation.gives) // size
        start = f"{target} + n * {size}" if rows > 1 else target
        body = [
            f"float *y = {start};",
            "float most = y[0], sum = 0.0f;",
            f"{loop('i', size)} most = y[i] > most ? y[i] : most;",
            f"{loop('i', size)} sum += y[i] = expf(y[i] - most);",
            f"{loop('i', size)} y[i] /= sum;",
        ]
        return nested([loop("n", rows)], body) if rows > 1 else block(body)

    def _dense(self, number: int, operation: Operation, source: str, target: str) -> list[str]:
        inputs, units = operation.weights[0].shape
        rows = prod(operation.takes) // inputs
        kernel = self._keep(f"kernel_{number + 1}", operation.weights[0].T)
        start = "0.0f"
        if len(operation.weights) > 1:
            start = f"{self._keep(f'bias_{number + 1}', operation.weights[1])}[o]"
        index, row = (f"n * {inputs} + i", f"n * {units} + o") if rows > 1 else ("i", "o")
        read = self._read(number, source, index, self._channel(inputs))
        body = [
            f"float sum = {start};",
            f"{loop('i', inputs)} sum += {read} * {kernel}[o * {inputs} + i];",
            f"{target}[{row}] = {self._apply(operation.activation, 'sum')};",
        ]
        return nested([*([loop("n", rows)] if rows > 1 else []), loop("o", units)], body)

    def _layer_norm(
        self, number: int, operation: Operation, source: str, target: str, epsilon: float
    ) -> list[str]:
        channels = operation.takes[-1]
        gamma, beta = (
            self._keep(f"{name}_{number + 1}", values)
            for name, values in zip(("gamma", "beta"), operation.weights, strict=True)
        )
        index = f"n * {channels} + i"
        read = self._read(number, source, index, "i")
        value = f"({read} - mean) * scale * {gamma}[i] + {beta}[i]"
        body = [
            "float mean = 0.0f, square = 0.0f;",
            f"{loop('i', channels)} mean += {read};",
            f"mean /= {channels}.0f;",
            f"{loop('i', channels)} {{",
            f"    const float away = {read} - mean;",
            "    square += away * away;",
            "}",
            f"const float scale = 1.0f / sqrtf(square / {channels}.0f + {epsilon:.9g}f);",
            f"{loop('i', channels)} {{",
            f"    {target}[{index}] = {self._apply(operation.activation, value)};",
            "}",
        ]
        return nested([loop("n", prod(operation.takes) // channels)], body)

    def _windowed(self, number: int, operation: Operation, source: str, target: str) -> list[str]:
        """A convolution, a pooling, or both at once."""
        window, pooled = operation.window, operation.pooled
        assert window is not None
        channels, filters = operation.takes[2], operation.gives[-1]
        is_pool = not isinstance(operation.layer, Conv | DepthwiseConv)
        outer = window if pooled is None else pooled
        mean = is_mean(operation.pool) or is_mean(operation.layer if is_pool else None)  # type: ignore[arg-type]
        if is_pool:
            value, inner = (
                self._read(number, source, f"(r * {window.takes[1]} + q) * {channels} + f", "f"),
                [],
            )
        else:
            value, inner = "sum", self._convolved(number, operation, source)
        function = operation.activation
        if pooled is None and not is_pool:
            body = [*inner, f"*next++ = {self._apply(function, 'sum')};"]
            body = ["const int a = i, b = j;", *body]
        else:
            early = self._apply(function, value) if mean and not is_pool else value
            body = self._pooled(outer, inner, early, mean, is_pool)
            last = "most" if not mean else "sum_of_all / (float)count"
            late = last if mean and not is_pool else self._apply(function, last)
            body.append(f"*next++ = {late};")
        height, width = outer.gives
        loops = [loop("i", height), loop("j", width), loop("f", filters)]
        if height * width == 1:
            loops = [loop("f", filters)]
            body = [line.replace("const int a = i, b = j;", "const int a = 0, b = 0;") for line in body]
        return block([f"float *next = {target};", *nested(loops, body, 0)])

    def _pooled(self, window: Window, inner: list[str], value: str, mean: bool, is_pool: bool) -> list[str]:
        """Around the values of a window: their maximum or mean."""
        row, column = ("r", "q") if is_pool else ("a", "b")
        lines = ["float sum_of_all = 0.0f;", "int count = 0;"] if mean else ["float most = -INFINITY;"]
        keep = [f"sum_of_all += {value};", "count++;"] if mean else []
        if not mean:
            keep = [f"const float here = {value};", "if (here > most) most = here;"]
        looks = []
        for axis, name, limit in ((0, row, window.takes[0]), (1, column, window.takes[1])):
            if window.may_leave(axis):
                looks.append((name, f"if ({name} < 0 || {name} >= {limit}) continue;"))
        checks = dict(looks)
        body = [f"const int {column} = {place(window, 1, 'j', 'v')};"]
        body += [checks[column]] if column in checks else []
        body += [*inner, *keep]
        rows = [f"const int {row} = {place(window, 0, 'i', 'u')};"]
        rows += [checks[row]] if row in checks else []
        rows += nested([loop("v", window.size[1])], body, 0)
        return [*lines, *nested([loop("u", window.size[0])], rows, 0)]

    def _convolved(self, number: int, operation: Operation, source: str) -> list[str]:
        """The sum of a convolution at row a, column b for filter f."""
        window, weights = operation.window, operation.weights
        assert window is not None
        channels = operation.takes[2]
        size = prod(window.size)
        if isinstance(operation.layer, Conv):
            kernel = self._keep(f"kernel_{number + 1}", weights[0].transpose(3, 0, 1, 2))
            inner, each = loop("c", channels), "c"
            index = f"f * {size * channels} + (m * {window.size[1]} + n) * {channels} + c"
            if channels == 1:
                inner, index, each = "", f"f * {size} + m * {window.size[1]} + n", "0"
        else:
            multiplier = weights[0].shape[3]
            kernel = self._keep(f"kernel_{number + 1}", weights[0].transpose(2, 3, 0, 1))
            inner, index = "", f"f * {size} + m * {window.size[1]} + n"
            each = f"f / {multiplier}" if multiplier > 1 else "f"
        start = "0.0f"
        if len(weights) > 1:
            start = f"{self._keep(f'bias_{number + 1}', weights[1])}[f]"
        at = f"r * {window.takes[1]} + q"
        at = f"({at}) * {channels} + {each}" if channels > 1 else at
        read = self._read(number, source, at, each)
        body = [f"const int q = {_at(window, 1, 'b', 'n')};"]
        if window.may_leave(1):
            body.append(f"if (q < 0 || q >= {window.takes[1]}) continue;")
        body.append(f"{inner} sum += {read} * {kernel}[{index}];".strip())
        rows = [f"const int r = {_at(window, 0, 'a', 'm')};"]
        if window.may_leave(0):
            rows.append(f"if (r < 0 || r >= {window.takes[0]}) continue;")
        rows += nested([loop("n", window.size[1])], body, 0)
        return [f"float sum = {start};", *nested([loop("m", window.size[0])], rows, 0)]

    # --- recurrent layers: one step, from x and the state to the state ---

    def _gates(self, number: int, operation: Operation) -> tuple[str, str, list[str]]:
        """Kernel and recurrent kernel, by gate and unit; and the biases of each gate, if there are any."""
        name = number + 1
        kernel = self._keep(f"kernel_{name}", operation.weights[0].T)
        recurrent = self._keep(f"recurrent_{name}", operation.weights[1].T)
        biases = []
        if len(operation.weights) > 2:
            for place_, row in enumerate(np.atleast_2d(operation.weights[2])):
                biases.append(self._keep(f"{('bias', 'recurrent_bias')[place_]}_{name}", row))
        return kernel, recurrent, biases

    def _sum(self, into: str, kernel: str, gate: int, units: int, inputs: int, read: str) -> str:
        """Add a gate's product to a variable."""
        row = f"({gate * units} + u)" if gate else "u"
        return f"{loop('i', inputs)} {into} += {read} * {kernel}[{row} * {inputs} + i];"

    @staticmethod
    def _bias(biases: list[str], which: int, gate: int, units: int) -> str:
        if len(biases) <= which:
            return "0.0f"
        return f"{biases[which]}[{gate * units} + u]" if gate else f"{biases[which]}[u]"

    def _rnn(self, number: int, operation: Operation, source: str) -> list[str]:
        kernel, recurrent, biases = self._gates(number, operation)
        units, inputs = operation.gives[-1], operation.takes[-1]
        state, read = f"s->h{number + 1}", self._read(number, source, "i", "i")
        body = [
            f"float sum = {self._bias(biases, 0, 0, units)};",
            self._sum("sum", kernel, 0, units, inputs, read),
            self._sum("sum", recurrent, 0, units, units, f"{state}[i]"),
            f"s->next[u] = {self._apply(operation.activation, 'sum')};",
        ]
        return [*nested([loop("u", units)], body), f"    {loop('u', units)} {state}[u] = s->next[u];"]

    def _lstm(self, number: int, operation: Operation, source: str) -> list[str]:
        kernel, recurrent, biases = self._gates(number, operation)
        units, inputs = operation.gives[-1], operation.takes[-1]
        state, cell = f"s->h{number + 1}", f"s->c{number + 1}"
        read, layer = self._read(number, source, "i", "i"), operation.layer
        assert isinstance(layer, LSTM)
        body = []
        for gate, name in enumerate(("in", "forget", "candidate", "output")):
            body += [
                f"float {name} = {self._bias(biases, 0, gate, units)};",
                self._sum(name, kernel, gate, units, inputs, read),
                self._sum(name, recurrent, gate, units, units, f"{state}[i]"),
            ]
        gated = {name: self._apply(layer.recurrent_activation, name) for name in ("in", "forget", "output")}
        body += [
            f"candidate = {self._apply(operation.activation, 'candidate')};",
            f"{cell}[u] = {gated['forget']} * {cell}[u] + {gated['in']} * candidate;",
            f"s->next[u] = {gated['output']} * {self._apply(operation.activation, f'{cell}[u]')};",
        ]
        return [*nested([loop("u", units)], body), f"    {loop('u', units)} {state}[u] = s->next[u];"]

    def _gru(self, number: int, operation: Operation, source: str) -> list[str]:
        kernel, recurrent, biases = self._gates(number, operation)
        units, inputs = operation.gives[-1], operation.takes[-1]
        layer, state = operation.layer, f"s->h{number + 1}"
        assert isinstance(layer, GRU)
        read = self._read(number, source, "i", "i")

        def gate(name: str, which: int) -> list[str]:
            start = self._bias(biases, 0, which, units)
            if len(biases) > 1:
                start += f" + {self._bias(biases, 1, which, units)}"
            return [
                f"float {name} = {start};",
                self._sum(name, kernel, which, units, inputs, read),
                self._sum(name, recurrent, which, units, units, f"{state}[i]"),
                f"{name} = {self._apply(layer.recurrent_activation, name)};",
            ]

        candidate = [
            f"float candidate = {self._bias(biases, 0, 2, units)};",
            self._sum("candidate", kernel, 2, units, inputs, read),
        ]
        before: list[str] = []
        if layer.reset_after:
            body = [
                *gate("update", 0),
                *gate("reset", 1),
                *candidate,
                f"float product = {self._bias(biases, 1, 2, units)};",
                self._sum("product", recurrent, 2, units, units, f"{state}[i]"),
                "candidate += reset * product;",
            ]
        else:
            before = nested([loop("u", units)], [*gate("reset", 1), f"s->reset[u] = reset * {state}[u];"])
            body = [
                *gate("update", 0),
                *candidate,
                self._sum("candidate", recurrent, 2, units, units, "s->reset[i]"),
            ]
        body += [
            f"candidate = {self._apply(operation.activation, 'candidate')};",
            f"s->next[u] = update * {state}[u] + (1.0f - update) * candidate;",
        ]
        return [
            *before,
            *nested([loop("u", units)], body),
            f"    {loop('u', units)} {state}[u] = s->next[u];",
        ]


def _at(window: Window, axis: int, outer: str, inner: str) -> str:
    """Where a convolution's window looks: its row and column are counted even if there is but one."""
    stride, before = window.strides[axis], window.before[axis]
    text = f"{outer} * {stride} + {inner}" if stride != 1 else f"{outer} + {inner}"
    return f"{text} - {before}" if before else text


def _told(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
