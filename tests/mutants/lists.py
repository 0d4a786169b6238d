"""Bugs in what lists and registries are taken to prove: rows that cannot be read, second keys, batches, campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from reconciler.model import Reply, Resource, Status, campaign_states
from reconciler.model.campaign_states import RegistryState
from reconciler.planning import features
from reconciler.planning.snapshot import Item, Judgement
from reconciler.providers import listed
from reconciler.providers.http.messages import Answer
from reconciler.providers.infobip import convert as infobip
from reconciler.providers.infobip.convert import Row
from reconciler.providers.inumbering import convert, verdicts
from tests.mutants.checking import Check, reused
from tests.mutants.planting import planted, swapped
from tests.planning import test_campaign_states as campaigns
from tests.rig import Rig
from tests.workflows import test_rows_and_batches as runs


def _of_campaign(test: Any, **arguments: Any) -> Check:
    """A test of campaigns, with one that was approved long ago."""

    def run(tmp_path: Path) -> None:
        test(campaigns.approved(Rig(tmp_path)), **arguments)

    run.__name__ = test.__name__
    return reused(run)


@planted(
    reused(
        runs.test_a_number_whose_row_cannot_be_read_is_neither_gone_nor_ordered_again, account="api", manner="dashes"
    )
)
def unreadable_row_counts_as_absent() -> AbstractContextManager[None]:
    """A row whose number is written with dashes is skipped, and what it hides counts as absent."""
    return swapped((listed, "doubt", lambda _unreadable: ""))


@planted(
    reused(
        runs.test_a_number_whose_offer_cannot_be_read_is_not_bought_and_not_out_of_stock, account="vt", manner="arabic"
    )
)
def digits_of_other_scripts_read_as_digits() -> AbstractContextManager[None]:
    """Digits of another script are read as a short code, so that the row hides nothing."""
    spelled = listed.spelled

    def loosely(value: object) -> str | None:
        return spelled(value) or (value if isinstance(value, str) and value.isdigit() else None)

    return swapped((listed, "spelled", loosely))


@planted(reused(runs.test_a_number_under_two_keys_is_said_and_blocked, second="dedicated"))
def second_key_of_a_number_ignored() -> AbstractContextManager[None]:
    """A number that is listed under two keys is taken for the first of them."""

    def first(account: str, tn: str, same: Sequence[Row]) -> Resource:
        return infobip.number(account, tn, same[0])

    return swapped((infobip, "_one_of", first))


@planted(
    reused(
        runs.test_a_number_with_a_failed_reservation_is_neither_done_nor_given_back, word="BILLING_FAILED", body=True
    )
)
def listed_counts_as_owned() -> AbstractContextManager[None]:
    """A number that is listed is owned, whatever its reservation says."""
    return swapped((infobip, "reservation", lambda _row: (Status.ACTIVE, "")))


@planted(reused(runs.test_a_number_that_is_offered_only_as_shared_is_not_bought))
def shared_number_bought_by_a_plain_line() -> AbstractContextManager[None]:
    """A number that others share is bought by a line that does not ask for it."""
    return swapped((infobip, "_is_shared", lambda _row: False))


@planted(reused(runs.test_a_campaign_map_without_the_asked_campaign_makes_no_create, map_="[]"))
def campaign_missing_from_the_map_has_no_numbers() -> AbstractContextManager[None]:
    """A campaign that the map lacks counts as one without numbers, and its assignments are made again."""

    def numbers(campaign: str, told: Any) -> tuple[Iterable[str], str]:
        return [tn for tn in map(convert.e164, told.get(campaign) or []) if tn], ""

    return swapped((convert, "_campaign_numbers", numbers))


@planted(
    reused(
        runs.test_one_refused_number_holds_up_no_other_of_its_batch,
        switches={"refused_batch": "409"},
        dialect={},
        account_api=False,
    )
)
def refused_batch_fails_whole() -> AbstractContextManager[None]:
    """A batch that is refused for one of its numbers fails for all of them."""
    judged = verdicts.assignment

    def alone(campaign: str, asked: set[str], answer: Answer) -> Reply:
        return judged(campaign, {min(asked)}, answer)

    return swapped((verdicts, "assignment", alone))


@planted(reused(runs.test_assigned_to_another_campaign_is_no_success))
def any_campaign_will_do() -> AbstractContextManager[None]:
    """An assignment that exists counts as done, whichever campaign the answer names."""
    return swapped((verdicts.quirks, "other_campaigns", lambda _text, _campaign: set()))


@planted(
    reused(runs.test_a_number_that_is_porting_is_not_released_and_a_person_is_told_its_word, dialect={}, manner="row")
)
def porting_number_tried_for_ever() -> AbstractContextManager[None]:
    """A release that is refused for a port is a failure like others, and nobody is told that it is theirs."""
    return swapped((verdicts.quirks, "is_porting", lambda _text: False))


@planted(
    _of_campaign(campaigns.test_a_campaign_that_is_not_approved_any_more_is_drift_and_blocked, word="CAMPAIGN_EXPIRED")
)
def registry_not_asked() -> AbstractContextManager[None]:
    """Numbers are assigned under a campaign however it stands at the registry."""

    def as_decided(_item: Item, judgement: Judgement) -> Judgement:
        return judgement

    return swapped((features, "gated", as_decided))


@planted(
    _of_campaign(
        campaigns.test_a_monthly_bill_neither_closes_a_campaign_nor_opens_it, last="MNO_CAMPAIGN_OPERATION_SUSPENDED"
    )
)
def monthly_bill_opens_a_campaign() -> AbstractContextManager[None]:
    """A word that says nothing of a suspended campaign is taken for a word of no class, which opens it."""
    return swapped((campaign_states, "_SILENT", frozenset()))


@planted(
    _of_campaign(campaigns.test_a_monthly_bill_neither_closes_a_campaign_nor_opens_it, last="CAMPAIGN_DCA_COMPLETE")
)
def monthly_bill_closes_a_campaign() -> AbstractContextManager[None]:
    """The event of a monthly bill is taken for a state, and closes the campaign until the next word."""
    message = {**campaign_states._WORDS, "CAMPAIGN_BILLED": RegistryState.PENDING}
    return swapped((campaign_states, "_SILENT", frozenset()), (campaign_states, "_WORDS", message))


@planted(
    reused(runs.test_already_assigned_to_the_declared_campaign_does_not_fail_for_ever, manner="exists", dialect={})
)
def already_assigned_fails_for_ever() -> AbstractContextManager[None]:
    """An assignment that exists is refused at every run."""

    def refused(_campaign: str, _answer: Answer) -> Reply | None:
        return None

    return swapped((verdicts, "_there", refused))
