"""The calls of Infobip's numbers API, as requests and nothing else (sources: seed, the vendor's OpenAPI file).

``root`` is the account's ``api_path`` in segments: the same calls are served under an older and a newer one.
Telephone numbers are country code and digits, without a plus; pages count from zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.providers.http.messages import ApiCall

Root = tuple[str, ...]
Filters = Mapping[str, str | Sequence[str]]


def root_of(api_path: str) -> Root:
    """``/sms/1/numbers`` in segments."""
    return tuple(segment for segment in api_path.split("/") if segment)


def list_available(root: Root, limit: int, page: int, filters: Filters) -> ApiCall:
    """A page of the numbers on offer; filters are ``country``, ``capabilities`` and ``number``."""
    return ApiCall("listAvailable", "GET", (*root, "available"), query=_page(limit, page, filters))


def list_owned(root: Root, limit: int, page: int, filters: Filters) -> ApiCall:
    """A page of the account's numbers; the filter is ``number``."""
    return ApiCall("listOwned", "GET", root, query=_page(limit, page, filters))


def get_owned(root: Root, key: str) -> ApiCall:
    """One of the account's numbers, by its key."""
    return ApiCall("getOwned", "GET", (*root, key))


def purchase(root: Root, key: str) -> ApiCall:
    """Buy exactly the number that ``key`` names."""
    return ApiCall("purchase", "POST", root, json={"numberKey": key}, writes=True)


def purchase_by_number(root: Root, digits: str) -> ApiCall:
    """Buy exactly this number."""
    return ApiCall("purchase", "POST", root, json={"number": digits}, writes=True)


def cancel(root: Root, key: str) -> ApiCall:
    """Give the number that ``key`` names back."""
    return ApiCall("cancel", "DELETE", (*root, key), writes=True)


def _page(limit: int, page: int, filters: Filters) -> dict[str, str | Sequence[str]]:
    return {"limit": str(limit), "page": str(page), **filters}
