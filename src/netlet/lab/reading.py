"""An exercise's folder, read and checked as a whole before any training; mistakes name file and line."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlet import datasets
from netlet.architecture import Architecture
from netlet.errors import DataError, NetletError, TrainingError
from netlet.lab import evidence, pictures, words
from netlet.lab.answer import TrainedNetwork
from netlet.lab.checking import FILE_NAME, Checked
from netlet.lab.document import Call, Exercise, NamedNetwork, Part, Printed, Question
from netlet.lab.registry import Argument, Registry
from netlet.metrics import METRICS
from netlet.training import Training

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

DOCUMENT = "exercise.toml"
EXERCISES = Path(__file__).parent / "exercises"
UNIVERSITY = EXERCISES / "university"
SECTIONS = ("Question", "Answer", "Text", "Appendix", "Finding")
"""Of a question's file of words; the first two are needed."""
SPLITS = ("training", "validation", "test")
_SHOWN = re.compile(r"!\[[^\]]*\]\(([^\s)]+)")
_OF_REPORT = ("about", "answers", "networks", "parts", "overall")
OF_HEADINGS = ("about", "data", "name", "network", "number", "seeds", "title")
"""What sections of `report.md` may ask for; each is given what it needs."""
_OF_NOTEBOOK = ("title", "parts", "questions", "networks", "datasets", "seeds", "data_dir", "name")
_NETWORK_HAS = frozenset(dir(TrainedNetwork)) | {field.name for field in fields(TrainedNetwork)}


def read(folder: str | os.PathLike[str] | None = None) -> Exercise:
    """An exercise from its folder; the university's, if none is given.

    Raises
    ------
    FileError
        If a file is missing or cannot be read.
    DataError
        If anything in it is wrong: what, in which file (``file``) and on which line (``row``, from 1).
    """
    if folder is None:
        return _university()
    return _Reader(Path(folder) / DOCUMENT).exercise()


@cache
def _university() -> Exercise:
    return _Reader(UNIVERSITY / DOCUMENT).exercise()


class _Reader(Checked):
    """Reads one folder."""

    def exercise(self) -> Exercise:
        top = self.table((), self.document)
        self.only(
            (),
            top,
            *("title", "language", "seeds", "quick_seeds", "datasets"),
            *("parts", "settings", "networks", "questions"),
        )
        own = self.table(("datasets",), top.get("datasets", {}))
        found: dict[str, Path | None] = {name: self.dataset(name) for name in own}
        run_in = words.environment(self.folder)
        networks = {}
        for key in self.table(("networks",), top.get("networks", {})):
            if key in run_in.globals:
                raise self.wrong(("networks", key), f"{key!r} is a phrase already: call it otherwise")
            networks[key] = self.network(key, found)
        if not networks:
            raise self.wrong((), "there are no networks: write [networks.NAME] for at least one")
        for network in networks.values():
            found.setdefault(network.dataset, None)
        parts = self.parts()
        order = [(part.key, key) for part in parts.values() for key in part.questions]
        questions = {
            key: self.question(key, number, part, networks, found, run_in)
            for number, (part, key) in enumerate(order, start=1)
        }
        for key in self.table(("questions",), top.get("questions", {})):
            if key not in questions:
                raise self.wrong(("questions", key), f"question {key!r} belongs to no part: name it in one")
        return Exercise(
            folder=self.folder,
            title=self.text((), top, "title"),
            language=self.text((), top, "language", "en"),
            seeds=self.whole((), top, "seeds", 16),
            quick_seeds=self.whole((), top, "quick_seeds", 3),
            parts=parts,
            networks=networks,
            questions=questions,
            datasets=found,
            introduction=self.words("introduction.md", run_in, _OF_REPORT),
            conclusion=self.words("conclusion.md", run_in, _OF_REPORT),
            figures=self.words("figures.md", run_in, pictures.FACTS),
            own=self.words("own.md", run_in, ("questions", "name", "own", "others")),
            notebook=self.words("notebook.md", run_in, _OF_NOTEBOOK),
            report=self.words("report.md", run_in, OF_HEADINGS),
        )

    # --- parts of the document ----------------------------------------------------------------------------

    def dataset(self, name: str) -> Path:
        here = ("datasets", name)
        if name in datasets.names():
            raise self.wrong(here, f"{name!r} is one of netlet's own datasets: call yours otherwise")
        path = self.folder / self.text(("datasets",), self.document["datasets"], name)
        if not path.exists():
            raise self.wrong(here, f"there is no {path}")
        return path

    def parts(self) -> dict[str, Part]:
        table = self.table(("parts",), self.document.get("parts", {}))
        if not table:
            raise self.wrong((), "there are no parts: write [parts.NAME] with its questions")
        parts, seen = {}, set()
        for key, content in table.items():
            here = ("parts", key)
            part = self.table(here, content)
            self.named(here, key)
            self.only(here, part, "title", "subject", "questions")
            questions = self.names(here, part, "questions", self.document.get("questions", {}), "question")
            if twice := [name for name in questions if name in seen]:
                raise self.wrong((*here, "questions"), f"question {twice[0]!r} is in two places")
            seen |= set(questions)
            parts[key] = Part(
                key, self.text(here, part, "title"), self.text(here, part, "subject", ""), questions
            )
        return parts

    def network(self, key: str, own: Collection[str]) -> NamedNetwork:
        here = ("networks", key)
        content = self.table(here, self.document["networks"][key])
        self.named(here, key)
        self.only(here, content, "name", "architecture", "dataset", "settings", "quick", "printed")
        architecture = self.text(here, content, "architecture")
        try:
            Architecture(architecture)
        except NetletError as error:
            raise self.wrong((*here, "architecture"), str(error)) from None
        dataset = self.text(here, content, "dataset")
        if dataset not in own and dataset not in datasets.names():
            known = ", ".join([*own, *datasets.names()])
            raise self.wrong((*here, "dataset"), f"there is no dataset {dataset!r}: choose from {known}")
        settings, quick = self.settings(here, content)
        printed = self.printed((*here, "printed"), content["printed"]) if "printed" in content else None
        name = self.text(here, content, "name")
        return NamedNetwork(key, name, architecture, dataset, settings, quick, printed)

    def settings(
        self, here: tuple[str, ...], network: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A network's changes to its dataset's settings, those of a named table included; and quick ones."""
        content, place = network.get("settings", {}), (*here, "settings")
        chosen = {"like": content} if isinstance(content, str) else dict(self.table(place, content))
        quick = dict(self.table((*here, "quick"), network.get("quick", {})))
        if (like := chosen.pop("like", None)) is not None:
            named = self.table(("settings",), self.document.get("settings", {}))
            if like not in named:
                known = ", ".join(named) or "none"
                raise self.wrong(place, f"there are no settings {like!r}: there are {known}")
            shared = dict(self.table(("settings", like), named[like]))
            quick = dict(self.table(("settings", like, "quick"), shared.pop("quick", {}))) | quick
            chosen = shared | chosen
            chosen = self.checked((place, ("settings", like)), chosen)
            return chosen, self.checked(((*here, "quick"), ("settings", like, "quick")), quick, chosen)
        chosen = self.checked((place,), chosen)
        return chosen, self.checked(((*here, "quick"),), quick, chosen)

    def checked(
        self,
        places: tuple[tuple[str, ...], ...],
        settings: Mapping[str, Any],
        before: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Settings that exist and are allowed together; "none" stands for None. An error names the line of
        the first of the tables that has the setting."""
        found = {name: None if value == "none" else value for name, value in settings.items()}
        known = [field.name for field in fields(Training)]
        try:
            for name in found:
                if name not in known:
                    choose = ", ".join(known)
                    raise TrainingError(f"there is no setting {name!r}: choose from {choose}", setting=name)
            Training(**{**(before or {}), **found})
        except TrainingError as error:
            name = error.setting or ""
            exact = [place for place in places if self.places.has((*place, name))]
            raise self.wrong((*(exact or places)[0], name), str(error)) from None
        return found

    def printed(self, here: tuple[str, ...], content: object) -> Printed:
        table = self.table(here, content)
        self.only(here, table, "note", "is_rough", "other", *SPLITS)
        known = {metric for names in METRICS.values() for metric in names}
        figures = {}
        for split in SPLITS:
            if split in table:
                figures[split] = self.numbers((*here, split), table[split])
                if unknown := [name for name in figures[split] if name not in known]:
                    told = f"there is no metric {unknown[0]!r}: choose from {', '.join(sorted(known))}"
                    raise self.wrong((*here, split), told)
        is_rough = table.get("is_rough", False)
        if not isinstance(is_rough, bool):
            raise self.wrong((*here, "is_rough"), f"is_rough is {is_rough!r}, but must be true or false")
        other = self.numbers((*here, "other"), table.get("other", {}))
        return Printed(figures, self.text(here, table, "note", ""), is_rough, other)

    def question(
        self,
        key: str,
        number: int,
        part: str,
        networks: Mapping[str, NamedNetwork],
        own: Collection[str],
        run_in: ImmutableSandboxedEnvironment,
    ) -> Question:
        here = ("questions", key)
        content = self.table(here, self.document["questions"][key])
        self.named(here, key, FILE_NAME)
        self.only(here, content, "networks", "evidence", "figures")
        chosen = self.names(here, content, "networks", networks, "network")
        measured = self.table((*here, "evidence"), content.get("evidence", {}))
        for name in measured:
            self.named((*here, "evidence", name), name)
            if name in networks or name in run_in.globals:
                taken = "a network" if name in networks else "a phrase"
                raise self.wrong((*here, "evidence", name), f"{name!r} is {taken} already: call it otherwise")
        there = {"networks": networks, "dataset": {*own, *datasets.names()}, "measurement": measured}
        measurements = tuple(
            self.call((*here, "evidence", name), name, what, "measure", evidence.EVIDENCE, there)
            for name, what in measured.items()
        )
        drawn = self.table((*here, "figures"), content.get("figures", {}))
        for name in drawn:
            self.named((*here, "figures", name), name, FILE_NAME)
        figures = tuple(
            self.call((*here, "figures", name), name, what, "draw", pictures.PICTURES, there)
            for name, what in drawn.items()
        )
        known = {*networks, *measured}
        has = dict.fromkeys(networks, _NETWORK_HAS)
        told = self.words(f"{key}.md", run_in, known, has, is_own=True)
        if unknown := [name for name in told.sections if name not in SECTIONS]:
            line = _line_with(told.file, f"## {unknown[0]}")
            choose = f"choose from {', '.join(SECTIONS)}"
            raise DataError(
                f"{told.file}, line {line}: there is no section {unknown[0]!r}: {choose}",
                file=told.file,
                row=line,
            )
        self.pictured(told.file, drawn)
        if missing := [name for name in SECTIONS[:2] if name not in told.sections]:
            raise DataError(
                f"{told.file}, line 1: the section {missing[0]!r} is missing: write ## {missing[0]}",
                file=told.file,
                row=1,
            )
        if not told.title:
            raise DataError(
                f"{told.file}, line 1: the title is missing: begin with a line like # Title",
                file=told.file,
                row=1,
            )
        return Question(key, number, part, chosen, measurements, figures, told)

    def pictured(self, path: Path, drawn: Collection[str]) -> None:
        """Refuse words that show a figure that is not drawn."""
        for line, text in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            for found in _SHOWN.finditer(text):
                if found[1] not in drawn:
                    told = f"there is no figure {found[1]!r}: there are {', '.join(drawn) or 'none'}"
                    raise DataError(f"{path}, line {line}: {told}", file=path, row=line)

    def call(
        self,
        here: tuple[str, ...],
        name: str,
        content: object,
        verb: str,
        registry: Registry,
        there: Mapping[str, Any],
    ) -> Call:
        """A function that is named, with arguments that it takes; or a plain value, of measurements."""
        line = self.places.of(here)
        if verb == "measure" and not (isinstance(content, dict) and "measure" in content):
            return Call(name, "", {"value": content}, line)
        table = dict(self.table(here, content))
        function = table.pop(verb, None)
        if function not in registry:
            known = ", ".join(registry.names)
            raise self.wrong(here, f"there is no {registry.noun} {function!r}: choose from {known}")
        takes = registry.arguments(function)
        for argument, value in table.items():
            if argument not in takes or takes[argument].kind == "laboratory":
                said = [key for key, each in takes.items() if each.kind != "laboratory"]
                raise self.wrong(
                    here, f"{function} takes no {argument!r}: it takes {', '.join(said) or 'nothing'}"
                )
            table[argument] = self.argument(here, argument, value, takes[argument], there)
        for argument, each in takes.items():
            if each.is_required and argument not in table and each.kind != "laboratory":
                raise self.wrong(here, f"{function} needs {argument} = {each.rule}")
        return Call(name, function, table, line)

    def argument(
        self, here: tuple[str, ...], name: str, value: Any, takes: Argument, there: Mapping[str, Any]
    ) -> Any:
        if takes.kind == "value":
            literal = there["measurement"].get(value) if isinstance(value, str) else None
            if literal is not None and not takes.allows(value) and takes.allows(literal):
                return literal
            if not takes.allows(value):
                raise self.wrong(here, f"{name} is {value!r}, but must be {takes.rule}")
            return value
        if takes.kind in ("networks", "told networks"):
            named = dict.fromkeys(value) if isinstance(value, list) else value
            is_fine = isinstance(named, dict) and bool(named)
            values = list(value if isinstance(value, list) else value.values()) if is_fine else []
            if not is_fine or not all(isinstance(each, str) for each in values):
                raise self.wrong(here, f"{name} is {value!r}, but must be {takes.rule}")
            for each in values:
                self.known(here, name, each, takes, there["networks"])
            if isinstance(value, list):
                return {there["networks"][each].name: each for each in value}
            return value
        known = {"network": "networks"}.get(takes.kind, takes.kind)
        self.known(here, name, value, takes, there[known])
        return value

    def known(
        self, here: tuple[str, ...], name: str, value: object, takes: Argument, known: Collection[str]
    ) -> None:
        if not isinstance(value, str) or value not in known:
            noun = "network" if takes.kind in ("networks", "told networks") else takes.kind
            names = ", ".join(sorted(known)) or "none"
            raise self.wrong(here, f"{name} is {value!r}, but there is no such {noun}: choose from {names}")

    def words(
        self,
        name: str,
        run_in: ImmutableSandboxedEnvironment,
        known: Collection[str],
        has: Mapping[str, Collection[str]] | None = None,
        is_own: bool = False,
    ) -> words.Words:
        """A file of words: the exercise's, or else netlet's own, where there may be one."""
        path = self.folder / name
        if not path.is_file() and not is_own:
            path = words.OWN / name
        return words.read(path, run_in, known, has)


def _line_with(path: Path, start: str) -> int:
    lines = path.read_text(encoding="utf-8").split("\n")
    return next((number for number, line in enumerate(lines, start=1) if line.startswith(start)), 1)
