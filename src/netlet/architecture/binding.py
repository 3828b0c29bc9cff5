"""Makes layers of names and arguments as they stand in a text."""

from __future__ import annotations

from dataclasses import fields

from netlet.architecture.arguments import checked, did_you_mean, quoted
from netlet.architecture.layers import Layer, Recurrent, is_required
from netlet.architecture.reading import Argument, Named, Value, excerpt
from netlet.errors import ArchitectureError

_NOT_SAID_HERE = {
    "input_shape": "the shape of the input comes from the dataset: leave it out",
    "batch_input_shape": "the shape of the input comes from the dataset: leave it out",
    "stateful": "carrying the state is a matter of training, not of the architecture: leave it out",
}
_EXAMPLES = {
    "input_dim": "1000, 8",
    "output_dim": "1000, 8",
    "layer": "gru(4)",
    "filters": "4, 3x3",
    "units": "10",
    "rate": "0.25",
    "function": "tanh",
}


def bound(text: str, named: Named, is_last: bool) -> Layer:
    """The layer that is meant, with the defaults of the spelling it is written in.

    Raises
    ------
    ArchitectureError
        If an argument is missing, unknown or not allowed; the message names the column.
    """
    return _Binder(text, named).layer(is_last=is_last)


class _Binder:
    """Makes a layer of a name and arguments as they stand in a text."""

    def __init__(self, text: str, named: Named) -> None:
        self.text = text
        self.named = named
        self.kind = named.kind
        self.fields = [field.name for field in fields(named.kind)]
        self.given: dict[str, object] = {}

    def layer(self, *, is_last: bool) -> Layer:
        for position, argument in enumerate(self.named.arguments):
            self.bind(position, argument)
        missing = [f.name for f in fields(self.kind) if is_required(f) and f.name not in self.given]
        if missing:
            raise self.mistake(
                f"{self.named.name} at column {self.named.place + 1} needs {missing[0]}, such as "
                f"{self.kind.name}({_EXAMPLES[missing[0]]})",
                self.named.place,
            )
        return self.kind(**(self.defaults(is_last) | self.given))

    def defaults(self, is_last: bool) -> dict[str, object]:
        """Keras's where they differ; but in the last layer an activation left out is what the task needs."""
        if not self.named.is_keras:
            return {}
        left_out = {"activation"} if is_last and not issubclass(self.kind, Recurrent) else set()
        return {name: value for name, value in self.kind.keras_defaults.items() if name not in left_out}

    def bind(self, position: int, argument: Argument) -> None:
        name = self.positional(position, argument) if argument.name is None else self.by_name(argument)
        if name in self.given:
            raise self.mistake(
                f"{name} is given a second time at column {argument.place + 1}", argument.place
            )
        try:
            value = argument.value
            self.given[name] = (
                self.within(name, value) if isinstance(value, Named) else self.checked(name, value)
            )
        except ValueError as error:
            raise self.mistake(
                f"{self.named.name} at column {argument.place + 1}: {error}", argument.place
            ) from None

    def positional(self, position: int, argument: Argument) -> str:
        names = self.kind.positional
        if any(earlier.name for earlier in self.named.arguments[:position]):
            raise self.mistake(
                f"the argument at column {argument.place + 1} needs a name, as it follows one with a name",
                argument.place,
            )
        if position < len(names):
            return names[position]
        takes = f"only {', '.join(names)} without a name" if names else "no arguments without a name"
        raise self.mistake(
            f"one argument too many at column {argument.place + 1}: {self.named.name} takes "
            f"{takes if self.fields else 'no arguments'}",
            argument.place,
        )

    def by_name(self, argument: Argument) -> str:
        keras_names = {keras: own for own, keras in self.kind.keras_arguments.items()}
        name = keras_names.get(argument.name or "", argument.name or "")
        if name in self.fields:
            return name
        hint = _NOT_SAID_HERE.get(name)
        if hint is None:
            allowed = f"allowed: {', '.join(self.fields)}" if self.fields else "it takes none"
            hint = f"{did_you_mean(name, self.fields).lstrip('; ')} {allowed}".strip()
        raise self.mistake(
            f"{self.named.name} has no argument {quoted(name)} (column {argument.place + 1}): {hint}",
            argument.place,
        )

    def within(self, name: str, named: Named) -> Layer:
        """A layer in a layer."""
        if name != "layer":
            raise ValueError(f"{name} is a layer, {quoted(named.name)}")
        if not issubclass(named.kind, Recurrent):
            raise ValueError(f"takes rnn, gru or lstm, not {named.kind.name}")
        return bound(self.text, named, is_last=False)

    def checked(self, name: str, value: Value) -> object:
        if value is not None:
            return checked(name, value, self.kind.rules.get(name))
        if name in ("activation", "recurrent_activation", "function"):
            if self.named.is_keras:
                return "linear"
            raise ValueError(
                f"{name} is none: write linear for no activation, or leave it out for the default"
            )
        if any(field.name == name and field.default is None for field in fields(self.kind)):
            return None
        return checked(name, value, self.kind.rules.get(name))

    def mistake(self, message: str, place: int) -> ArchitectureError:
        return ArchitectureError(f"{excerpt(self.text, place)}: {message}")
