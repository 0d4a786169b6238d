"""``numbers:`` to resources: the keys are phone numbers, each on its account; the rest is ``features.py``'s."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.config.features import Features
from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.model import Mark, Resource, phone
from reconciler.model.suggestions import phone_form, quoted


class NumberEntries:
    """Compiles the ``numbers:`` of one root."""

    def __init__(self, numbers: Node, features: Features, problems: Problems) -> None:
        self._numbers = numbers
        self._features = features
        self._problems = problems

    def resources(self) -> Iterator[Resource]:
        """What all the lines become, line by line."""
        for tn, entry, mark in self._numbers.entries():
            yield from self._line(tn, entry, mark, is_number=self._is_number(tn, entry, mark))

    def _is_number(self, tn: str, entry: Node, mark: Mark) -> bool:
        """Whether the key is a phone number; if not, say how it is written."""
        wrong = phone.problem(tn)
        if wrong is None:
            return True
        meant = phone_form(tn, north_american=self._features.is_north_american(entry))
        if meant is None:
            self._problems.add(mark, f"{quoted(tn)} is {wrong}")
        elif self._numbers.has(meant):
            place = self._numbers.key_mark(meant)
            self._problems.add(mark, f'{quoted(tn)} is the number "{meant}", declared at {place} already: keep one')
        else:
            self._problems.add(mark, f'{quoted(tn)} is not an E.164 number: write "{meant}", in quotes')
        return False

    def _line(self, tn: str, entry: Node, mark: Mark, *, is_number: bool) -> Sequence[Resource]:
        """What one line becomes: nothing when its key or its account is faulty, but the rest of it is checked."""
        account = self._features.account((entry,), quoted(tn), mark)
        if account is None:
            self._features.check(entry)
            return ()
        nanp = phone.is_nanp(tn)
        if is_number and account.spec.sells and account.spec.north_american and not nanp:
            self._problems.add(mark, f"{quoted(tn)} is not a North American number: {account.type} has no others")
        long_code = not is_number or (nanp and not phone.is_toll_free(tn))
        made = list(self._features.of(self._features.entry(tn, quoted(tn), entry, mark, account, long_code=long_code)))
        return made if is_number else ()
