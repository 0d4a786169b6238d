"""What somebody may do behind our back, by name: at a carrier's portal, as another customer, or as the carrier."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from reconciler.model import phone
from reconciler.model.fleet import CarrierType
from reconciler.model.suggestions import instead, quoted
from reconciler.sandbox.carrier import Carrier
from reconciler.sandbox.infobip import InfobipCarrier
from reconciler.sandbox.intelepeer import IntelePeerCarrier
from reconciler.sandbox.inumbering import INumberingCarrier
from reconciler.sandbox.sandbox import AnyCarrier

ACTIONS: Mapping[str, Mapping[str, Callable[..., None]]] = {
    CarrierType.INTELEPEER: {
        "enable": IntelePeerCarrier.portal_enable,
        "disable": IntelePeerCarrier.portal_disable,
        "set-webhook": IntelePeerCarrier.portal_set_webhook,
        "remove": IntelePeerCarrier.portal_remove,
        "freeze": IntelePeerCarrier.freeze,
        "expire": IntelePeerCarrier.expire,
    },
    CarrierType.INUMBERING: {
        "buy": INumberingCarrier.portal_buy,
        "release": INumberingCarrier.portal_release,
        "route": INumberingCarrier.portal_route,
        "assign": INumberingCarrier.portal_assign,
        "port": INumberingCarrier.portal_port,
        "exclude": INumberingCarrier.exclude,
        "rival-buys": INumberingCarrier.rival_buys,
        "expire": INumberingCarrier.expire,
    },
    CarrierType.INFOBIP: {
        "buy": InfobipCarrier.portal_buy,
        "release": InfobipCarrier.portal_release,
        "reprice": InfobipCarrier.reprice,
        "rival-buys": InfobipCarrier.rival_buys,
        "expire": InfobipCarrier.expire,
    },
}
"""Carrier -> action -> the method, whose parameters are the action's fields."""


def actions_of(carrier: AnyCarrier) -> Mapping[str, Callable[..., None]]:
    """What may be done on an account; with one of another package's carrier, only what all of them have."""
    return ACTIONS.get(carrier.type, {"expire": Carrier.expire})


def act(carrier: AnyCarrier, action: str, fields: Mapping[str, Any]) -> None:
    """Do ``action`` on an account. Raises ``ValueError`` for one that is none, or for fields that it does not take."""
    actions = actions_of(carrier)
    if action not in actions:
        raise ValueError(f"{quoted(action)} is no action on {carrier.account}; {instead(action, actions)}")
    method = actions[action]
    _check(action, method, fields)
    try:
        method(carrier, **fields)
    except KeyError:
        raise ValueError(f"{action}: {carrier.account} has no {quoted(str(fields.get('tn')))}") from None


def parameters(method: Callable[..., None]) -> dict[str, bool]:
    """The fields of an action -> whether each must be given."""
    own = list(inspect.signature(method).parameters.values())[1:]
    return {parameter.name: parameter.default is parameter.empty for parameter in own}


def _check(action: str, method: Callable[..., None], fields: Mapping[str, Any]) -> None:
    known, hints = parameters(method), get_type_hints(method)
    for name in fields:
        if name not in known:
            raise ValueError(f"{quoted(name)} is no field of {action}; {instead(name, known)}")
    for name in (name for name, value in fields.items() if not isinstance(value, hints[name])):
        raise ValueError(f"{name}: {quoted(str(fields[name]))} is not of its type")
    if missing := [name for name, due in known.items() if due and name not in fields]:
        raise ValueError(f"{action} needs {', '.join(map(quoted, missing))} too")
    if wrong := phone.problem(fields["tn"]) if "tn" in fields else None:
        raise ValueError(f"tn: {quoted(fields['tn'])}: {wrong}")
