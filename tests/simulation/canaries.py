"""Canaries: secrets that nothing may show, in any of the spellings in which text carries them.

Each holds a core of letters and digits that occurs nowhere else, so that a cut or half-masked secret is found as
well, between characters that URL-encoding, JSON and base64 each write differently.
"""

from __future__ import annotations

import json
import logging
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from types import TracebackType
from urllib.parse import quote, quote_plus

PLAIN = {
    "INTELEPEER_TOKEN": "tokenCanary8Wz3NkS6yB1c",
    "INUMBERING_API_KEY": "inumCanary5Hj9TgV2dF7u",
    "INFOBIP_API_KEY": "ibipCanary4Rm6XpJ8sK3w",
}
"""An environment whose credentials are canaries."""

HOOK_SECRET = "hookCanary7Qx2LmP9vR4t"
"""The secret in a webhook's query."""


class Cage:
    """Canaries in all their spellings. ``cores``: the part of a secret that no innocent text holds."""

    def __init__(self, secrets: Iterable[str], cores: Iterable[str] = ()) -> None:
        spelled = {form: secret for secret in (*secrets, *cores) for form in _spellings(secret)}
        self._forms = sorted(spelled.items())

    def escaped(self, data: bytes | str) -> list[str]:
        """The spellings that ``data`` shows."""
        shown = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        return [f"{form!r} of {secret!r}" for form, secret in self._forms if form in shown]


def _spellings(secret: str) -> Iterator[bytes]:
    """Raw (as UTF-8 and as headers carry it), URL-encoded, JSON-escaped, and base64 wherever it begins."""
    raw = secret.encode()
    yield from (raw, secret.encode("latin-1"))
    yield from (quote(secret, safe="").encode(), quote_plus(secret).encode())
    yield from (json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode())
    for before in range(3):
        # What stands before and after changes the first and last characters only.
        padded = b"\0" * before + raw
        yield from (encode(padded)[4:-4] for encode in (b64encode, urlsafe_b64encode))


class LogLines(logging.Handler):
    """Everything that the program logs, at every level, with its tracebacks, while this is entered."""

    def __init__(self, logger: str = "reconciler") -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._logger = logging.getLogger(logger)
        self._before = (self._logger.level, self._logger.propagate)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line as a log file would have it."""
        self.lines.append(self.format(record))

    def __enter__(self) -> LogLines:
        self._before = (self._logger.level, self._logger.propagate)
        self._logger.setLevel(logging.DEBUG)
        self._logger.propagate = False
        self._logger.addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._logger.removeHandler(self)
        level, self._logger.propagate = self._before
        self._logger.setLevel(level)
