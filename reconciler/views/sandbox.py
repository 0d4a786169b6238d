"""What the built-in carriers can be made to do: their switches, the faults before a client, and their calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.views import phrases
from reconciler.views.tables import Table

Rows = Sequence[Mapping[str, Any]]


def tables(what: Mapping[str, Rows]) -> list[Table]:
    """The switches of each account type, the faults, and the calls that a fault may name."""
    types = dict.fromkeys(row["type"] for row in what["switches"])
    by_type = [_switches(type_, [row for row in what["switches"] if row["type"] == type_]) for type_ in types]
    return [*by_type, _faults(what["faults"]), _calls(what["calls"])]


def summary(what: Mapping[str, Rows]) -> str:
    """The closing sentence."""
    switches, faults = len(what["switches"]), phrases.count(len(what["faults"]), "fault")
    return f"{switches} switches, {faults}. Turn and plant them with `tnctl sandbox serve --switch … --fault …`."


def _switches(type_: str, rows: Rows) -> Table:
    cells = tuple((row["switch"], _setting(row["default"]), f"{row['about']} [{_settings(row)}]") for row in rows)
    return Table(("switch", "default", "decides [settings]"), cells, title=f"Switches of {type_}")


def _settings(row: Mapping[str, Any]) -> str:
    shown = " | ".join(map(_setting, row["settings"]))
    return f"{shown} | any other" if row["any_number"] else shown


def _setting(value: object) -> str:
    if value == "":
        return "(none)"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _faults(rows: Rows) -> Table:
    cells = tuple((row["fault"], " or ".join(row["when"]), row["about"]) for row in rows)
    return Table(("fault", "when", "the client experiences"), cells, title="Faults")


def _calls(rows: Rows) -> Table:
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        grouped.setdefault((row["type"], "write" if row["writes"] else "read"), []).append(row["call"])
    cells = tuple((type_, kind, ", ".join(calls)) for (type_, kind), calls in grouped.items())
    return Table(("account type", "kind", "calls"), cells, title="Calls that a fault may name, besides read and write")
