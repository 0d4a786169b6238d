"""Bugs in reading and sending: what is taken for the whole, what is tried again, and where a request really goes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import requests

from reconciler.model import NOTHING, Action, Address, Change, Kind, Observation, Quotes
from reconciler.planning import drift, numbers
from reconciler.planning.compare import World
from reconciler.planning.snapshot import Item, Judgement
from reconciler.providers.base import Leave, freely
from reconciler.providers.http import exchange, request, retry_after
from reconciler.providers.http.messages import Answer, ApiCall
from reconciler.providers.http.transport import Transport
from reconciler.providers.infobip.paging import Listing
from reconciler.workflows import look
from reconciler.workflows.observe import observe, quote
from tests.mutants import checks
from tests.mutants.checking import reused
from tests.mutants.planting import planted, swapped
from tests.planning import test_drift
from tests.workflows import test_safety


@planted(checks.a_number_that_left_the_account_is_never_bought_again_by_itself)
def recorded_number_bought_again_when_absent() -> AbstractContextManager[None]:
    """A number that the records hold and one list does not show is planned as a purchase."""

    def readable(item: Item) -> Judgement:
        return numbers._present(item, item.live) if item.live is not None else numbers._for_sale(item)

    def wants_quote(item: Item) -> bool:
        return item.address.kind is Kind.NUMBER and item.want is not None and item.live is None

    def to_quote(world: World) -> dict[str, list[str]]:
        wanted: dict[str, list[str]] = {}
        for address, want in sorted(world.desired.items()):
            if wants_quote(world.item(address)):
                wanted.setdefault(want.account, []).append(address.name)
        return wanted

    return swapped((numbers, "_readable", readable), (look, "numbers_to_quote", to_quote))


@planted(checks.a_list_is_read_to_its_last_page)
def single_pass_paging() -> AbstractContextManager[None]:
    """The first page of a list is taken for all of it; `numberCount` is ignored."""
    return swapped(
        (Listing, "complete", property(lambda listing: listing.pages > 0)),
        (Listing, "pages_left", property(lambda _listing: 0)),
        (Listing, "_check", lambda _listing, _rows, _total: None),
    )


@planted(reused(test_safety.test_what_cannot_be_read_is_unresolved_and_the_run_ends_with_one))
def unresolved_scope_taken_for_empty() -> AbstractContextManager[None]:
    """What could not be read counts as absent."""

    def blind(*args: Any) -> dict[str, Observation]:
        return {account: replace(seen, unresolved=NOTHING) for account, seen in observe(*args).items()}

    def blind_to_offers(*args: Any) -> dict[str, Quotes]:
        return {account: replace(seen, unresolved=NOTHING) for account, seen in quote(*args).items()}

    return swapped((look, "observe", blind), (look, "quote", blind_to_offers))


@planted(start=22)
def transport_repeats_writes() -> AbstractContextManager[None]:
    """The transport tries a write again when the connection breaks, as HTTP libraries do by default."""
    send = Transport.send

    def insist(transport: Transport, call: ApiCall, leave: Leave = freely) -> Answer:
        answer = send(transport, call, leave)
        return send(transport, call, freely) if call.writes and answer.fault is not None else answer

    return swapped((Transport, "send", insist))


@planted(checks.no_credential_goes_where_a_redirect_leads)
def redirects_followed() -> AbstractContextManager[None]:
    """A redirect is followed, and the API key in the body goes to another host."""

    def send(own: exchange.CarrierConnection, prepared: requests.PreparedRequest) -> requests.Response:
        return own._session().send(prepared, stream=True, timeout=exchange.TIMEOUTS, allow_redirects=True)

    found = requests.Session.get_redirect_target
    return swapped((exchange.CarrierConnection, "_send", send), (exchange._Session, "get_redirect_target", found))


@planted(checks.a_key_of_dots_and_slashes_reaches_its_own_number)
def unquoted_path_segment() -> AbstractContextManager[None]:
    """A `numberKey` goes into the path as it is, and one with a slash reaches another resource."""
    return swapped((request, "_segment", lambda text: text))


@planted(checks.no_carrier_makes_a_run_wait_for_ever)
def absurd_retry_after_honoured() -> AbstractContextManager[None]:
    """`Retry-After` is obeyed whatever it says."""
    return swapped((retry_after, "LONGEST", 4000.0))


@planted(reused(test_safety.test_a_reading_session_cannot_write_to_a_carrier))
def reading_commands_may_write() -> AbstractContextManager[None]:
    """A transport made for reading lets a write through."""
    made = Transport.__init__

    def permissive(transport: Transport, *args: Any, **kwargs: Any) -> None:
        made(transport, *args, **{**kwargs, "writes": True})

    return swapped((Transport, "__init__", permissive))


@planted(checks.a_number_that_nobody_offers_is_not_ordered)
def number_not_offered_bought_all_the_same() -> AbstractContextManager[None]:
    """A number that is neither owned nor offered is ordered blindly."""
    for_sale = numbers._for_sale

    def blindly(item: Item) -> Judgement:
        decided = for_sale(item)
        return replace(decided, action=Action.CREATE) if isinstance(decided, Change) else decided

    return swapped((numbers, "_for_sale", blindly))


@planted(reused(test_drift.test_a_number_that_its_carrier_is_still_providing_waits_and_is_not_in_sync))
def what_is_under_way_is_in_sync() -> AbstractContextManager[None]:
    """Drift takes a number that its carrier is still providing for one that is as it was applied."""
    return swapped((drift, "_under_way", lambda _item, _live: ""))


@planted(reused(test_drift.test_a_number_that_was_let_go_is_not_in_sync, left=True))
def what_was_let_go_is_in_sync() -> AbstractContextManager[None]:
    """Drift counts what was let go, wherever it is by now, as in sync."""
    find = drift.find

    def counting(world: World, scope: Iterable[Address]) -> drift.Drift:
        found = find(world, scope)
        return replace(found, in_sync=found.in_sync + sum(record.tombstone for record in world.state.records.values()))

    return swapped((drift, "find", counting))
