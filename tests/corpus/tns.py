"""Keys under ``numbers`` that are no phone numbers, or not written as one must be: each as YAML has it.

A plain scalar that YAML would turn into another value (octal, base 60, a float) must be refused as it was written,
or named with the quoted form of what was meant; it must never become another number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.corpus import case
from tests.corpus.case import Case

_NOT_E164: Final = (
    ("octal", "0612345670"),
    ("octal-12", "0o612345670"),
    ("binary", "0b10110101101"),
    ("base-60", "190:20:30"),
    ("float", "17205550142.0"),
    ("exponent", "1.7205550142e10"),
    ("infinity", ".inf"),
    ("not-a-number", ".nan"),
    ("moment", "2026-01-31T12:00:00Z"),
    ("null", "~"),
    ("null-word", "null"),
    ("true", "true"),
    ("norway", "NO"),
    ("on", "on"),
    ("word", "support"),
    ("plus", "+"),
    ("two-pluses", "'++17205550142'"),
    ("zero-after-plus", "'+0612345678'"),
    ("sixteen-digits", "'+1234567890123456'"),
    ("six-digits", "'+123456'"),
    ("short-code", "12345"),
    ("letter-o", "'+1720555O142'"),
    ("letters", "'+1800FLOWERS'"),
    ("extension", "'+17205550142x12'"),
    ("uri", "'tel:+17205550142'"),
    ("two-numbers", "'+17205550142,+17205550143'"),
    ("wildcard", "'+1720*'"),
    ("newline-behind", '"+17205550142\\n"'),
    ("newline-before", '"\\n+17205550142"'),
    ("return-behind", '"+17205550142\\r"'),
    ("nul-behind", '"+17205550142\\0"'),
    ("nul-inside", '"+1720555\\00142"'),
    ("separator-behind", '"+17205550142\\L"'),
    ("escape-sequence", '"\\e[31m+17205550142"'),
    ("workflow-command", "'::error::+17205550142'"),
    ("full-width-plus", "'＋17205550142'"),
    ("small-plus", "'﹢17205550142'"),
    ("full-width-digits", "'+１７２０５５５０１４２'"),
    ("arabic-digits", "'+١٧٢٠٥٥٥٠١٤٢'"),
    ("devanagari-digits", "'+१७२०५५५०१४२'"),
    ("mathematical-digits", "'+𝟏𝟕𝟐𝟎𝟓𝟓𝟓𝟎𝟏𝟒𝟐'"),
    ("superscript-digit", "'+1720555014²'"),
    ("one-foreign-digit", "'+1720555014٢'"),
    ("right-to-left-mark", "'\u200f+17205550142'"),
    ("left-to-right-override", "'\u202d+17205550142\u202c'"),
    ("zero-width-space", "'+1720555\u200b0142'"),
    ("zero-width-joiner", "'+17205550142\u200d'"),
    ("word-joiner", "'\u2060+17205550142'"),
    ("soft-hyphen", "'+1720555\u00ad0142'"),
    ("no-break-space", "'+17205550142\u00a0'"),
    ("figure-dash", "'+1720‒555‒0142'"),
    ("combining-mark", "'+1\u03017205550142'"),
    ("very-long", f"'+1{'7' * 100}'"),
    ("emoji", "'+1️⃣7205550142'"),
    ("bare-digits", "17205550142"),
    ("national", "7205550142"),
    ("quoted-digits", "'17205550142'"),
    ("date", "2026-01-31"),
    ("minus", "-17205550142"),
    ("brackets", "'(720) 555-0142'"),
    ("dots", "720.555.0142"),
    ("space-before", "' +17205550142'"),
)
"""Name, and the key as it stands in the file: nobody can tell which number was meant."""

_MEANT: Final = (
    ("dialled", "'0044 7700 900123'", "+447700900123"),
    ("spaces", "'+1 720 555 0142'", "+17205550142"),
    ("space-behind", "'+17205550142 '", "+17205550142"),
)
"""Name, the key as it stands in the file, and the number that the message must propose."""

_NOT_NANP: Final = (
    ("area-code-0", "+10205550142"),
    ("area-code-1", "+11205550142"),
    ("exchange-0", "+17200550142"),
    ("exchange-1", "+17201550142"),
    ("exchange-n11", "+17209110142"),
    ("area-code-n11", "+14115550142"),
    ("nine-digits", "+1720555014"),
    ("eleven-digits", "+172055501421"),
)


def cases() -> Iterator[Case]:
    """A file for each key."""
    for name, key in _NOT_E164:
        yield _keyed(name, key, "is not an E.164 number: write + and 7 to 15 digits, in quotes")
    for name, key, meant in _MEANT:
        yield _keyed(name, key, f'is not an E.164 number: write "{meant}", in quotes')
    for name, key in _NOT_NANP:
        yield _keyed(name, f'"{key}"', "is not a North American number")
        yield _keyed(f"{name}-unquoted", key, "is not a North American number")


def _keyed(name: str, key: str, words: str) -> Case:
    """A configuration whose only number is written ``key``."""
    text = f"version: 1\nproviders:\n  ib: {{type: infobip}}\nnumbers:\n  {key}: {{provider: ib}}\n"
    return case.config(f"tn-{name}", text, ("5:3", words))
