"""A header compiled on this machine and run: how exports are checked against the engine."""

from __future__ import annotations

import _ctypes
import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from netlet.errors import FileError
from netlet.interop.c.header import Header
from netlet.interop.c.plan import Plan

COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", "-ffp-contract=off")


def compiler() -> str | None:
    """A C compiler of this machine's, if there is one."""
    return next((found for name in COMPILERS if (found := shutil.which(name))), None)


class Compiled:
    """A float header as functions; its folder is gone when it is closed.

    Parameters
    ----------
    header, plan
        What was written, and of which program.
    flags
        For the compiler.

    Raises
    ------
    FileError
        If there is no compiler, or it refuses the header.
    """

    def __init__(
        self, header: Header, plan: Plan, flags: tuple[str, ...] = FLAGS, is_int8: bool = False
    ) -> None:
        """Compile and load."""
        found = compiler()
        if found is None:
            raise FileError(
                f"there is no C compiler here ({', '.join(COMPILERS)}), so the header was not run"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="netlet-c-")
        folder = Path(self._folder.name)
        (folder / "model.h").write_text(header.text, encoding="utf-8")
        write = _wrapper if not is_int8 else _step_wrapper if plan.is_stream else _integer_wrapper
        (folder / "model.c").write_text(write(header.name, plan))
        library = folder / "model.so"
        done = subprocess.run(
            [found, *flags, "-shared", "-fPIC", str(folder / "model.c"), "-o", str(library), "-lm"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            lines = done.stderr.splitlines()
            first = next((line for line in lines if "error" in line), next(iter(lines), ""))
            self._folder.cleanup()
            raise FileError(f"the C compiler refuses the header: {first}")
        self._library: Any = ctypes.CDLL(str(library))
        self._plan = plan

    def __enter__(self) -> Compiled:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Unload, so that no later library in the place of this file is taken for it; remove the folder."""
        handle, self._library = self._library._handle, None
        _ctypes.dlclose(handle)
        self._folder.cleanup()

    def integers(self, q: np.ndarray) -> np.ndarray:
        """Of an int8 header: the last layer in whole numbers for whole inputs, ``(n, outputs)``.

        Of recurrent networks for every step, ``(n, steps, outputs)``, or for the last one, as they answer.
        """
        if self._plan.is_stream:
            return self._steps(np.ascontiguousarray(q, dtype=np.int16))
        q = np.ascontiguousarray(q, dtype=np.int8)
        out = np.zeros((len(q), self._plan.outputs), np.int32)
        kinds = ctypes.POINTER(ctypes.c_int8), ctypes.POINTER(ctypes.c_int32)
        for row in range(len(q)):
            self._library.integers(q[row].ctypes.data_as(kinds[0]), out[row].ctypes.data_as(kinds[1]))
        return out

    def _steps(self, q: np.ndarray) -> np.ndarray:
        plan, (count, steps) = self._plan, q.shape[:2]
        every = len(plan.network.architecture.shapes(q.shape[1:])[-1]) == 2
        out = np.zeros((count, steps if every else 1, plan.outputs), np.int32)
        kinds = ctypes.POINTER(ctypes.c_int16), ctypes.POINTER(ctypes.c_int32)
        for row in range(count):
            given, gives = q[row].ctypes.data_as(kinds[0]), out[row].ctypes.data_as(kinds[1])
            self._library.integers(given, ctypes.c_int(steps), ctypes.c_int(int(every)), gives)
        return out if every else out[:, 0]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Answers for a batch, ``(n, *input_shape)``; the last axis stays, even if it is 1."""
        x = np.ascontiguousarray(x, dtype=np.float32)
        plan = self._plan
        steps = x.shape[1] if plan.is_stream else x.shape[-1]  # int8: the channels
        every = plan.is_stream and len(plan.network.architecture.shapes(x.shape[1:])[-1]) == 2
        out = np.zeros((len(x), steps if every else 1, plan.outputs), np.float32)
        pointer = ctypes.POINTER(ctypes.c_float)
        for row in range(len(x)):
            self._library.run(
                x[row].ctypes.data_as(pointer), ctypes.c_int(steps), ctypes.c_int(int(every)),
                out[row].ctypes.data_as(pointer),
            )  # fmt: skip
        shape = plan.network.architecture.shapes(x.shape[1:])[-1]
        return out.reshape(len(x), *(int(n or 0) for n in shape))


def _step_wrapper(name: str, plan: Plan) -> str:
    wanted = f"every || i == steps - 1 ? out + (every ? i * {plan.outputs} : 0) : 0"
    return f"""#include "model.h"
void integers(const int16_t *x, int steps, int every, int32_t *out);
void run(const float *x, int steps, int every, float *out);
void integers(const int16_t *x, int steps, int every, int32_t *out)
{{
    static {name}_state state;
    {name}_reset(&state);
    for (int i = 0; i < steps; i++) {name}_integers(&state, x + i * {plan.inputs}, {wanted});
}}
void run(const float *x, int steps, int every, float *out)
{{
    static {name}_state state;
    static int16_t q[{name.upper()}_INPUTS];
    {name}_reset(&state);
    for (int i = 0; i < steps; i++) {{
        for (int k = 0; k < {plan.inputs}; k++) q[k] = {name}_input(x[i * {plan.inputs} + k], k);
        {name}_step(&state, q, {wanted});
    }}
}}
"""


def _integer_wrapper(name: str, _plan: Plan) -> str:
    return f"""#include "model.h"
void integers(const int8_t *x, int32_t *out);
void run(const float *x, int steps, int every, float *out);
void integers(const int8_t *x, int32_t *out) {{ {name}_integers(x, out); }}
void run(const float *x, int steps, int every, float *out)
{{
    static int8_t q[{name.upper()}_INPUTS];
    (void)every;
    for (int i = 0; i < {name.upper()}_INPUTS; i++) q[i] = {name}_input(x[i], i % steps);
    {name}_predict(q, out);
}}
"""


def _wrapper(name: str, plan: Plan) -> str:
    if plan.is_stream:
        body = f"""    static {name}_state state;
    {name}_reset(&state);
    for (int i = 0; i < steps; i++) {{
        const int wanted = every || i == steps - 1;
        {name}_step(&state, x + i * {plan.inputs}, wanted ? out + (every ? i * {plan.outputs} : 0) : 0);
    }}"""
    else:
        body = f"    (void)steps; (void)every; {name}_predict(x, out);"
    return f"""#include "model.h"
void run(const float *x, int steps, int every, float *out);
void run(const float *x, int steps, int every, float *out)
{{
{body}
}}
"""
