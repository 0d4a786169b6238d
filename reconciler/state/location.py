"""Where the records are: the ``state:`` URL, taken apart without ever showing what is secret in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from reconciler.errors import UsageError
from reconciler.text import plain

_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
_FILE = "sqlite:///"
_HINT = "write `sqlite:///.tnctl/state.db`, or `postgresql://USER@HOST/DATABASE` for shared records"


@dataclass(frozen=True, slots=True)
class Location:
    """A checked state URL. ``path`` is the SQLite file, None on a server; ``shown`` is safe to print."""

    shown: str
    path: Path | None
    url: URL = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Location:
        """The location that ``text`` names; raises UsageError, which never repeats a secret."""
        if text.startswith(_FILE):
            return cls._file(text.removeprefix(_FILE))
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            raise UsageError("the state URL cannot be read", hint=_HINT) from None
        if url.drivername not in _POSTGRESQL:
            raise UsageError(f"records cannot be kept by {plain(url.drivername)!r} like this", hint=_HINT)
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
        shown = plain(f"postgresql://{host}/{url.database or ''}")
        return cls(shown=shown, path=None, url=url.set(drivername="postgresql+psycopg"))

    def redact(self, text: str) -> str:
        """``text`` of a driver, plain, without the passwords in the URL and its options."""
        options = self.url.normalized_query.items()
        secrets = [value for name, values in options if "password" in name for value in values]
        for secret in filter(None, (*secrets, self.url.password)):
            text = text.replace(secret, "***")
        return plain(text)
