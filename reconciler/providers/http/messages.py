"""A request and its answer, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from reconciler.model import NOTHING


class Tn(str):
    """A telephone number in E.164 as a segment of a path: its leading plus stands there as it is, ``/+17205550142/``,
    as the carriers' documents write it. In a query it is ``%2B`` like any other."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request. ``name`` is the carrier's operation (``tnOrder``): it picks the rate budget and stands in logs.

    ``path`` are segments, each percent-encoded with nothing safe but the leading plus of a :class:`Tn`;
    ``trailing_slash`` ends the path with one.
    A parameter of ``query`` with several values is repeated.
    ``secrets`` are parts of the body that no word of the answer may repeat; credentials, and the user information and
    query of its URLs, are such by themselves.
    ``writes`` says whether it can change anything, whatever the method: a reading command's transport refuses it.
    """

    name: str
    method: str
    path: tuple[str, ...]
    query: Mapping[str, str | Sequence[str]] = NOTHING
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    writes: bool = False
    trailing_slash: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


class NetworkFault(StrEnum):
    """Why there is no whole answer."""

    NOT_SENT = "not sent"
    """No byte of the request left: DNS, refused, connect time-out, a certificate that does not verify."""
    CUT = "cut"
    """The request may have arrived: reset, time-out, deadline, a body cut short, too large or undecodable."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    ``status`` is None when no status line came. ``json`` is the parsed body, numbers as ``Decimal`` or int;
    ``is_json`` tells an empty or unparsable body from a JSON ``null``. ``message`` is a short plain text of what went
    wrong or what the body says. ``date`` is the carrier's clock. ``retry_after`` is in seconds, 0 to 120.
    ``refreshed``: a 401, after which the credential was read anew, so that the same call is worth one more try.
    """

    status: int | None
    json: Any = field(default=None, repr=False)
    is_json: bool = False
    empty: bool = True
    message: str = ""
    date: datetime | None = None
    retry_after: float | None = None
    fault: NetworkFault | None = None
    refreshed: bool = False

    @property
    def ok(self) -> bool:
        """A whole answer with a 2xx status; 206 is a part, which nobody has asked for."""
        return self.fault is None and self.status is not None and 200 <= self.status < 300 and self.status != 206


@dataclass(frozen=True, slots=True, repr=False)
class Auth:
    """What proves who we are: headers, and fields merged into a JSON body."""

    headers: Mapping[str, str] = NOTHING
    body: Mapping[str, str] = NOTHING


Authorize = Callable[[bool], Auth]
"""``authorize(refresh)``: the credentials; with ``refresh`` a file or command is read again. Raises CredentialError."""
