"""Ask each carrier what is live, all accounts side by side, each by its own cheapest reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from reconciler.executor.scheduler import Workers
from reconciler.model import (
    NOTHING,
    Action,
    Address,
    Intent,
    Kind,
    Observation,
    Quotes,
    Record,
    Resource,
    StateSnapshot,
    Unread,
)
from reconciler.model.fleet import Prices
from reconciler.model.price_book import filled
from reconciler.model.safe_text import WebhookUrl, shows_no_path
from reconciler.providers.base import Market, Provider

MOST_ASKED_AGAIN = 100
"""Numbers of one account that are asked for one by one where a read misses them."""

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def wanted_by_account(
    scope: Iterable[Address], desired: Mapping[Address, Resource], state: StateSnapshot
) -> dict[str, list[Resource]]:
    """Account -> what to read there: everything in scope that is declared or managed, with the keys we remember.

    A number that is held at one account and declared at another is read at both; one that was given up and may go on
    costing, where its account is read at all.
    """
    asked: dict[str, list[Resource]] = {}
    within = set(scope)
    for address in sorted(within):
        want, record = desired.get(address), state.records.get(address)
        if want is not None:
            known = record.external if record and record.account == want.account else want.external
            asked.setdefault(want.account, []).append(replace(want, external=known))
        if record is not None and _is_held_elsewhere(record, want):
            asked.setdefault(record.account, []).append(_held(record))
    given_up = (r for r in state.records.values() if r.tombstone and r.address.kind is Kind.NUMBER)
    for record in given_up:
        if record.account in asked and record.address not in within:
            asked[record.account].append(_held(record))
    return asked


def _is_held_elsewhere(record: Record, want: Resource | None) -> bool:
    """Whether what the record says is to be read besides what is wanted."""
    return want is None or (record.address.kind is Kind.NUMBER and record.account != want.account)


def _held(record: Record) -> Resource:
    return Resource(record.address, record.account, record.applied, external=record.external)


def observe(
    providers: Mapping[str, Provider], wanted: Mapping[str, Sequence[Resource]], workers: Workers
) -> dict[str, Observation]:
    """Account -> what it was seen to hold; accounts that are not configured are left out."""
    known = {account: resources for account, resources in wanted.items() if account in providers}
    return _side_by_side(known, lambda account, resources: providers[account].observe(resources), workers)


def asked_again(
    providers: Mapping[str, Provider],
    seen: Mapping[str, Observation],
    missing: Mapping[str, Sequence[Record]],
    workers: Workers,
) -> dict[str, Observation]:
    """``seen``, and of what our records hold and an account does not show, each number asked for by itself.

    One read that misses a number does not prove it gone. Where a whole account shows nothing, or most of it is missing,
    the account is judged and not each of its numbers.
    """
    markets = _markets(providers, missing)
    known = {account: held for account, held in missing.items() if held and account in markets and account in seen}
    few = {account: held for account, held in known.items() if len(held) <= MOST_ASKED_AGAIN}
    answers = _side_by_side(few, lambda account, held: _looked_up(markets[account], seen[account], held), workers)
    many = {a: _too_many(seen[a], held) for a, held in known.items() if a not in few and seen[a].found}
    return {**seen, **answers, **many}


def _looked_up(market: Market, seen: Observation, held: Sequence[Record]) -> Observation:
    """``seen`` with what the account says of each of ``held``."""
    for record in held:
        one = market.find_owned(_sought(record))
        dates = [date for date in (seen.answered, one.answered) if date is not None]
        seen = replace(
            seen,
            found={**seen.found, **one.found},
            unresolved={**seen.unresolved, **one.unresolved},
            calls=seen.calls + one.calls,
            answered=min(dates) if len(dates) == 2 else None,
        )
    return seen


def _sought(record: Record) -> Intent:
    """A number as a market looks for it on its account."""
    moment = record.made_at or datetime.min.replace(tzinfo=UTC)
    return Intent(0, "", record.account, Action.CREATE, (record.address,), "", record.external, moment)


def _too_many(seen: Observation, held: Sequence[Record]) -> Observation:
    why = Unread(f"the account does not show {len(held)} numbers that our records hold: too many to ask for one by one")
    return replace(seen, unresolved={**seen.unresolved, **dict.fromkeys((r.address for r in held), why)})


def discreet(
    seen: Mapping[str, Observation], desired: Mapping[Address, Resource], state: StateSnapshot
) -> dict[str, Observation]:
    """``seen``, the paths hidden of those webhooks that come from the environment, or may have come from there once.

    Hidden is what is read where such a webhook is declared or on record, and one of them wherever else it is found.
    """
    urls = {a: w.attrs["url"] for a, w in desired.items() if a.kind is Kind.WEBHOOK and "url" in w.attrs}
    secret = frozenset(url for url in urls.values() if url.hidden)
    once = {a for a, r in state.records.items() if a.kind is Kind.WEBHOOK and shows_no_path(str(r.applied.get("url")))}

    def is_secret(address: Address, url: WebhookUrl) -> bool:
        return url in secret or address in once or (address in urls and urls[address].hidden)

    return {
        account: replace(one, found={a: _hidden(r) if _is(r, is_secret) else r for a, r in one.found.items()})
        for account, one in seen.items()
    }


def _is(live: Resource, secret: Callable[[Address, WebhookUrl], bool]) -> bool:
    url = live.attrs.get("url")
    return isinstance(url, WebhookUrl) and secret(live.address, url)


def _hidden(live: Resource) -> Resource:
    """``live`` with its URL hidden."""
    return replace(live, attrs={**live.attrs, "url": live.attrs["url"].hide()})


def quote(
    providers: Mapping[str, Provider],
    numbers: Mapping[str, Sequence[str]],
    workers: Workers,
    prices: Prices = NOTHING,
) -> dict[str, Quotes]:
    """Account -> which of these numbers it offers; accounts that sell none are left out.

    An offer without a price of the carrier's has the one of the price book ``prices``.
    """
    markets = _markets(providers, numbers)
    known = {account: numbers[account] for account in markets}
    return _side_by_side(known, lambda account, tns: filled(prices, account, markets[account].quote(tns)), workers)


def _markets(providers: Mapping[str, Provider], accounts: Iterable[str]) -> dict[str, Market]:
    """Those of ``accounts`` that sell numbers."""
    found: dict[str, Market] = {}
    for account in accounts:
        seller = providers.get(account)
        if isinstance(seller, Market):
            found[account] = seller
    return found


def _side_by_side(
    asked: Mapping[str, Asked], ask: Callable[[str, Asked], Answered], workers: Workers
) -> dict[str, Answered]:
    if not asked:
        return {}
    with workers(len(asked)) as pool:
        answers = {account: pool.submit(ask, account, what) for account, what in asked.items()}
        return {account: answer.result() for account, answer in answers.items()}
