"""Cases, each made from its number alone: the same number, the same case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.hostile.bombs import BOMBS
from benchmarks.hostile.folders import ODDITIES, classes, placed
from benchmarks.hostile.good_files import good_files
from benchmarks.hostile.mutations import mutated, rezipped
from benchmarks.hostile.words import ARCHITECTURES, IMAGES, NAMES, TABLES, WORDS, text

_TRAIN = (
    "--epochs", "--batch-size", "--optimizer", "--learning-rate", "--momentum", "--schedule",
    "--clip-norm", "--l2",
    "--patience", "--loss", "--truncation", "--seeds", "--first-seed", "--threads", "--data-seed",
    "--target", "--window",
    "--horizon", "--stride", "--store", "--json", "--save", "--data",
)  # fmt: skip
_MAKE = ("--seed", "--train", "--validation", "--test", "--size", "--steps", "--decay", "--idx")


@dataclass
class Case:
    """What is run.

    Attributes
    ----------
    arguments
        Of the command line.
    stdin
        What is typed.
    encoding
        Of the terminal.
    """

    arguments: list[str]
    stdin: str = ""
    encoding: str = "utf-8"


class Maker:
    """Makes cases from files that are in order, which are made once."""

    def __init__(self, home: Path) -> None:
        """Make the files."""
        self.home = home
        self.good = good_files(home)

    def case(self, number: int, room: Path) -> Case:
        """The case of a number, its files in an empty folder."""
        random = Random(number)
        kinds: list[tuple[Callable[[Random, Path], Case], int]] = [
            (self._mutated, 60),
            (self._bomb, 8),
            (self._folder, 14),
            (self._options, 14),
            (self._typed, 4),
        ]
        makers, weights = zip(*kinds, strict=True)
        case = random.choices(makers, weights)[0](random, room)
        case.encoding = random.choice(("utf-8", "utf-8", "ascii"))
        return case

    def _mutated(self, random: Random, room: Path) -> Case:
        name = random.choice(sorted(self.good))
        suffix = Path(name).suffix
        content = mutated(random, self.good[name], self.good[random.choice(sorted(self.good))])
        if name.endswith((".npz", ".netlet", ".keras")) and random.random() < 0.6:
            content = rezipped(random, self.good[name])
        if suffix == ".gz" or name.startswith("mnist56") or (suffix in IMAGES and random.random() < 0.5):
            return self._in_folder(random, room, name, content)
        path = placed(random, room, suffix, content)
        return Case(self._command(random, path, suffix))

    def _command(self, random: Random, path: Path, suffix: str) -> list[str]:
        """A command that reads a file."""
        network = str(self.home / random.choice(("table", "series", "image")))
        if suffix in (".keras", ".onnx", ".h5"):
            return ["import", str(path), str(path.parent / "out.netlet")]
        if suffix == ".netlet":
            data = str(self.home / random.choice(("good.csv", "good.npz", "good.png")))
            out = str(path.parent / random.choice(("out.py", "out.h", "out.onnx", "out.keras")))
            return random.choice(
                (["predict", str(path), data], ["export", str(path), out], ["evaluate", str(path), data])
            )
        window = (
            ["--window", random.choice(("1", "3", "1000000000")), "--horizon", "2"]
            if random.random() < 0.5
            else []
        )
        return random.choice(
            (
                ["data", "check", str(path)],
                ["data", "show", str(path)],
                ["predict", network + ".netlet", str(path)],
                ["evaluate", network + ".netlet", str(path)],
                [
                    "train",
                    str(path),
                    random.choice(ARCHITECTURES),
                    "--epochs",
                    "1",
                    "--threads",
                    "1",
                    "--no-store",
                ]
                + (window if suffix in TABLES else []),
            )
        )

    def _in_folder(self, random: Random, room: Path, name: str, content: bytes) -> Case:
        """A file among others that are in order."""
        if name.startswith("mnist56"):
            (room / name).write_bytes(content)
            return Case(["data", "check", str(room)])
        if name.endswith(".gz"):
            for each in (each for each in self.good if each.endswith(".gz")):
                (room / each).write_bytes(content if each == name else self.good[each])
            return Case(["data", "make", "mnist56", str(room / "out"), "--idx", str(room)])
        classes(room, self.good[name], Path(name).suffix)
        (room / random.choice(("cat", "dog")) / f"9{Path(name).suffix}").write_bytes(content)
        return Case(self._command(random, room, ""))

    def _bomb(self, random: Random, room: Path) -> Case:
        name, content = random.choice(BOMBS)(random)
        if name.startswith("mnist56"):
            (room / name).write_bytes(content)
            return Case(["data", "check", str(room)])
        path = room / f"bomb{name}"
        path.write_bytes(content)
        return Case(self._command(random, path, name))

    def _folder(self, random: Random, room: Path) -> Case:
        """Odd things among images: pipes, devices, loops, names, depth, tables."""
        suffix = random.choice(sorted(IMAGES))
        image = self.good[f"good{suffix}"]
        folder = room / random.choice(NAMES)
        classes(folder, image, suffix)
        for _ in range(random.randrange(1, 4)):
            random.choice(ODDITIES)(random, folder, image, suffix)
        options = random.choice(
            ([], [], ["--size", random.choice(("4x4", "28x28", "0x5", "99999x99999", "x"))])
        )
        return Case([*self._command(random, folder, ""), *options])

    def _options(self, random: Random, room: Path) -> Case:
        data = str(self.home / random.choice(("good.csv", "good.npz", "good.npy")))
        net = str(self.home / random.choice(("table.netlet", "series.netlet", "image.netlet")))
        out = str(room / "out")
        arguments, options = random.choice(
            (
                (["train", data, random.choice(ARCHITECTURES), "--epochs", "1", "--threads", "1"], _TRAIN),
                (["compare", data, "dense(1)", "--epochs", "1", "--seeds", "1", "--threads", "1"], _TRAIN),
                (["summary", random.choice(ARCHITECTURES), "--dataset", data], ("--data",)),
                (["predict", net, data], ()),
                (["evaluate", net, data], ("--data",)),
                (["export", net, random.choice((f"{out}.py", f"{out}.h", f"{out}.onnx"))], ("--to",
                "--name", "--data")),
                (["data", "make", random.choice(("crt", "pulses", "mnist56")), out, "--train", "2",
                "--validation", "1"], _MAKE),
                (["data", "check", data], ("--data",)),
                (["runs", random.choice(("list", "show", "export", "delete"))], ("--store", "--json")),
            )
        )  # fmt: skip
        arguments = list(arguments)
        for _ in range(random.randrange(1, 3)):
            word = random.choice(WORDS)
            if options and random.random() < 0.7:
                option = random.choice(options)
                arguments += [f"{option}={word}"] if random.random() < 0.5 else [option, word]
            else:
                arguments[random.randrange(len(arguments))] = word
        if not any(each.startswith(("--store", "--no-store")) for each in arguments) and arguments[0] in (
            "train",
            "compare",
        ):
            arguments.append("--no-store")
        return Case(arguments, text(random))

    def _typed(self, random: Random, room: Path) -> Case:
        net = self.home / random.choice(("table.netlet", "series.netlet", "image.netlet"))
        return Case(["predict", str(net), "-"], text(random))
