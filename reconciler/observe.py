"""Ask each carrier what is live, all accounts side by side, each by its own cheapest reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from reconciler.loop import Workers
from reconciler.model import NOTHING, Address, Kind, Memory, Observation, Quotes, Resource
from reconciler.pricebook import filled
from reconciler.providers.base import Market, Provider
from reconciler.settings import Prices
from reconciler.text import WebhookUrl, shows_no_path

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def wanted_by_account(
    scope: Iterable[Address], desired: Mapping[Address, Resource], memory: Memory
) -> dict[str, list[Resource]]:
    """Account -> what to read there: everything in scope that is declared or managed, with the keys we remember."""
    asked: dict[str, list[Resource]] = {}
    for address in sorted(scope):
        want, record = desired.get(address), memory.records.get(address)
        if want is None and record is None:
            continue
        provider = want.provider if want else record.provider if record else ""
        resource = want or Resource(address, provider, record.applied if record else {})
        if record is not None and record.provider == provider:
            resource = replace(resource, carrier=record.carrier)
        asked.setdefault(provider, []).append(resource)
    return asked


def observe(
    providers: Mapping[str, Provider], wanted: Mapping[str, Sequence[Resource]], workers: Workers
) -> dict[str, Observation]:
    """Account -> what it was seen to hold; accounts that are not configured are left out."""
    known = {account: resources for account, resources in wanted.items() if account in providers}
    return _side_by_side(known, lambda account, resources: providers[account].observe(resources), workers)


def discreet(
    seen: Mapping[str, Observation], desired: Mapping[Address, Resource], memory: Memory
) -> dict[str, Observation]:
    """``seen``, the paths hidden of those webhooks that come from the environment, or may have come from there once.

    Hidden is what is read where such a webhook is declared or on record, and one of them wherever else it is found.
    """
    urls = {a: w.attrs["url"] for a, w in desired.items() if a.kind is Kind.WEBHOOK and "url" in w.attrs}
    secret = frozenset(url for url in urls.values() if url.hidden)
    once = {a for a, r in memory.records.items() if a.kind is Kind.WEBHOOK and shows_no_path(str(r.applied.get("url")))}

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
    markets = {account: market for account, market in providers.items() if isinstance(market, Market)}
    known = {account: tns for account, tns in numbers.items() if account in markets}
    return _side_by_side(known, lambda account, tns: filled(prices, account, markets[account].quote(tns)), workers)


def _side_by_side(
    asked: Mapping[str, Asked], ask: Callable[[str, Asked], Answered], workers: Workers
) -> dict[str, Answered]:
    if not asked:
        return {}
    with workers(len(asked)) as pool:
        answers = {account: pool.submit(ask, account, what) for account, what in asked.items()}
        return {account: answer.result() for account, answer in answers.items()}
