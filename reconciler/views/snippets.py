"""Numbers on offer as YAML to paste under ``numbers:``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from reconciler.model import Offer
from reconciler.model.safe_text import plain
from reconciler.views import phrases

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_TAKEN_FOR_OTHERS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_PLACE = ("rateCenter", "province", "country")
"""Fields of a carrier's row that say where a number is."""
_LONGEST_REMARK = 80


def numbers(offers: Sequence[Offer], account: str) -> str:
    """A ``numbers:`` section with one line an offer; its place and price are a comment."""
    if not offers:
        return "numbers: {}\n"
    lines = {offer.tn: f'  "{offer.tn}": {{provider: {_scalar(account)}}}{_remark(offer)}' for offer in offers}
    return "\n".join(["numbers:", *lines.values()]) + "\n"


def _scalar(name: str) -> str:
    """An account's name, in quotes where YAML would read something else."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in _TAKEN_FOR_OTHERS else json.dumps(name)


def _remark(offer: Offer) -> str:
    place = " ".join(plain(offer.row[field]) for field in _PLACE if isinstance(offer.row.get(field), str))
    price = phrases.estimate(offer.price) if offer.price else ""
    remark = plain(", ".join(filter(None, (place, price))), _LONGEST_REMARK)
    return f" # {remark}" if remark else ""
