"""``prices:`` to a price book: what numbers cost at the carriers that do not tell it themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from reconciler.config.messaging import Accounts
from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.config.references import Carriers, listed, refer
from reconciler.model import Mark, Price
from reconciler.model.calling_codes import calling_codes, not_a_country
from reconciler.model.fleet import Account
from reconciler.model.price_book import LOCAL, TOLL_FREE
from reconciler.model.suggestions import quoted

_NANP: Final = "US"
"""The country under which all of +1 is looked up."""

Key = tuple[str, str, str]


def prices(section: Node | None, accounts: Accounts, carriers: Carriers, problems: Problems) -> Mapping[Key, Price]:
    """The price book by account, country and type; each line once."""
    book: dict[Key, Price] = {}
    first: dict[Key, Mark] = {}
    for line in _lines(section):
        account = refer(line, "provider", "providers", accounts, problems)
        price = _price(line, problems)
        if account is None or price is None or not _possible(line, account, carriers, problems):
            continue
        key = (account.name, str(line.text_at("country")), line.text_at("type") or LOCAL)
        earlier = first.setdefault(key, line.mark)
        if earlier != line.mark:
            message = f"{account.name} has a price for {key[1]} {key[2]} at {earlier} already: keep one"
            problems.add(line.mark, message)
        book.setdefault(key, price)
    return book


def _lines(section: Node | None) -> list[Node]:
    """The sound lines of the book."""
    lines = section.value if section is not None and isinstance(section.value, list) else []
    return [line for line in lines if line.sound]


def _price(line: Node, problems: Problems) -> Price | None:
    """What one line says; None when a part of it is missing or unsound, which was told already."""
    monthly, currency, day = (line.text_at(key) for key in ("monthly", "currency", "as_of"))
    if monthly is None or currency is None or day is None:
        return None
    try:
        as_of = date.fromisoformat(day)
    except ValueError:
        problems.add(line.members["as_of"].mark, f"{quoted(day)} is no day of the calendar: write YYYY-MM-DD")
        return None
    return Price(currency, Decimal(line.text_at("setup") or "0.00"), Decimal(monthly), as_of=as_of)


def _possible(line: Node, account: Account, carriers: Carriers, problems: Problems) -> bool:
    """Whether the account can have such numbers at all."""
    wrong = _wrong_account(account, carriers) or _wrong_country(line, account)
    if wrong is None:
        return True
    key, message = wrong
    problems.add(line.members[key].mark, message)
    return False


def _wrong_account(account: Account, carriers: Carriers) -> tuple[str, str] | None:
    if account.spec.sells:
        return None
    sellers = listed(spec for spec in carriers.values() if spec.sells)
    return "provider", f"an account of type {account.type} sells no numbers: only {sellers} accounts do"


def _wrong_country(line: Node, account: Account) -> tuple[str, str] | None:
    """The key at fault and why, when ``country`` is written soundly and no number could have that price."""
    country = line.text_at("country")
    if country is None or country == _NANP:
        return None
    has_code = country in calling_codes().values()
    if not has_code and (wrong := not_a_country(country)):
        return "country", wrong
    if not has_code:
        message = f"{quoted(country)} stands for no calling code: write the largest country that has it"
        return "country", f"{message}, {_NANP} for all of +1"
    if account.spec.north_american:
        return "country", f"{account.type} has North American numbers only: write {_NANP}"
    if line.text_at("type") == TOLL_FREE:
        return "type", f"toll-free numbers are told apart in {_NANP} only: remove `type`"
    return None
