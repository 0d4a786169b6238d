"""Which country a telephone number is of, by its calling code (ITU-T E.164): what a price list goes by.

The codes are those of the library ``phonenumbers``. Where several countries share one, the largest stands for all of
them: ``US`` for the 25 or so of +1, ``RU`` for +7, ``GB`` for +44. Telling those apart takes tables of area codes that
are out of date within months.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

_NOWHERE: Final = "001"
"""What the library writes for the codes of no country: satellites, international freephone."""


@cache
def calling_codes() -> Mapping[str, str]:
    """Calling code without its plus -> ISO 3166-1 country. No code is the beginning of another."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS  # takes 45 ms, and many runs have no need of it

    codes = {str(code): largest for code, (largest, *_) in REGIONS.items() if largest != _NOWHERE}
    return MappingProxyType(codes)


def country(tn: str) -> str | None:
    """The country of an E.164 number; None for a code that is nobody's."""
    code = calling_code(tn)
    return calling_codes()[code] if code else None


def calling_code(tn: str) -> str | None:
    """The code that a number with its plus begins with; None when that is nobody's."""
    return next((tn[1:end] for end in (2, 3, 4) if tn[1:end] in calling_codes()), None)


_ISO: Final = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
"""

ISO_3166: Final = frozenset(_ISO.split())
"""The two letters of every country (ISO 3166-1 alpha-2, read 2026-01), and XK, by which Kosovo is known."""

_MEANT: Final = MappingProxyType(
    {"UK": "GB", "EN": "GB", "EL": "GR", "SF": "FI", "JA": "JP", "KO": "KR", "SP": "ES", "SU": "RU", "YU": "RS"}
)


def not_a_country(code: str) -> str | None:
    """What is wrong with two capital letters as a country, with what to write; None when they are one."""
    if code in ISO_3166:
        return None
    meant = _MEANT.get(code, "")
    instead = f"write {meant}" if meant else "write its two letters of ISO 3166-1, such as GB"
    return f"no country is {code}: {instead}"
