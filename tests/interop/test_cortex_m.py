"""Headers on a microcontroller: compiled for a Cortex-M4, run in QEMU, and as small as they say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import netlet as nl
from netlet.interop.c import to_c_int8, write_c

COMPILER, EMULATOR = "arm-none-eabi-gcc", "qemu-system-arm"
pytestmark = pytest.mark.skipif(
    not (shutil.which(COMPILER) and shutil.which(EMULATOR)),
    reason=f"there is no {COMPILER} or {EMULATOR} here",
)
FLAGS = ["-std=c99", "-Os", "-Wall", "-Wextra", "-Werror", "-pedantic", "-mthumb", "-ffp-contract=off"]
M4 = ["-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]
DIGITS = "conv(2, 3x3) - maxpool(2) - conv(2, 3x3) - maxpool(2) - flatten - dense(1)"

BOARD = """
/* ARM's MPS2 board with a Cortex-M4 as QEMU has it: 4 MB of code from 0, 4 MB of memory from 0x20000000. */
MEMORY {
    FLASH (rx) : ORIGIN = 0, LENGTH = 4M
    RAM (rw) : ORIGIN = 0x20000000, LENGTH = 4M
}
ENTRY(reset)
SECTIONS {
    .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) } > FLASH
    .init : { KEEP(*(.init)) KEEP(*(.fini)) } > FLASH
    .ARM.exidx : { __exidx_start = .; *(.ARM.exidx*) __exidx_end = .; } > FLASH
    .data : { *(.data*) } > RAM
    .bss : { __bss_start__ = .; *(.bss*) *(COMMON) __bss_end__ = .; end = .; __end__ = .; } > RAM
}
"""
START = """
#include <stdint.h>
void _start(void);
void reset(void);
void reset(void)
{
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* the floating-point unit */
    _start();
}
__attribute__((section(".vectors"), used)) static void *const vectors[2] = {(void *)0x20400000,
                                                                     (void *)reset};
"""
MAIN = """
#include <stdio.h>
#include "model.h"
int main(void)
{
    FILE *in = fopen("in.bin", "rb"), *out = fopen("out.bin", "wb");
    static %(taken)s input[MODEL_INPUTS * %(steps)d];
    %(body)s
    fclose(out);
    return 0;
}
"""


def emulated(folder: Path, taken: str, body: str, x: np.ndarray, given: type, steps: int = 1) -> np.ndarray:
    """What a main program with the header in `folder` writes for inputs `x`."""
    (folder / "board.ld").write_text(BOARD)
    (folder / "start.c").write_text(START)
    (folder / "main.c").write_text(MAIN % {"taken": taken, "body": body, "steps": steps})
    command = [COMPILER, *M4, *(flag for flag in FLAGS if flag != "-pedantic"), "start.c", "main.c"]
    command += ["--specs=rdimon.specs", "-Tboard.ld", "-lm", "-o", "model.elf"]
    subprocess.run(command, cwd=folder, check=True)
    (folder / "in.bin").write_bytes(x.tobytes())
    machine = ["-M", "mps2-an386", "-nographic", "-monitor", "none", "-serial", "none", "-semihosting"]
    subprocess.run(
        [EMULATOR, *machine, "-kernel", "model.elf"], cwd=folder, check=True, timeout=120, capture_output=True
    )
    return np.frombuffer((folder / "out.bin").read_bytes(), given)


WHOLE = """float answer[MODEL_OUTPUTS];
    while (fread(input, sizeof input, 1, in) == 1) {
        model_predict(input, answer);
        fwrite(answer, sizeof answer, 1, out);
    }"""


@pytest.fixture(scope="module")
def digits() -> tuple[nl.Network, nl.Dataset]:
    data = nl.load("mnist56")
    return nl.train(DIGITS, data, epochs=20, seeds=4).best.network, data


def test_a_convolutional_network_answers_as_the_engine_does(digits, tmp_path):
    network, data = digits
    write_c(network, tmp_path / "model.h")
    x = data.validation.x[:200]
    found = emulated(tmp_path, "float", WHOLE, x, np.float32)
    np.testing.assert_allclose(found, network.predict(x), rtol=1e-5, atol=1e-5)


def test_a_recurrent_network_answers_as_the_engine_does(tmp_path):
    data = nl.load("pulses")
    network = nl.train("gru(4) - dense(1)", data, epochs=1, seeds=1).best.network
    write_c(network, tmp_path / "model.h")
    x = data.validation.x[:5]
    body = """static model_state state;
    float answer[MODEL_OUTPUTS];
    while (fread(input, sizeof input, 1, in) == 1) {
        model_reset(&state);
        for (int step = 0; step < %d; step++) {
            model_step(&state, input + step * MODEL_INPUTS, answer);
            fwrite(answer, sizeof answer, 1, out);
        }
    }"""
    steps = x.shape[1]
    found = emulated(tmp_path, "float", body % steps, x, np.float32, steps)
    np.testing.assert_allclose(
        found.reshape(x.shape[0], -1), network.predict(x)[..., 0], rtol=1e-5, atol=1e-5
    )


def test_int8_gives_the_whole_numbers_of_its_reference_to_the_bit(digits, tmp_path):
    network, data = digits
    header, quantized = to_c_int8(network, data.train.x)
    (tmp_path / "model.h").write_text(header.text)
    q = quantized.quantize(data.validation.x)
    body = """int32_t whole[MODEL_OUTPUTS];
    while (fread(input, sizeof input, 1, in) == 1) {
        model_integers(input, whole);
        whole[0] = whole[0] * 2 + model_classify(input); /* both in one number */
        fwrite(whole, sizeof whole, 1, out);
    }"""
    found = emulated(tmp_path, "int8_t", body, q, np.int32)
    expected = quantized.integers(q).ravel()
    np.testing.assert_array_equal(found >> 1, expected)
    np.testing.assert_array_equal(found & 1, expected > 0)
    float_answers, int8_answers = (a.ravel() > 0.5 for a in (network.predict(data.validation.x), expected))
    truth = data.validation.y.ravel() > 0.5
    assert abs((float_answers == truth).mean() - (int8_answers == truth).mean()) <= 0.005


def test_a_recurrent_network_in_int8_gives_its_reference_s_whole_numbers_without_any_float(tmp_path):
    data = nl.load("pulses")
    network = nl.train("gru(6) - dense(1)", data, epochs=2, seeds=1).best.network
    header, quantized = to_c_int8(network, data.train.x)
    (tmp_path / "model.h").write_text(header.text)
    q = quantized.quantize(data.validation.x[:10])
    body = """static model_state state;
    int32_t whole[MODEL_OUTPUTS];
    while (fread(input, sizeof input, 1, in) == 1) {
        model_reset(&state);
        for (int step = 0; step < %d; step++) {
            model_integers(&state, input + step * MODEL_INPUTS, whole);
            fwrite(whole, sizeof whole, 1, out);
        }
    }"""
    found = emulated(tmp_path, "int16_t", body % q.shape[1], q, np.int32, q.shape[1])
    np.testing.assert_array_equal(found.reshape(len(q), -1), quantized.integers(q)[..., 0])
    (tmp_path / "use.c").write_text(
        '#include "model.h"\nvoid use(model_state *s, const int16_t *x, int32_t *y);\n'
        "void use(model_state *s, const int16_t *x, int32_t *y) { model_integers(s, x, y); }\n"
    )
    subprocess.run([COMPILER, *M4, *FLAGS, "-c", "use.c"], cwd=tmp_path, check=True)
    undefined = subprocess.run(
        ["arm-none-eabi-nm", "-u", "use.o"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert undefined.stdout == ""


def test_the_digit_network_fits_into_a_kilobyte_and_a_half_of_code_and_tables(digits, tmp_path):
    network, data = digits
    assert network.parameters == 109
    header, _ = to_c_int8(network, data.train.x)
    (tmp_path / "model.h").write_text(header.text)
    (tmp_path / "use.c").write_text(
        '#include "model.h"\n'
        "int use(const int8_t *x);\nint use(const int8_t *x) { return model_classify(x); }\n"
    )
    subprocess.run([COMPILER, *M4, *FLAGS, "-c", "use.c"], cwd=tmp_path, check=True)
    sizes = subprocess.run(
        ["arm-none-eabi-size", "use.o"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    text, data_bytes, memory = map(int, sizes.stdout.splitlines()[1].split()[:3])
    assert text <= 1536
    assert data_bytes + memory <= 4096 - 784  # the image that the caller keeps counts, too
    assert memory == header.costs.ram
    undefined = subprocess.run(
        ["arm-none-eabi-nm", "-u", "use.o"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "expf" not in undefined.stdout
    assert "__aeabi_f" not in undefined.stdout
