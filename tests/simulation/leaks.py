"""Canaries: secrets that no record, plan, log line or exception may show, raw or in base64.

They hold letters and digits only, so that URL- and JSON-encoding leave them as they are.
"""

from __future__ import annotations

import logging
from base64 import b64encode

HOOK_SECRET = "hookCanary7Qx2LmP9vR4t"
ENVIRON = {
    "INTELEPEER_TOKEN": "tokenCanary8Wz3NkS6yB1c",
    "INUMBERING_API_KEY": "inumCanary5Hj9TgV2dF7u",
    "INFOBIP_API_KEY": "ibipCanary4Rm6XpJ8sK3w",
}
"""The environment of every run: its credentials are canaries."""


def _spellings(secret: bytes) -> list[bytes]:
    """``secret`` and the part of its base64 that is the same whatever stands around it, at each of three offsets."""
    shifted = (b64encode(b"\0" * n + secret) for n in range(3))
    return [secret, *(text[4:-4] for text in shifted)]


CANARIES = [spelling for secret in (HOOK_SECRET, *ENVIRON.values()) for spelling in _spellings(secret.encode())]


def leaked(data: bytes) -> bool:
    """Whether ``data`` shows a secret."""
    return any(canary in data for canary in CANARIES)


class LogLines(logging.Handler):
    """Everything that the program logs, at every level, with its tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line as a log file would have it."""
        self.lines.append(self.format(record))

    def __enter__(self) -> LogLines:
        logger = logging.getLogger("reconciler")
        self._before = (logger.level, logger.propagate)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logger = logging.getLogger("reconciler")
        logger.removeHandler(self)
        logger.setLevel(self._before[0])
        logger.propagate = self._before[1]
