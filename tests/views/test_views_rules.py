"""What holds for every view, whatever it shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import views_samples as samples
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from views_samples import at, change, plan

from reconciler import package_data
from reconciler.model import Action, Change, FieldDiff, Intent, Notice, Plan, Report
from reconciler.state import plan_file
from reconciler.views import markdown, markup, render
from reconciler.workflows import report

DOCUMENTS = {
    "report": [
        render.report(samples.mixed_report(), "json"),
        render.report(Report(samples.plan(noop=1), (), 0), "json"),
    ],
    "drift": [
        render.drift(samples.drifted(), "json"),
        render.drift(samples.Drift(samples.NOON), "json"),
    ],
    "search": [
        render.offers(samples.OFFERS, "json", account="infobip"),
        render.offers([], "json", account="infobip"),
        render.coverage(samples.COVERAGE, "json", account="voicetel"),
    ],
    "state": [
        render.records(samples.snapshot(), "json"),
        render.records(samples.StateSnapshot("lineage-1", 0), "json"),
        render.record(None, [samples.open_intent()], "json"),
        render.record(None, [], "json", resolutions=[samples.resolution()]),
        *(render.record(record, [], "json") for record in samples.snapshot().records.values()),
    ],
    "ledger": [
        render.ledger(samples.ledger(), samples.audited(), "json"),
        render.ledger([], None, "json"),
    ],
    "plan": [
        render.plan(samples.every_action(), "json"),
        render.plan(samples.plan(), "json"),
    ],
}
JSON = [pytest.param(name, text, id=f"{name}-{n}") for name, texts in DOCUMENTS.items() for n, text in enumerate(texts)]
PLANS = {"every action": samples.every_action(), "thousands": samples.thousands(), "hostile": samples.hostile()}


@pytest.mark.parametrize(("name", "text"), JSON)
def test_json_is_as_its_schema_has_it(name: str, text: str) -> None:
    schema = json.loads(package_data.text(f"schemas/{name}.schema.json"))
    Draft202012Validator(schema).validate(json.loads(text))
    assert text.endswith("}\n")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_is_valid_and_closed(name: str) -> None:
    schema = json.loads(package_data.text(f"schemas/{name}.schema.json"))
    Draft202012Validator.check_schema(schema)
    with_fields = [part for part in walk(schema) if part.get("type") == "object" and "properties" in part]
    assert with_fields
    assert all(part.get("additionalProperties") is False for part in with_fields)
    assert all(set(part.get("required", ())) <= set(part["properties"]) for part in with_fields)


def walk(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from walk(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from walk(part)


@pytest.mark.parametrize("field", ["plan_id", "exit_code", "changes", "spent"])
def test_a_report_without_one_of_its_fields_is_refused_by_its_schema(field: str) -> None:
    document = json.loads(DOCUMENTS["report"][0])
    del document[field]
    schema = json.loads(package_data.text("schemas/report.schema.json"))
    assert not Draft202012Validator(schema).is_valid(document)


def test_the_json_of_a_plan_is_the_plan_file_and_a_newline() -> None:
    made = samples.every_action()
    text = render.plan(made, "json")
    assert text.encode() == plan_file.dumps(made) + b"\n"
    assert plan_file.loads(text.encode()) == replace(made, unresolved={})


def test_no_number_in_any_json_is_a_float() -> None:
    for texts in DOCUMENTS.values():
        for text in texts:
            json.loads(text, parse_float=lambda number: pytest.fail(f"{number} is a float"))


@pytest.mark.parametrize("name", PLANS)
def test_colour_adds_nothing_but_colour(name: str) -> None:
    plain = render.plan(PLANS[name], "text")
    colored = render.plan(PLANS[name], "text", color=True)
    assert "\x1b" not in plain
    assert colored != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_no_line_ends_in_a_space_and_reasons_stay_within_the_width(width: int) -> None:
    lines = render.plan(samples.every_action(), "text", width=width).splitlines()
    assert not [line for line in lines if line != line.rstrip()]
    changes = lines[: lines.index("Cost of the purchases")]
    wrapped = [
        line for line in changes if " " * 8 in line and "`" not in line and "->" not in line and "//" not in line
    ]
    assert all(len(line) <= width for line in wrapped)


@pytest.mark.parametrize("width", [60, 80])
def test_facts_and_the_closing_sentence_stay_within_the_width(width: int) -> None:
    requests = {f"account-{n}": (n, n) for n in range(8)}
    report = replace(samples.mixed_report(), exit_code=1, requests=requests)
    lines = render.report(report, "text", width=width).splitlines()
    (start,) = (n for n, line in enumerate(lines) if line.startswith("Requests: "))
    assert len(lines) > start + 4, "both are longer than a line"
    assert all(len(line) <= width for line in lines[start:])
    assert " ".join(render.report(report, "text").split()) == " ".join(" ".join(lines).split())


def test_a_command_in_a_reason_is_not_broken_across_lines() -> None:
    text = render.plan(samples.every_action(), "text", width=72)
    assert "`tnctl state resolve number/+12015550126 --as owned`" in text


@pytest.mark.parametrize("fmt", ["text", "markdown"])
def test_carrier_text_can_neither_steer_a_terminal_nor_a_ci_system(fmt: str) -> None:
    text = render.plan(samples.hostile(), fmt)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "::" not in text


def test_carrier_rows_in_json_keep_no_character_that_a_terminal_acts_on() -> None:
    text = render.offers([{"city": "a\x9b31m\u202eb", "ok": "é"}], "json", account="infobip")
    assert not re.search("[\x7f-\x9f\u202e]", text)
    assert "é" in text


def test_json_escapes_what_a_terminal_acts_on_and_loses_nothing() -> None:
    word = "a\x9b31m\u202eb"
    record = replace(samples.snapshot().records[at("sms/+17205550142")], carrier_status=word)
    text = render.record(record, [], "json")
    assert not re.search("[\x7f-\x9f\u202e]", text)
    assert json.loads(text)["record"]["word"] == word


def test_a_webhook_shows_neither_its_user_information_nor_its_query() -> None:
    state = samples.snapshot()
    for fmt in render.FORMATS:
        shown = render.records(state, fmt) + render.record(state.records[at("webhook/+17205550142")], [], fmt)
        assert "hunter2" not in shown
        assert "secret-looking" not in shown
        assert "hooks.example.com/inbound" in shown


def test_markdown_of_carrier_text_holds_no_html_mention_or_link() -> None:
    text = render.plan(samples.hostile(), "markdown")
    outside_code = re.sub(r"`[^`]*`", "", text)
    assert "<img" not in text
    assert "@security" not in text
    assert "://" not in outside_code
    assert "www.evil" not in outside_code


def test_a_pipe_never_opens_another_cell() -> None:
    rows = [line for line in render.plan(samples.hostile(), "markdown").splitlines() if line.startswith("|")]
    assert {len(cells(row)) for row in rows} == {5}


def cells(row: str) -> list[str]:
    """The cells as GitHub's table extension splits them: a backslash escapes the character after it."""
    return re.findall(r"((?:\\.|[^|\\])+)\|", row[1:])


@given(st.text())
def test_escaped_text_is_inert(text: str) -> None:
    escaped = markdown.escape(text)
    assert not set("<>|`") & set(escaped)
    assert not re.search(r"@[A-Za-z0-9]", escaped)
    assert "://" not in escaped
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]*_~]", escaped)


@given(st.text(alphabet="a`|\\<@ [](){}:/hpst."))
def test_backticks_in_prose_are_always_in_pairs(text: str) -> None:
    assert markup.prose(text).count("`") % 2 == 0
    assert len(cells(markup.row([markup.prose(text), "next"]))) == 2


def purchases(count: int, **fields: Any) -> tuple[Change, ...]:
    return tuple(
        change(f"number/+1201555{n:04}", "voicetel", Action.CREATE, "offered for sale", **fields) for n in range(count)
    )


def test_twenty_that_are_alike_are_listed_and_twenty_one_are_one_line() -> None:
    listed = render.plan(plan(*purchases(20)), "text")
    folded = render.plan(plan(*purchases(21)), "text")
    assert listed.count("number/+1201555") >= 20
    assert "21 x number" in folded
    assert "+12015550000 … +12015550020" in folded


@pytest.mark.parametrize("fmt", ["text", "markdown"])
def test_every_change_and_notice_can_be_listed_however_many_are_alike(fmt: str) -> None:
    numbers = purchases(150)
    notices = tuple(Notice("warning", "presumed ours", str(one.address)) for one in numbers[:30])
    text = render.plan(plan(*numbers, notices=notices), fmt, every=True)
    assert all(text.count(str(one.address)) >= 2 for one in numbers[:30])
    assert all(str(one.address) in text for one in numbers)
    assert " x number" not in text


def test_a_folded_line_adds_up_what_its_numbers_cost() -> None:
    text = render.plan(plan(*purchases(30, cost=samples.Price("EUR", Decimal("0.10"), Decimal("0.20")))), "text")
    assert "together 6.00 EUR a month, 3.00 EUR set-up" in " ".join(text.split())


def test_what_differs_in_its_wanted_value_is_not_alike() -> None:
    updates = [
        change(
            f"webhook/+1201555{n:04}", "intelepeer", Action.UPDATE, "it differs",
            diff=(FieldDiff("url", None, f"https://hooks.example.com/{n % 2}"),),
        )
        for n in range(60)
    ]  # fmt: skip
    text = render.plan(plan(*updates), "text")
    assert text.count("30 x webhook") == 2


def test_objects_of_two_accounts_are_not_folded_into_one_line() -> None:
    both = [replace(one, account=("voicetel", "other")[n % 2]) for n, one in enumerate(purchases(60))]
    assert render.plan(plan(*both), "text").count("30 x number") == 2


def releases(count: int) -> Plan:
    return plan(
        *(
            change(f"number/+1201555{n:04}", "voicetel", Action.DELETE, "not declared any more", irreversible=True)
            for n in range(count)
        )
    )


def test_every_release_stands_alone_and_is_called_irreversible() -> None:
    lines = [line for line in render.plan(releases(500), "text").splitlines() if "number/+1201555" in line]
    assert len(lines) == 500
    assert all("IRREVERSIBLE" in line for line in lines)


def test_markdown_names_how_many_lines_were_cut_off() -> None:
    text = render.plan(releases(500), "markdown")
    assert text.count("number/+1201555") == markdown.MOST_ROWS
    assert "… and 300 more lines." in text


def test_markdown_puts_what_is_loud_before_what_may_be_cut_off() -> None:
    brands = [change(f"brand/b{n}", "infobip", Action.CREATE, f"reason {n}") for n in range(300)]
    text = render.plan(plan(*brands, *releases(1).changes), "markdown")
    assert "**delete**" in text


@pytest.mark.parametrize("message", ["@" * 2000, "`a|b` " * 300, "\\|" * 1000, "https://x " * 200])
def test_markdown_stays_short_whatever_it_is_told(message: str) -> None:
    changes = [
        change(
            f"brand/{'|' * 60}{n}",
            "voicetel",
            Action.UPDATE,
            f"{n} {message}",
            diff=(FieldDiff(message, message, message),),
        )
        for n in range(300)
    ]
    notices = tuple(Notice("error", f"{n} {message}", f"brand/{message}") for n in range(300))
    text = render.plan(plan(*changes, notices=notices), "markdown")
    assert len(text) <= markdown.LONGEST
    assert "Plan: 300 to update; " in text
    assert "more lines." in text
    assert "more notices." in text


EMPTY = {
    "No changes.": {},
    "No changes. 1 object is in sync.": {"noop": 1},
    "No changes. 1,200 objects are in sync.": {"noop": 1200},
    "No changes. 12 objects are in sync, 3 cannot be read back.": {"noop": 12, "unobservable": 3},
    "No changes. 3 objects cannot be read back.": {"unobservable": 3},
    "Incomplete: 1 could not be read.": {"unresolved": {"sms/+17205550142": "HTTP 503"}},
    "Incomplete: 1 could not be read; 12 in sync.": {"noop": 12, "unresolved": {"sms/+17205550142": "HTTP 503"}},
}


@pytest.mark.parametrize("sentence", EMPTY)
def test_an_empty_plan_says_so_and_nothing_else(sentence: str) -> None:
    assert render.plan(plan(**EMPTY[sentence]), "text") == sentence + "\n"


@pytest.mark.parametrize("fmt", ["text", "markdown"])
def test_a_saved_plan_in_which_something_could_not_be_read_does_not_say_no_changes(fmt: str) -> None:
    unread = Notice("error", "could not be read: HTTP 503; nothing is done about it", "sms/+17205550142")
    shown = render.plan(plan(noop=12, notices=(unread,)), fmt)
    assert "Incomplete: some could not be read; 12 in sync." in shown
    assert "No changes" not in shown


@pytest.mark.parametrize(("code", "message"), [(0, "Apply: 2 done"), (1, "again"), (3, "to resume"), (4, "A person")])
def test_a_report_ends_with_what_comes_next(code: int, message: str) -> None:
    report = replace(samples.mixed_report(), exit_code=code)
    last = " ".join(render.report(report, "text").split("\n\n")[-1].split())
    assert message in last
    assert (f"exit code {code}" in last) == (code != 0)


def test_a_plan_that_was_not_approved_is_reported_in_one_sentence() -> None:
    declined = report.declined(samples.every_action())
    assert render.report(declined, "text") == "Not approved; nothing was sent.\n"
    assert render.report(declined, "markdown") == "### tnctl apply\n\n**Not approved; nothing was sent.**\n"
    skipped = json.loads(render.report(declined, "json"))["changes"]
    assert {change["words"] for change in skipped} == {"not approved"}


def test_a_failure_names_its_http_status_once() -> None:
    text = render.report(samples.mixed_report(), "text")
    assert "HTTP 400: bad URL" in text
    assert "HTTP 502: no" in text
    assert text.count("HTTP 502") == 1


def test_a_number_on_offer_that_nobody_has_is_said_in_words() -> None:
    assert render.offers([], "text", account="infobip") == "0 numbers on offer at infobip.\n"


def test_records_without_an_intent_or_a_tombstone_show_no_empty_tables() -> None:
    state = samples.snapshot()
    kept = {address: record for address, record in state.records.items() if not record.tombstone}
    text = render.records(replace(state, records=kept, open_intents=()), "text")
    assert "Tombstones" not in text
    assert "Open outcomes" not in text


def test_what_is_presumed_to_be_ours_is_said_aloud() -> None:
    assert "PRESUMED" in render.records(samples.snapshot(), "text")


def test_an_intent_without_an_attempt_can_be_shown() -> None:
    intent: Intent = replace(samples.open_intent(), attempts=(), price=None, person="")
    assert "0 attempts" in render.records(replace(samples.snapshot(), open_intents=(intent,)), "text")
    assert "open" in render.record(None, [intent], "text")


def test_views_load_nothing_that_only_some_of_them_need() -> None:
    heavy = "rich requests sqlalchemy jsonschema deepdiff click"
    code = f"import sys, reconciler.views; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_nested_field_of_a_carrier_is_a_column_by_its_path() -> None:
    rows: list[Mapping[str, Any]] = [{"price": {"currency": "EUR", "tax": {"rate": Decimal("0.20")}}}]
    assert "price.tax.rate" in render.offers(rows, "text", account="infobip")
