"""Questions answered: networks trained, evidence measured, pictures drawn, and words filled in."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from netlet.errors import DataError, NetletError
from netlet.lab import evidence, pictures, registry, words
from netlet.lab.answer import Answer, Picture, TrainedNetwork
from netlet.lab.document import Call, Exercise, NamedNetwork, Question
from netlet.lab.laboratory import Laboratory
from netlet.training import Runs, Training

PICTURE = re.compile(r'!\[(?P<alt>[^\]]*)\]\((?P<name>[\w-]+)(?:\s+"(?P<caption>[^"]*)")?\)')
"""A picture in Markdown: ![description](name "caption"); what is left out is filled in."""


def questions_of(exercise: Exercise, names: Sequence[str]) -> tuple[Question, ...]:
    """The questions that parts or questions of these names stand for, in order, each once; all for none.

    Raises
    ------
    NetletError
        If there is no part or question of that name.
    """
    for name in names:
        if name not in exercise.parts and name not in exercise.questions:
            known = ", ".join([*exercise.parts, *exercise.questions])
            raise NetletError(f"there is no exercise {name!r}: choose from {known}")
    return tuple(
        question
        for question in exercise.questions.values()
        if not names or question.key in names or question.part in names
    )


def prepare(exercise: Exercise, names: Sequence[str], lab: Laboratory) -> None:
    """Load every dataset that questions need, and check networks on them, before any training.

    Raises
    ------
    NetletError
        If a file is missing or broken, or a network or its settings do not fit the data; with the line.
    """
    for question in questions_of(exercise, names):
        for call in (*question.measurements, *question.figures):
            for key, value in call.arguments.items():
                if call.function and _registry(call).arguments(call.function)[key].kind == "dataset":
                    lab.dataset(value)
        for key in _used(exercise, question):
            network = exercise.networks[key]
            try:
                settings(network, lab)
            except NetletError as error:
                error.args = (f"{exercise.folder / 'exercise.toml'}, network {key}: {error}",)
                raise


def answers(exercise: Exercise, names: Sequence[str], lab: Laboratory) -> Generator[Answer, None, None]:
    """Answer questions, one after the other; networks of the next ones are trained in the meantime."""
    chosen = questions_of(exercise, names)
    used = dict.fromkeys(key for question in chosen for key in _in_order(exercise, question))
    networks = [exercise.networks[key] for key in used]
    wanted = (
        (each.architecture, each.dataset, settings(each, lab), has_curves(exercise, each, lab))
        for each in networks
    )
    with lab.ahead(list(wanted)):
        for question in chosen:
            yield answer(exercise, question, lab)


def answer(exercise: Exercise, question: Question, lab: Laboratory) -> Answer:
    """Answer one question."""
    answering = _Answering(exercise, question, lab)
    measured = {call.name: answering.measured(call) for call in question.measurements}
    values = {key: answering.told(key) for key in exercise.networks if key in question.words.uses}
    values |= measured
    told = {
        section: question.words.render(section, values)
        for section in ("Question", "Answer", "Text", "Appendix", "Finding")
    }
    drawn = {call.name: answering.drawn(call, measured) for call in question.figures}
    text, appendix = (placed(told[section], drawn) for section in ("Text", "Appendix"))
    return Answer(
        key=question.key,
        number=question.number,
        exercise=question.part,
        title=question.words.title,
        question=told["Question"],
        short=told["Answer"],
        text=text,
        appendix=appendix,
        networks=tuple(answering.told(key) for key in question.networks),
        pictures=tuple(drawn.values()),
        evidence={name: plain(value) for name, value in measured.items()},
        finding=told["Finding"],
    )


def settings(network: NamedNetwork, lab: Laboratory) -> Training:
    """How a network is trained: the dataset's own settings, with the exercise's changes.

    Raises
    ------
    NetletError
        If they do not fit the dataset.
    """
    data = lab.dataset(network.dataset)
    changes = {**network.settings, **(network.quick if lab.is_quick else {})}
    training = Training.default(data, network.architecture, **changes)
    training.check(data, network.architecture)
    return training


def has_curves(exercise: Exercise, network: NamedNetwork, lab: Laboratory) -> bool:
    """Whether validation is looked at after every epoch: somebody draws it, or the settings need it."""
    drawn = {
        call.arguments["network"]
        for question in exercise.questions.values()
        for call in question.figures
        if call.function == "history"
    }
    same = {(each.architecture, each.dataset) for each in map(exercise.networks.__getitem__, drawn)}
    training = settings(network, lab)
    return (
        (network.architecture, network.dataset) in same
        or training.patience is not None
        or training.schedule == "reduce-on-plateau"
    )


def plain(value: Any) -> Any:
    """The same with mappings in the place of dataclasses, for programs."""
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


class _Answering:
    """One question being answered."""

    def __init__(self, exercise: Exercise, question: Question, lab: Laboratory) -> None:
        self.exercise, self.question, self.lab = exercise, question, lab

    def runs(self, key: str) -> Runs:
        network = self.exercise.networks[key]
        validate = has_curves(self.exercise, network, self.lab)
        training = settings(network, self.lab)
        return self.lab.runs(network.architecture, network.dataset, training, validate=validate)

    def told(self, key: str) -> TrainedNetwork:
        network = self.exercise.networks[key]
        return TrainedNetwork.of(network.name, self.runs(key), network.printed, network.architecture)

    def measured(self, call: Call) -> Any:
        if not call.function:
            return call.arguments["value"]
        return self.called(call, evidence.EVIDENCE, {})

    def drawn(self, call: Call, measured: Mapping[str, Any]) -> Picture:
        drawing = self.called(call, pictures.PICTURES, measured)
        network = call.arguments.get("network")
        name = self.exercise.networks[network].name if network else None
        more = {"what": call.arguments.get("what") or name, "is_best": call.function != "history"}
        return drawing.picture(call.name, self.exercise.figures, **more)

    def called(self, call: Call, known: registry.Registry, measured: Mapping[str, Any]) -> Any:
        """What a named function gives for what the document gives it."""
        given = {}
        for name, takes in known.arguments(call.function).items():
            if takes.kind == "laboratory":
                given[name] = self.lab
            elif name in call.arguments:
                given[name] = self.given(takes.kind, call.arguments[name], measured)
        try:
            return known[call.function](**given)
        except NetletError as error:
            raise self.failed(call, str(error)) from None
        except (LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
            told = f"{call.function} cannot be had of this: {type(error).__name__}: {error}"
            raise self.failed(call, told) from error

    def given(self, kind: str, value: Any, measured: Mapping[str, Any]) -> Any:
        match kind:
            case "network":
                return self.runs(value)
            case "networks":
                return {label: self.runs(key) for label, key in value.items()}
            case "told networks":
                return {label: self.told(key) for label, key in value.items()}
            case "dataset":
                return self.lab.dataset(value)
            case "measurement":
                return measured[value]
        return value

    def failed(self, call: Call, message: str) -> DataError:
        path = self.exercise.folder / "exercise.toml"
        return DataError(f"{path}, line {call.line}: {message}", file=path, row=call.line)


def _registry(call: Call) -> registry.Registry:
    return evidence.EVIDENCE if call.function in evidence.EVIDENCE else pictures.PICTURES


def _in_order(exercise: Exercise, question: Question) -> list[str]:
    """Keys of all networks that a question trains, in the exercise's order."""
    used = _used(exercise, question)
    return [key for key in exercise.networks if key in used]


def _used(exercise: Exercise, question: Question) -> set[str]:
    """Keys of all networks that a question trains."""
    used = {*question.networks, *(question.words.uses & set(exercise.networks))}
    for call in (*question.measurements, *question.figures):
        if not call.function:
            continue
        takes = _registry(call).arguments(call.function)
        for name, value in call.arguments.items():
            if takes[name].kind == "network":
                used.add(value)
            elif takes[name].kind in ("networks", "told networks"):
                used |= set(value.values())
    return used


def placed(text: str, drawn: dict[str, Picture]) -> str:
    """Text whose pictures have descriptions and captions; what it says itself goes to the picture."""

    def whole(found: re.Match[str]) -> str:
        own = {each: words.settled(found[each]) for each in ("alt", "caption") if found[each]}
        picture = drawn[found["name"]] = replace(drawn[found["name"]], **own)
        return f'![{_safe(picture.alt)}]({picture.name} "{_safe(picture.caption)}")'

    return PICTURE.sub(whole, text)


def _safe(text: str) -> str:
    """Text that may stand in a picture's mark."""
    return re.sub(r'(["\[\]\\])', r"\\\1", text)
