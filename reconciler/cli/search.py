"""``tnctl search``: numbers to buy. Each carrier has its own search fields; the others' are refused."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from reconciler.cli import parameter_types
from reconciler.cli.options import Common, table_format_option, with_common
from reconciler.cli.output import in_color, say, show, width_of
from reconciler.errors import EXIT_OK, UsageError
from reconciler.model.fleet import Account
from reconciler.model.safe_text import without_paths_within


@click.command()
@click.option("--provider", "name", metavar="NAME", required=True, help="The account to search at.")
@click.option("--tn-mask", type=parameter_types.tn_mask, metavar="MASK", help="iNumbering: 201xxxxxxx.")
@click.option("--province", metavar="STATE", help="iNumbering: state or province, such as NJ.")
@click.option("--rate-center", metavar="NAME", help="iNumbering: rate center, such as HACKENSACK.")
@click.option("--lata", type=parameter_types.lata, metavar="N", help="iNumbering: LATA, such as 224.")
@click.option("--country", type=parameter_types.country, metavar="CODE", help="Infobip: country, such as GB.")
@click.option("--capabilities", type=parameter_types.capabilities, metavar="LIST", help="Infobip: SMS,VOICE.")
@click.option(
    "--contains", type=parameter_types.digits, metavar="DIGITS", help="Infobip: digits that the number contains."
)
@click.option("--quantity", type=click.IntRange(1, 9_999), default=10, show_default=True, help="How many at most.")
@click.option("--yaml", "as_yaml", is_flag=True, help="Write what to paste into the configuration.")
@table_format_option
@with_common
def search(common: Common, name: str, fmt: str, quantity: int, as_yaml: bool, **fields: Any) -> int:
    """Look for numbers to buy."""
    from reconciler.cli import context
    from reconciler.model import Found, price_book
    from reconciler.providers.base import Market
    from reconciler.views import render
    from reconciler.workflows.scope import account_named

    if as_yaml and fmt != "text":
        raise UsageError(f"--yaml and --format {fmt} contradict each other", hint="write one of them")
    query = {name: value for name, value in fields.items() if value is not None}
    fleet = context.load_fleet(common)
    account = account_named(fleet, name)
    check_fields(account, query)
    with context.reading(common, account) as seller:
        found = seller.search(query, quantity) if isinstance(seller, Market) else Found()
    if found.doubt:
        say(f"warning: there may be more: {found.doubt}")
    offers = price_book.priced(fleet.prices, name, found)
    if as_yaml:
        show(render.snippet(offers, account=name))
        return EXIT_OK
    rows, prices = [without_paths_within(offer.row) for offer in offers], [offer.price for offer in offers]
    color = in_color(sys.stdout, no_color=common.no_color)
    show(render.offers(rows, fmt, account=name, prices=prices, color=color, width=width_of(sys.stdout)))
    return EXIT_OK


def check_fields(account: Account, query: Mapping[str, Any]) -> None:
    """Raise UsageError for a carrier that sells nothing, or for search fields of another carrier."""
    from reconciler.providers import installed

    own = account.spec.search_fields
    if not account.spec.sells:
        sellers = ", ".join(sorted(installed.able("search")))
        raise UsageError(f"{account.name} ({account.type}) sells no numbers", hint=f"accounts that do: {sellers}")
    foreign = [option(name) for name in query if name not in own]
    if foreign:
        raise UsageError(
            f"{', '.join(foreign)}: not a search field of {account.name} ({account.type})",
            hint=f"it has {', '.join(map(option, own))}",
        )


def option(name: str) -> str:
    """How the field ``name`` is written on the command line."""
    return "--" + name.replace("_", "-")
