"""Values of the right type that are not of the right form: words for booleans, ids, names, URLs, durations, money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tests.corpus import case
from tests.corpus.case import CANARY, Case
from tests.corpus.full import replaced
from tests.corpus.sheet import Path, Raw, write

_BOOLEANS: Final[tuple[Path, ...]] = (
    ("numbers", "+17205550142", "sms"),
    ("numbers", "+17205550143", "sms", "enabled"),
    ("numbers", "+12015550123", "protect"),
    ("providers", "vt", "account_api"),
)
_NO_BOOLEANS: Final = ("NO", "no", "on", "Off", "yes", "y", "'true'", '"false"', "tRUE", "1", "0", "0x1", "2026-01-31")
"""As written: what other readers of YAML take for true or false, and what looks like it."""

_BRAND: Final = ("brands", "acme")
_CAMPAIGN: Final = ("campaigns", "alerts")
_ROUTED: Final = ("numbers", "+12015550123")
_IP: Final = ("providers", "ip")
_VT: Final = ("providers", "vt")
_IB_USER: Final = ("providers", "ib", "credentials", "username")
_SAFETY: Final = ("safety",)
_FORM = "is not of the right form"
_KIND = "must not be"

_BAD: Final[tuple[tuple[Path, Any, str], ...]] = (
    (("version",), 2, "has no such setting"),
    (("version",), Raw("01"), _KIND),
    (("version",), Raw("1.0"), _KIND),
    (("version",), "1", _KIND),
    ((*_BRAND, "id"), "ACME", _FORM),
    ((*_BRAND, "id"), "BACME01\n", _FORM),
    ((*_BRAND, "id"), "B٣٤٥", _FORM),
    ((*_BRAND, "id"), Raw("012345"), _FORM),
    ((*_BRAND, "name"), "", _FORM),
    ((*_BRAND, "name"), "two\nlines", _FORM),
    ((*_BRAND, "name"), "\u001b[31mred", _FORM),
    ((*_BRAND, "name"), "x" * 501, _FORM),
    ((*_BRAND, "name"), Raw("true"), _KIND),
    ((*_CAMPAIGN, "id"), "CACME0", _FORM),
    ((*_CAMPAIGN, "id"), "CACME012", _FORM),
    ((*_CAMPAIGN, "id"), "CACME01\n", _FORM),
    ((*_CAMPAIGN, "id"), "СACME01", _FORM),
    ((*_CAMPAIGN, "description"), Raw("2026"), _KIND),
    ((*_CAMPAIGN, "brand"), "nobody", "is not declared under `brands`"),
    ((*_CAMPAIGN, "brand"), "Acme", "did you mean `acme`?"),
    ((*_ROUTED, "provider"), "nobody", "is not declared under `providers`"),
    ((*_ROUTED, "provider"), "", "is not declared under `providers`"),
    ((*_ROUTED, "campaign"), "alert", "did you mean `alerts`?"),
    ((*_ROUTED, "route"), -1, _FORM),
    ((*_ROUTED, "route"), 10**9, _FORM),
    ((*_ROUTED, "route"), Raw("4.0"), _KIND),
    ((*_ROUTED, "route"), Raw("04"), _KIND),
    ((*_ROUTED, "route"), Raw("0x4"), _KIND),
    ((*_ROUTED, "route"), Raw("4_000"), _KIND),
    ((*_ROUTED, "route"), Raw("9" * 5000), _KIND),
    ((*_ROUTED, "route"), Raw("+4"), _KIND),
    ((*_ROUTED, "route"), Raw("1e3"), _KIND),
    ((*_ROUTED, "route"), Raw("١٢"), _KIND),
    ((*_ROUTED, "labels", "team"), "", _FORM),
    ((*_ROUTED, "labels", "team"), "a\u2028b", _FORM),
    ((*_ROUTED, "labels", "team"), Raw("NULL"), _KIND),
    ((*_VT, "settle_after"), "15", _FORM),
    ((*_VT, "settle_after"), "15 m", _FORM),
    ((*_VT, "settle_after"), "-15m", _FORM),
    ((*_VT, "settle_after"), "1.5h", _FORM),
    ((*_VT, "settle_after"), "1h30m", _FORM),
    ((*_VT, "settle_after"), "١٥m", _FORM),
    ((*_VT, "settle_after"), "15m\n", _FORM),
    ((*_VT, "settle_after"), "9999999d", _FORM),
    ((*_VT, "settle_after"), Raw("15:00"), _FORM),
    ((*_VT, "settle_after"), 900, _KIND),
    ((*_VT, "on_ambiguous"), "stopp", "did you mean `stop`?"),
    ((*_VT, "type"), "infobib", "did you mean `infobip`?"),
    (("providers", "ib", "api_path"), "/sms/1/numbers/", "did you mean `/sms/1/numbers`?"),
    ((*_IP, "credentials", "token", "env"), "NOT A NAME", _FORM),
    ((*_IP, "credentials", "token", "env"), "$TOKEN", _FORM),
    ((*_IP, "credentials", "token", "env"), "1TOKEN", _FORM),
    ((*_IP, "credentials", "token", "env"), "TÖKEN", _FORM),
    ((*_IP, "credentials", "token", "env"), "TOKEN\n", _FORM),
    ((*_IP, "credentials", "token", "env"), "TOKEN=CANARY", _FORM),
    ((*_IP, "credentials", "token", "env"), "X" * 129, _FORM),
    ((*_IB_USER, "file"), "a\u0000b", _FORM),
    ((*_IB_USER, "file"), "", _FORM),
    ((*_VT, "credentials", "api_key", "command"), [], _FORM),
    ((*_IP, "limits", "requests_per_second"), 0, _FORM),
    ((*_IP, "limits", "requests_per_second"), -1, _FORM),
    ((*_IP, "limits", "requests_per_second"), 100001, _FORM),
    ((*_IP, "limits", "requests_per_second"), Raw(".inf"), _KIND),
    ((*_IP, "limits", "requests_per_second"), Raw(".nan"), _KIND),
    ((*_IP, "limits", "requests_per_second"), Raw("1e9"), _KIND),
    ((*_IP, "limits", "max_in_flight"), 0, _FORM),
    ((*_IP, "limits", "max_in_flight"), 1001, _FORM),
    ((*_SAFETY, "max_purchases"), -1, _FORM),
    ((*_SAFETY, "max_purchases"), 1000001, _FORM),
    ((*_SAFETY, "max_releases"), Raw("1.0"), _KIND),
    ((*_SAFETY, "max_deletes", "percent"), 101, _FORM),
    ((*_SAFETY, "max_deletes", "percent"), "10%", _KIND),
    ((*_SAFETY, "unknown_prices"), "refused", "did you mean `refuse`?"),
    ((*_SAFETY, "max_monthly", "EUR"), "-1.00", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "1,00", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "1.00000", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "1e3", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "NaN", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "Infinity", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "€1", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "١٠.٠٠", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "1.00\n", _FORM),
    ((*_SAFETY, "max_monthly", "EUR"), "9" * 10, _FORM),
    ((*_SAFETY, "max_setup", "EUR"), Raw("1.10"), _KIND),
    ((*_SAFETY, "max_setup", "EUR"), Raw("1:30"), _FORM),
    (("fleet",), "", _FORM),
    (("fleet",), "my fleet", _FORM),
    (("fleet",), "x" * 64, _FORM),
    (("state",), "", _FORM),
    (("state",), "sqlite:///" + "x" * 2048, _FORM),
    (("state",), "sqlite://state.db", "names no file"),
    (("state",), "mysql://db/tnctl", "is of no kind"),
    (("state",), "postgresql://me:CANARY@db/tnctl", "must not hold a password"),
    (("state",), "postgresql://db/tnctl?password=CANARY", "must not hold a password"),
    (("state",), "postgresql://[::1/CANARY", "is not a URL"),
    (("state",), "sqlite:///a\nb", "holds a control character"),
    (("state",), {"env": "NOT_SET"}, "is not set"),
    (("state", "env"), "", _FORM),
    (("numbers", "+17205550143", "webhook"), {"env": "NOT_SET"}, "is not set"),
)

_BAD_URLS: Final = (
    ("", _FORM),
    ("CANARY", "is not a URL with a host"),
    ("hooks.example.com/CANARY", "is not a URL with a host"),
    ("http://hooks.example.com/CANARY", "must be https"),
    ("http://127.0.0.1.example.com/CANARY", "must be https"),
    ("http://localhost.example.com/", "must be https"),
    ("http://0x7f000001/", "must be https"),
    ("ftp://hooks.example.com/CANARY", "is not a URL with a host"),
    ("file:///etc/CANARY", "is not a URL with a host"),
    ("javascript:alert(CANARY)", "is not a URL with a host"),
    ("//hooks.example.com/CANARY", "is not a URL with a host"),
    ("https:///CANARY", "is not a URL with a host"),
    ("https://hooks.example.com:99999/CANARY", "is not a URL"),
    ("https://hooks.example.com:port/CANARY", "is not a URL"),
    ("https://[::1/CANARY", "is not a URL"),
    ("https://hooks.example.com/a#CANARY", "must not hold a fragment"),
    ("https://hooks.example.com/a b", "percent-encode it"),
    ("https://hooks.example.com\\@evil.example/CANARY", "percent-encode it"),
    ("https://hooks.example.com/\r\nX-Key: CANARY", "percent-encode it"),
    ("https://hooks.example.com/\u202eCANARY", "percent-encode it"),
    ("https://hööks.example.com/CANARY", "is not a URL with a host"),
    ("https://hooks..example/%zz" + "x" * 2048, "is longer than 2048 characters"),
)

_BAD_NAMES: Final = ("", "-a", ".", "a b", "a/b", "ä", "a\n", "x" * 64, "::error::", "\u202ea", "a\u0000")
"""What cannot name an account, a brand, a campaign or a label."""


def cases() -> Iterator[Case]:
    """All of them."""
    for path in _BOOLEANS:
        for word in _NO_BOOLEANS:
            yield _valued(path, Raw(word), _KIND)
    for path, value, words in _BAD:
        yield _valued(path, value, words)
    for url, words in _BAD_URLS:
        yield _valued(("numbers", "+17205550142", "webhook"), url, words)
        yield _valued((*_IP, "base_url"), url, words)
    yield _valued((*_IP, "base_url"), f"https://me:{CANARY}@api.example.com", "must not hold a user name")
    yield _valued((*_IP, "base_url"), f"https://api.example.com/?key={CANARY}", "must not hold a query")
    for owner in (("providers",), ("brands",), ("campaigns",), (*_ROUTED, "labels")):
        for name in _BAD_NAMES:
            yield _named(owner, name)
    for currency in ("eur", "EURO", "E", "€", "EU\n"):
        yield _keyed((*_SAFETY, "max_setup", currency), "1.00", "cannot be a key")


def _valued(path: Path, value: Any, words: str) -> Case:
    """The value at ``path`` is told at its own place."""
    sheet = write(replaced(path, value))
    shown = "/".join(map(str, path))
    return case.config(f"form:{shown}={value!r:.40}", sheet.text, (sheet.values[path], words))


def _named(owner: Path, name: str) -> Case:
    """An entry of ``owner`` whose name cannot be one; an empty key is refused by the loader already."""
    values = {"providers": {"type": "infobip"}, "labels": "x"}
    entry = values.get(str(owner[-1]), {"provider": "vt", "brand": "acme", "id": "CACME02", "description": "x"})
    if owner == ("brands",):
        entry = {"provider": "vt", "id": "BACME02", "name": "x", "description": "x"}
    return _keyed((*owner, name), entry, "cannot be a key" if name else "a key is empty")


def _keyed(path: Path, value: Any, words: str) -> Case:
    """The key at the end of ``path`` is told at its own place."""
    sheet = write(replaced(path, value))
    shown = "/".join(map(repr, path))
    return case.config(f"key:{shown:.80}", sheet.text, (sheet.keys[path], words))
