"""What a search has tried, as an Optuna study: to be killed, resumed, and looked at with Optuna's tools."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

import optuna
from optuna.distributions import CategoricalDistribution, distribution_to_json
from optuna.storages import JournalStorage
from optuna.storages.journal import BaseJournalBackend
from optuna.storages.journal._storage import JournalOperation
from optuna.study import StudyDirection
from optuna.trial import TrialState

from netlet.errors import FileError
from netlet.interop.c import Costs
from netlet.search.space import Genes, Space
from netlet.store import Store
from netlet.store.journal import Journal

_SEEDS = "seeds"
_WORKER = "netlet"  # a name that Optuna wants beside every entry
# What Optuna says of a new study is nothing that whoever searches asked for.
logging.getLogger("optuna.storages.journal._storage").setLevel(logging.WARNING)


class Backend(BaseJournalBackend):
    """A journal of the store as Optuna wants it."""

    def __init__(self, journal: Journal) -> None:
        """Keep the journal."""
        self._journal = journal

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        """The entries from that one."""
        return self._journal.read_logs(log_number_from)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Add entries at the end."""
        self._journal.append_logs(logs)


class Entry(NamedTuple):
    """A trial: a candidate that was to be trained from seeds 0 to `seeds` - 1."""

    number: int
    genes: Genes
    seeds: int
    is_ended: bool
    has_failed: bool


class Diary:
    """An Optuna study with two objectives, parameters and the metric of the target.

    Each trial is a candidate and a number of seeds: a candidate that goes on in the race has several. A trial
    that is running when the search is killed goes on when it is resumed.

    Parameters
    ----------
    store
        Where it is kept.
    name
        Of the search.
    space
        Where candidates come from.
    higher_is_better
        Of the target's metric.
    facts
        What makes it this search: to go on, they must be the same.

    Raises
    ------
    FileError
        If there is another search of this name, or the store cannot be used.
    """

    def __init__(
        self, store: Store, name: str, space: Space, higher_is_better: bool, facts: dict[str, Any]
    ) -> None:
        """Open or begin it."""
        self._journal = store.journal(name)
        self._storage = JournalStorage(Backend(self._journal))
        self._choices = {
            gene: CategoricalDistribution(tuple(dict.fromkeys(of.values))) for gene, of in space.genes.items()
        }
        self._as_text = {gene: distribution_to_json(choices) for gene, choices in self._choices.items()}
        studies = self._storage.get_all_studies()
        self.is_new = not studies
        if studies:
            self._study = studies[0]._study_id
        else:
            metric = StudyDirection.MAXIMIZE if higher_is_better else StudyDirection.MINIMIZE
            self._study = self._storage.create_new_study([StudyDirection.MINIMIZE, metric], name)
        known = self._storage.get_study_user_attrs(self._study)
        written = tuple(known)
        for fact, value in facts.items():
            if known.setdefault(fact, value) != value:
                raise FileError(
                    f"the search {name} has {fact} {known[fact]}, not {value}: resume it as it was, or give "
                    "another name"
                )
        for fact, value in facts.items():
            if fact not in written:
                self._storage.set_study_user_attr(self._study, fact, value)
        self._begun = len(self._storage.get_all_trials(self._study, deepcopy=False))

    def entries(self) -> Iterator[Entry]:
        """All that was tried, in the order in which it began."""
        for trial in self._storage.get_all_trials(self._study, deepcopy=False):
            ended, failed = trial.state.is_finished(), trial.state == TrialState.FAIL
            yield Entry(trial._trial_id, trial.params, trial.user_attrs[_SEEDS], ended, failed)

    def begin(self, genes: Genes, seeds: int, costs: Costs | None = None) -> int:
        """Note that a candidate is being trained; by the number that comes back it is known again."""
        number, self._begun = self._begun, self._begun + 1
        self._note(
            JournalOperation.CREATE_TRIAL,
            study_id=self._study,
            datetime_start=_now(),
            state=TrialState.RUNNING,
            value=None,
            values=None,
            distributions={gene: self._as_text[gene] for gene in genes},
            params={gene: self._choices[gene].to_internal_repr(value) for gene, value in genes.items()},
            user_attrs={_SEEDS: seeds} | ({} if costs is None else asdict(costs)),
            system_attrs={},
            intermediate_values={},
        )
        return number

    def end(self, number: int, parameters: int, value: float | None) -> None:
        """Note what came of it; None for nothing."""
        self._note(
            JournalOperation.SET_TRIAL_STATE_VALUES,
            trial_id=number,
            state=TrialState.FAIL if value is None else TrialState.COMPLETE,
            values=None if value is None else [float(parameters), value],
            datetime_complete=_now(),
        )

    def _note(self, operation: JournalOperation, **fields: Any) -> None:
        """Write what Optuna's journal storage would write, which would read it again at once, too."""
        self._journal.append_logs([{"op_code": operation, "worker_id": _WORKER, **fields}])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def study(store: Store, name: str) -> optuna.Study:
    """The study of a search, for Optuna's own tools.

    Raises
    ------
    FileError
        If there is no search of that name.
    """
    if name not in store.searches():
        raise FileError(f"{store} has no search {name!r}: it has {', '.join(store.searches()) or 'none'}")
    return optuna.load_study(study_name=name, storage=JournalStorage(Backend(store.journal(name))))
