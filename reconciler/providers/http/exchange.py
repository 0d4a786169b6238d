"""One exchange with a carrier: a request out, a whole answer or the reason why not back; never two tries.

The one difference between a read and a purchase here: a write gets a new connection, since a kept one that
the carrier has closed meanwhile would leave open whether the request arrived.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import requests

from reconciler.errors import HeldBackError
from reconciler.providers.base import freely
from reconciler.providers.http import body
from reconciler.providers.http.environment import proxies_for, tls_context
from reconciler.providers.http.messages import Answer, ApiCall, Auth, NetworkFault
from reconciler.providers.http.network_errors import NETWORK_ERRORS, fault_of, words_of
from reconciler.providers.http.redact import Redactor
from reconciler.providers.http.request import prepare
from reconciler.providers.http.retry_after import http_date, retry_after
from reconciler.providers.http.sockets import Exchange, Exchanges, WatchedAdapter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests.adapters import BaseAdapter

    from reconciler.clock import Clock
    from reconciler.providers.base import Leave

TIMEOUTS = (10.0, 30.0)
"""Seconds: to connect to one address, and for one read of the socket."""


class CarrierConnection:
    """Sends requests under ``base_url``; one session a thread. ``deadline`` is in seconds a call."""

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        deadline: float,
        adapter: BaseAdapter | None,
        environ: Mapping[str, str],
    ) -> None:
        self._base_url = base_url
        self._clock = clock
        self._adapter = adapter
        self._exchanges = Exchanges(clock, deadline)
        self._proxies = proxies_for(base_url, environ)
        needs_tls = adapter is None and base_url.lower().startswith("https:")
        self._tls = tls_context(environ) if needs_tls else None
        self._threads = threading.local()
        self._sessions: list[requests.Session] = []

    @property
    def ended(self) -> bool:
        """Whether :meth:`cut` was called: nothing is sent any more."""
        return self._exchanges.ended

    def exchange(self, call: ApiCall, auth: Auth, leave: Leave = freely) -> Answer:
        """Send ``call`` once, after asking for ``leave`` with a connection in hand; never raises for what the carrier
        or the network does."""
        try:
            request = prepare(self._base_url, call, auth)
        except ValueError:
            return Answer(None, message="the request cannot be written", fault=NetworkFault.NOT_SENT)
        with self._exchanges.launch(leave, fresh=call.writes) as exchange:
            head = Answer(None)
            try:
                exchange.check()
                if self._adapter is not None:  # it has no connection of ours that would ask
                    leave()
                with self._send(request) as response:
                    head = self._head(response)
                    exchange.check()
                    return _whole(head, body.take(response, exchange.check), Redactor(auth, call.json, call.secrets))
            except HeldBackError as refused:
                return Answer(None, message=str(refused), fault=NetworkFault.NOT_SENT)
            except NETWORK_ERRORS as error:
                self._hang_up()
                return _broken(head, error, exchange)

    def cut(self) -> None:
        """End the exchanges under way, and any later one before it starts."""
        self._exchanges.cut()

    def close(self) -> None:
        """Close all connections that are kept."""
        for session in self._sessions:
            session.close()

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        return self._session().send(
            request,
            stream=True,
            timeout=TIMEOUTS,
            verify=True,
            cert=None,
            proxies=self._proxies,
            allow_redirects=False,
        )

    def _hang_up(self) -> None:
        """Keep no connection of this thread: over one that brought no whole answer, nobody knows what comes next."""
        if self._adapter is None:
            self._session().close()

    def _head(self, response: requests.Response) -> Answer:
        """What status line and headers say."""
        date = http_date(response.headers.get("Date"))
        pause = retry_after(response.headers.get("Retry-After"), date or self._clock.now())
        return Answer(response.status_code, date=date, retry_after=pause)

    def _session(self) -> requests.Session:
        """The session of this thread."""
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = _Session()
            adapter = self._adapter or WatchedAdapter(self._tls)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._threads.session = session
            self._sessions.append(session)
        return session


class _Session(requests.Session):
    """A session that finds no redirect in any answer and takes nothing from the environment.

    With ``allow_redirects=False``, ``requests`` still looks where a redirect would lead, and for that reads
    its whole body without a limit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, whatever ``resp`` says."""


def _whole(head: Answer, content: bytes, redact: Redactor) -> Answer:
    """The answer with its body."""
    status = head.status or 0
    if not content.strip():
        return replace(head, message=body.words_without(status))
    try:
        value = redact.of_data(body.parse(content), content)
    except ValueError:
        return replace(head, empty=False, message=body.words_beside(content, status, redact))
    message = body.with_own_code(body.words_in(value, redact) or body.words_without(status), value, status)
    return replace(head, json=value, is_json=True, empty=False, message=message)


def _broken(head: Answer, error: Exception, exchange: Exchange) -> Answer:
    """The answer that did not come whole; with its status where that came."""
    fault = NetworkFault.CUT if head.status is not None else fault_of(error, exchange.sent)
    return replace(head, message=exchange.ended or words_of(error), fault=fault)
