"""What the carriers charge for the purchases of one run, held to the plan and to the limits. Pure.

The limits are checked before anything is sent, by what the carriers ask. What one of them then says that it has charged
cannot be undone: it is said, a person is needed, and nothing more is bought in that run, since what is asked there, or
what the run has spent, is not known any more.

===================================  =====================================
the answer to a purchase says        follows
===================================  =====================================
no price                             it costs what was planned
the planned price, or less           it costs that
more than planned, another currency  it costs that; a person; no more purchases
more than a limit, in all            likewise
what cannot be read                  its cost is unknown; likewise
===================================  =====================================
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.model import Address, Intent, Price, money, slots
from reconciler.model.fleet import Pool, Safety
from reconciler.pools.choose import affordable


@dataclass
class Spending:
    """The purchases of one run. ``excess`` is the first charge that was too much, empty while there is none."""

    safety: Safety = field(default_factory=Safety)
    pools: tuple[Pool, ...] = ()
    excess: str = ""
    _charged: dict[Address, Price] = field(default_factory=dict)
    _judged: dict[tuple[int, Price | None], tuple[Price | None, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def charge(self, intent: Intent, told: Price | None, *, earlier: bool = False) -> tuple[Price | None, str]:
        """What a purchase cost by what the carrier says of it, and what is wrong with that, empty when nothing is.

        ``earlier``: another run has sent it, and its limits held for that run's sum. Workers may call it: what is too
        much must be known before another purchase leaves. What was judged once stays so.
        """
        with self._lock:
            if (intent.id, told) not in self._judged:
                self._judged[intent.id, told] = self._judge(intent, told, earlier=earlier)
            return self._judged[intent.id, told]

    def refusal(self) -> str:
        """Why no further purchase may leave; empty while it may."""
        return f"not sent: nothing more is bought in this run after {self.excess}" if self.excess else ""

    def too_dear_for_pool(self, intent: Intent, price: Price | None) -> str:
        """That the pool which the number is for does not allow that price; empty where it does, or there is none."""
        pool = self._pool(intent)
        allowed = pool is None or affordable(price, pool, unknown_prices=True)
        return "" if allowed or pool is None else f"pool {pool.name} does not allow that"

    def _judge(self, intent: Intent, told: Price | None, *, earlier: bool) -> tuple[Price | None, str]:
        spent, message = money.charged(intent.price, told)
        if told is None or spent is None:
            return spent, message
        others = {} if earlier else self._charged
        message = "; ".join(filter(None, (message, *self._over(intent, spent, others))))
        if not earlier:
            self._charged[intent.address] = spent
        if message and not self.excess:
            self.excess = f"{intent.address}: {message}"
        return spent, message

    def _over(self, intent: Intent, spent: Price, others: Mapping[Address, Price]) -> Iterator[str]:
        """The limits that ``spent`` breaks, alone or with what the run has bought besides."""
        if spent.unreadable:
            return
        so_far = money.totals(price for address, price in others.items() if address != intent.address)
        total = so_far.get(spent.currency, money.Total()).plus(spent)
        for kind, limits, amount, own in (
            ("monthly", self.safety.max_monthly, total.dearest_month, spent.dearest_month),
            ("setup", self.safety.max_setup, total.setup, spent.setup),
        ):
            if own and limits is not None:
                yield from _broken(kind, spent.currency, amount, limits)
        if refusal := self.too_dear_for_pool(intent, spent):
            yield refusal

    def _pool(self, intent: Intent) -> Pool | None:
        name = slots.split(intent.slot)[0] if intent.slot else None
        return next((pool for pool in self.pools if pool.name == name), None)


def _broken(kind: str, currency: str, amount: Decimal, limits: Mapping[str, Decimal]) -> Iterator[str]:
    """That the purchases so far are over a limit, or in a currency that it does not name."""
    if currency not in limits:
        yield f"safety.max_{kind} does not name {currency}"
    elif amount > limits[currency]:
        adds, most = money.apart(amount, limits[currency], currency)
        yield f"that makes {adds} {currency} {kind} in this run, and safety.max_{kind} allows {most}"
