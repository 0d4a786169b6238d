"""Where the records are: the ``state:`` URL, taken apart without ever showing what is secret in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from reconciler.errors import UsageError
from reconciler.model.safe_text import plain, without_logins

_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
_FILE = "sqlite:///"
_HINT = "write `sqlite:///.tnctl/state.db`, or `postgresql://USER@HOST/DATABASE` for shared records"
_SCHEMA = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_EMPTY_SCHEMA = re.compile(r"[?&]schema=?(&|$)")
_OURS = "tnctl_shared"
"""The schema of what all records of one database share: nobody's own."""
_ENCODE = "percent-encode it in the user name and password: @ as %40, / as %2F, ? as %3F, : as %3A, % as %25"


@dataclass(frozen=True, slots=True)
class Location:
    """A checked state URL. ``path`` is the SQLite file, None on a server; ``shown`` is safe to print.

    ``schema`` is the one that ``?schema=NAME`` chooses in a PostgreSQL database, each with records of its own.
    """

    shown: str
    path: Path | None
    url: URL = field(repr=False)
    schema: str | None = None

    @classmethod
    def parse(cls, text: str) -> Location:
        """The location that ``text`` names; raises UsageError, which never repeats a secret."""
        if text != text.strip() or not text.isprintable():
            message = "the state URL begins or ends with a blank, or holds a control character"
            raise UsageError(message, hint="look for a line feed at the end of the variable or secret that it is from")
        if text.startswith(_FILE):
            return cls._file(text.removeprefix(_FILE))
        try:
            url = make_url(_with_encoded_login(text))
        except (ArgumentError, ValueError):
            raise UsageError("the state URL cannot be read", hint=f"{_HINT}; {_ENCODE}") from None
        if "@" in text and url.username is None:
            raise _ambiguous()
        if url.drivername not in _POSTGRESQL:
            raise UsageError(f"records cannot be kept by {plain(url.drivername)!r} like this", hint=_HINT)
        if _EMPTY_SCHEMA.search(text):
            raise _no_schema()  # the parser drops it, and the default schema has other records
        return cls._server(url)

    @classmethod
    def _file(cls, path: str) -> Location:
        """An SQLite file. The path is taken as it is written, and is relative to the working directory."""
        if not path or path.startswith((":memory:", "file:")) or "?" in path or "\0" in path:
            raise UsageError("an SQLite state URL is a path and nothing else", hint=_HINT)
        return cls(shown=plain(f"{_FILE}{path}"), path=Path(path), url=URL.create("sqlite"))

    @classmethod
    def _server(cls, url: URL) -> Location:
        """A PostgreSQL database, spoken to through psycopg 3."""
        host = f"{url.host or ''}:{url.port}" if url.port else url.host or ""
        schema = _schema(url)
        shown = plain(f"postgresql://{host}/{url.database or ''}") + (f"?schema={schema}" if schema else "")
        spoken_to = url.set(drivername="postgresql+psycopg").difference_update_query(["schema"])
        return cls(shown=shown, path=None, url=spoken_to, schema=schema)

    def redact(self, text: str) -> str:
        """``text`` of a driver, plain, without the passwords in the URL, its options and the driver's own variable."""
        hidden = {form for secret in self._secrets() for form in _forms(secret)}
        for form in sorted(hidden, key=len, reverse=True):
            text = text.replace(form, "***")
        return plain(without_logins(text))

    def _secrets(self) -> Iterator[str]:
        """Everything that the driver may know and nobody else."""
        for name, values in self.url.normalized_query.items():
            yield from values if "pass" in name.lower() else ()
        yield from filter(None, (self.url.password, os.environ.get("PGPASSWORD")))


def _with_encoded_login(text: str) -> str:
    """``text`` with the ``@`` of its user name and password encoded: the last one stands before the host.

    Raises UsageError where a later one may as well belong to the database's name or to an option.
    """
    scheme, separator, rest = text.partition("://")
    login, at, place = rest.rpartition("@")
    if not {"/", "?"}.isdisjoint(login.partition("@")[2]):
        raise _ambiguous()
    return f"{scheme}{separator}{login.replace('@', '%40')}{at}{place}"


def _schema(url: URL) -> str | None:
    """The schema that ``url`` names, if it names one; raises UsageError for what is no name of one."""
    named = url.normalized_query.get("schema")
    if named is None:
        return None
    if len(named) != 1 or not _SCHEMA.fullmatch(named[0]) or named[0] in {_OURS, "information_schema"}:
        raise _no_schema()
    return named[0]


def _no_schema() -> UsageError:
    return UsageError(
        "the state URL names no schema that records can be kept in",
        hint="write one `?schema=NAME`: small letters, digits and underscores, at most 63, beginning with a letter or "
        f"underscore, and neither pg_… nor {_OURS}",
    )


def _ambiguous() -> UsageError:
    return UsageError("the state URL has an @ that can be read in two ways", hint=_ENCODE)


def _forms(secret: str) -> set[str]:
    """``secret`` as it is and as a URL writes it."""
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
