"""Prices for carriers that quote none: the ``prices:`` of the configuration, by account, country and type. Pure.

What the carrier says always wins. Where the book has no line either, the price stays unknown, which is not zero.
A price of the book carries the day it was true (:attr:`~reconciler.model.Price.as_of`), and is an estimate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from reconciler.model import Offer, Price, Quotes, Resource, phone
from reconciler.model.calling_codes import country
from reconciler.model.fleet import Prices

LOCAL: Final = "local"
TOLL_FREE: Final = "toll_free"


def price_of(prices: Prices, account: str, tn: str) -> Price | None:
    """What the book says that ``tn`` costs at ``account``; None when it has no line for such numbers."""
    if not prices:
        return None
    kind = TOLL_FREE if phone.is_toll_free(tn) else LOCAL
    return prices.get((account, country(tn) or "", kind))


def priced(prices: Prices, account: str, offers: Iterable[Offer]) -> list[Offer]:
    """``offers``, those that the carrier put no price on with the price of the book."""
    return [_priced(prices, account, offer) for offer in offers]


def with_prices(prices: Prices, account: str, owned: Iterable[Resource]) -> list[Resource]:
    """Numbers that ``account`` owns, those that the carrier put no price on with the price of the book."""
    return [replace(number, price=number.price or price_of(prices, account, number.address.name)) for number in owned]


def filled(prices: Prices, account: str, quotes: Quotes) -> Quotes:
    """``quotes``, those that the carrier put no price on with the price of the book."""
    return replace(quotes, offered={tn: _priced(prices, account, offer) for tn, offer in quotes.offered.items()})


def _priced(prices: Prices, account: str, offer: Offer) -> Offer:
    return offer if offer.price else replace(offer, price=price_of(prices, account, offer.tn))
