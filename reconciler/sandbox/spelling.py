"""How a list writes a number that it does not write as plain digits; only some numbers are written oddly."""

from __future__ import annotations

from typing import Any

MANNERS = ("plain", "integer", "dashes", "blanks", "float", "null", "missing", "full-width", "arabic")
"""The first two can be read; of the others the documents say nothing."""

ABOUT = "how the lists write the numbers that end in 5"

_OTHER_DIGITS = {
    "full-width": str.maketrans("0123456789", "０１２３４５６７８９"),
    "arabic": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
}


def write(row: dict[str, Any], field: str, manner: str) -> dict[str, Any]:
    """``row`` with the digits under ``field`` as ``manner`` writes them."""
    digits = str(row[field])
    if manner == "plain" or not digits.endswith("5"):
        return row
    if manner == "missing":
        return {name: value for name, value in row.items() if name != field}
    return {**row, field: spelled(digits, manner)}


def spelled(digits: str, manner: str) -> Any:
    """The digits in another form."""
    if manner in ("dashes", "blanks"):
        mark = "-" if manner == "dashes" else " "
        return mark.join((digits[:-7], digits[-7:-4], digits[-4:]))
    if manner in _OTHER_DIGITS:
        return digits.translate(_OTHER_DIGITS[manner])
    return {"integer": int(digits), "float": float(digits), "null": None, "missing": None}.get(manner, digits)
