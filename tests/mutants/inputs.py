"""Bugs in what comes in and goes out: phone numbers, money, and secrets."""

from __future__ import annotations

import logging
import re
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import yaml

from reconciler.config import loader
from reconciler.errors import CredentialError
from reconciler.model import phone
from reconciler.model.fleet import SecretRef
from reconciler.model.safe_text import WebhookUrl
from reconciler.providers import credentials, prices
from reconciler.providers.base import Leave
from reconciler.providers.http import body
from reconciler.providers.http.messages import Answer, ApiCall, Auth
from reconciler.providers.http.redact import Redactor
from reconciler.providers.http.transport import Transport
from tests.mutants import checks
from tests.mutants.planting import planted, swapped


@planted(checks.an_unquoted_number_is_itself_or_refused)
def phone_numbers_read_as_integers() -> AbstractContextManager[None]:
    """An unquoted number goes through YAML's integers: octal, base 60 and underscores make another number of it."""
    key_of = loader._Builder._key

    def key(builder: Any, event: Any) -> str:
        text = key_of(builder, event)
        value = text if event.style else yaml.safe_load(text)
        return f"+{value}" if isinstance(value, int) and not isinstance(value, bool) else text

    return swapped((loader._Builder, "_key", key))


@planted(checks.a_number_has_ascii_digits_and_no_newline)
def digits_of_other_scripts() -> AbstractContextManager[None]:
    r"""E.164 is matched with `\d` and `$`: digits of other scripts and a newline at the end slip in."""
    return swapped((phone, "is_e164", lambda text: re.match(r"^\+[1-9]\d{6,14}$", text) is not None))


@planted(checks.money_adds_up_exactly)
def money_as_floats() -> AbstractContextManager[None]:
    """Prices are binary fractions, and 0.10 and 0.20 are more than 0.30."""

    def amount(value: object) -> Decimal | None:
        return Decimal(value) if isinstance(value, int | float) else None

    return swapped((body, "_decimal", float), (prices, "_decimal", amount))


@planted(checks.an_error_about_a_credential_does_not_show_it)
def secret_in_an_exception() -> AbstractContextManager[None]:
    """The error about a credential that cannot be used quotes it."""

    def checked(name: str, _ref: SecretRef, value: str) -> str:
        if not value.isprintable():
            raise CredentialError(f"credential {name} cannot be used: {value!r}")
        return value

    return swapped((credentials, "_checked", checked))


@planted()
def secret_in_the_log() -> AbstractContextManager[None]:
    """Each call is logged with its headers and body."""
    attempt = Transport._try

    def talkative(transport: Transport, call: ApiCall, auth: Auth, leave: Leave) -> Answer:
        logging.getLogger("reconciler.providers.http").debug("%s %s %s", call.name, dict(auth.headers), dict(auth.body))
        return attempt(transport, call, auth, leave)

    return swapped((Transport, "_try", talkative))


@planted()
def secret_of_a_webhook_recorded() -> AbstractContextManager[None]:
    """A webhook is shown, saved and recorded with its query."""
    return swapped((WebhookUrl, "shown", property(lambda url: url.reveal())))


@planted(checks.a_carrier_that_repeats_a_credential_is_not_quoted_with_it)
def carriers_words_not_redacted() -> AbstractContextManager[None]:
    """A carrier that repeats our credential in its error is quoted word for word."""
    return swapped((Redactor, "__call__", lambda _redactor, text: text))


@planted(checks.a_value_of_an_answer_does_not_show_a_credential)
def values_not_redacted() -> AbstractContextManager[None]:
    """A credential that comes back as the state of a number is shown and recorded as that."""
    return swapped((Redactor, "of_data", lambda _redactor, value, _content: value))
