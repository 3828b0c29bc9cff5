"""Odd names, words, numbers and typed texts of which hostile cases are made."""
# ruff: noqa: E501 (tables of odd text)

from __future__ import annotations

from random import Random

IMAGES = {".png": "PNG", ".jpg": "JPEG", ".bmp": "BMP", ".gif": "GIF", ".tif": "TIFF", ".webp": "WEBP"}
TABLES = (".csv", ".tsv", ".ts", ".arff")
ARCHITECTURES = (
    "dense(1)",
    "dense(3)",
    "flatten-dense(2)",
    "gru(2)-dense(1)",
    "conv(2,2x2)-globalmaxpool-dense(2)",
)
NAMES = (
    "plain", "with space", "größe", "\x1b[31mred", "new\nline", "\udcff\udc80", "\u202etxt", "a" * 240, "-x", "--help",
    "%s%n", "$(id)", "tab\tbed", "~", "crt", "mnist56", ".hidden", "train", "0", "'\"", "[bold]x", "{x}", "\\",
)  # fmt: skip
WORDS = (
    "", "0", "-1", "1", "nan", "inf", "-inf", "1e400", "1e-400", "9" * 30, "-" + "9" * 30, "0x10", "None", "true", "a,b",
    "\x00", "\x1b[2J", "\udcff", "\ud800", "\u202e", "x" * 5000, "../../etc/passwd", "/dev/null", "/dev/zero", "-", "~",
    "~nobody/x", "[red]", "%s", "1/0", "((((((((", "dense(" * 200, "conv(1,1x1)-" * 150 + "dense(1)", "dense(99999999999)",
    "a\nb", "१२", "1_000", " 1 ", "accuracy=0.5", "=", "accuracy=", "28x28x1", "0x0x0", "999999x999999x3", "1x" * 300,
)  # fmt: skip
NUMBERS = (
    b"\0" * 4,
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\1\0",
    b"\x80\0\0\0",
    b"\0\0\0\x80",
)


def text(random: Random) -> str:
    """What somebody may type or pipe in."""
    return random.choice(
        (
            "", "1,2,3\n4,5,6\n", "[" * 100_000, "[1,2,3]", "[[1,2,3]]", '{"a":1}', "\x00\x01", "a,b\n", "1;2,5;3\n", "nan,1,2",
            "1," * 50_000, "[[1,2],[3]]", "[null]", "9" * 5000, "1e400,1,1", '"' * 999, "\udcff", "[1e999,1,1]", "true", "[[[[1]]]]",
            "[]", "[[]]", "[[1,2,3],[4,5,NaN]]", "\n" * 1000, "\ufeff1,2,3", "1 2 3", '["a","b","c"]', "[{},{}]", "[true,false,true]",
        )
    )  # fmt: skip
