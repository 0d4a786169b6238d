"""``numbers:`` to resources: the keys are phone numbers, each on its account; the rest is ``facets.py``'s."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler import phone
from reconciler.config.facets import Facets, Line
from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.config.suggest import phone_form, quoted
from reconciler.model import Mark, Resource
from reconciler.settings import ProviderType


class Lines:
    """Compiles the ``numbers:`` of one root."""

    def __init__(self, numbers: Node, facets: Facets, problems: Problems) -> None:
        self._numbers = numbers
        self._facets = facets
        self._problems = problems

    def resources(self) -> Iterator[Resource]:
        """What all the lines become, line by line."""
        for tn, entry, mark in self._numbers.entries():
            if self._is_number(tn, mark):
                line = self._line(tn, entry, mark)
                if line is not None:
                    yield from self._facets.of(line)

    def _is_number(self, tn: str, mark: Mark) -> bool:
        """Whether the key is a phone number; if not, say how it is written."""
        wrong = phone.problem(tn)
        if wrong is None:
            return True
        meant = phone_form(tn)
        if meant is None:
            self._problems.add(mark, f"{quoted(tn)} is {wrong}")
        elif self._numbers.has(meant):
            place = self._numbers.key_mark(meant)
            self._problems.add(mark, f'{quoted(tn)} is the number "{meant}", declared at {place} already: keep one')
        else:
            self._problems.add(mark, f'{quoted(tn)} is not an E.164 number: write "{meant}", in quotes')
        return False

    def _line(self, tn: str, entry: Node, mark: Mark) -> Line | None:
        """The line with its account; None when that is missing or unknown."""
        account = self._facets.account((entry,), quoted(tn), mark)
        if account is None:
            return None
        nanp = phone.is_nanp(tn)
        if account.type is ProviderType.INUMBERING and not nanp:
            self._problems.add(mark, f"{quoted(tn)} is not a North American number: inumbering has no others")
        long_code = nanp and not phone.is_toll_free(tn)
        return self._facets.line(tn, quoted(tn), entry, mark, account, long_code=long_code)
