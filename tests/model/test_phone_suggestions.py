"""What is meant as a phone number is told in its E.164 form; what is not gets no advice."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config import schema
from reconciler.model import phone
from reconciler.model.suggestions import instead, near, phone_form

NANP = st.from_regex(r"\+1[2-9](?!11)[0-9]{2}[2-9](?!11)[0-9]{6}", fullmatch=True).filter(phone.is_nanp)


@settings(deadline=None)
@given(tn=NANP)
def test_every_usual_way_to_write_a_north_american_number_leads_to_its_e164(tn: str) -> None:
    area, exchange, line = tn[2:5], tn[5:8], tn[8:]
    for text in (
        tn[1:],
        tn[2:],
        f"({area}) {exchange}-{line}",
        f"+1 {area} {exchange} {line}",
        f"{area}.{exchange}.{line}",
    ):
        assert phone_form(text, north_american=True) == tn
        assert phone_form(text) == (tn if text.startswith("+") else None)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("0044 7700 900123", "+447700900123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("+44(0) 7700-900123", "+447700900123"),
        ("0044 (0)7700 900123", "+447700900123"),
        ("+49 (0)30 123456", "+4930123456"),
        ("+39 06 6982 1234", "+390669821234"),
        ("+1 (720) 555-0142", "+17205550142"),
    ],
)
def test_an_international_number_is_told_without_what_does_not_belong_to_it(text: str, form: str) -> None:
    assert phone_form(text) == form
    assert phone_form(text, north_american=True) == form


@pytest.mark.parametrize(
    "text",
    [
        "+39 (0)6 6982 1234",
        "+44 (07700) 900123",
        "+44 07700 900123",
        "+49 (030) 123456",
        "+44 77(0)0 900123",
        "+44 (0)(0)7700 900123",
        "+44 7700 900123 / 4",
        "+44 7700 900123/4",
        "+44 7700 900123-4",
        "+44 7700 900123 x12",
        "+17205550142 ext. 3",
        "+17205550142;ext=3",
        "+17205550142,+17205550143",
        "+17205550142 +17205550143",
        "+1 720 555 0142 0143",
        "+1 720 555 CALL",
        "++17205550142",
        "17205550142+",
        "＋１７２０５５５０１４２",
        "+1720555٠١٤٢",
        "+1\u00a0720\u00a0555\u00a00142",
        "447700900123",
        "7700900123",
        "07700 900123",
        "001 65 8234 5678",
        "0011 44 7700 900123",
        "+999 1234567",
    ],
)
def test_no_number_is_suggested_that_may_be_another(text: str) -> None:
    assert phone_form(text) is None


@pytest.mark.parametrize("text", ["9876543210", "13612345678", "(720) 555-0142", "17205550142"])
def test_a_plus_one_is_only_put_before_the_number_of_an_account_that_has_no_other(text: str) -> None:
    assert phone_form(text) is None
    assert phone_form(text, north_american=True) is not None


@pytest.mark.parametrize("text", ["911", "", "hello", "+1", "+١٢٣٤٥٦٧٨٩", "1" * 70, "+17205550142\n"])
def test_no_number_is_invented_for_what_is_none(text: str) -> None:
    assert phone_form(text) is None
    assert phone_form(text, north_american=True) is None


@settings(deadline=None)
@given(text=st.text("+0123456789 \n٣a", max_size=18) | NANP)
def test_the_schema_and_the_program_agree_on_e164(text: str) -> None:
    pattern = schema.document()["properties"]["numbers"]["propertyNames"]["pattern"]
    assert bool(re.fullmatch(pattern, text.rstrip("\n"))) is phone.is_e164(text.rstrip("\n"))


def test_a_near_miss_is_named_and_a_far_one_gets_the_choice() -> None:
    assert near("smss", ("provider", "sms")) == "sms"
    assert instead("smss", ("provider", "sms")) == "did you mean `sms`?"
    assert instead("q", ("provider", "sms")) == "write one of `provider`, `sms`"
    assert instead("q", ()) == "none is declared"
