"""The one way to a carrier account: what may be sent, how fast, and what is tried again.

A carrier bills for a request that was repeated, so a write is tried exactly once and a reading command cannot
write at all. A read costs nothing and is worth a few tries. ``exchange.py`` does the sending; here are the rules.

::

    answer to a read                      what follows
    ------------------------------------  -----------------------------------------------------------
    429                                   waited out: up to 6 times, 120 s in all
    401, and the credential was renewed   one more try
    not sent, cut, 5xx, 2xx without JSON  up to 3 tries in all, and retries at most 10 % of the calls
    anything else                         it is the answer
"""

from __future__ import annotations

import logging
import os
import random
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.errors import CredentialError, TnctlError
from reconciler.providers.base import freely
from reconciler.providers.http.budget import Budgets, Rate
from reconciler.providers.http.exchange import CarrierConnection
from reconciler.providers.http.messages import Answer, ApiCall, Auth, Authorize, NetworkFault
from reconciler.providers.http.sockets import RUN_ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from requests.adapters import BaseAdapter

    from reconciler.clock import Clock
    from reconciler.providers.base import Leave

MAX_TRIES = 3
"""Tries of one read, in all."""
FIRST_BACKOFF = 0.5
"""Seconds before the second try, give or take half; doubled before each one after."""
RETRY_SHARE, RETRY_FLOOR = 0.1, 10
"""Retries a run may make: this share of its calls, but always this many."""
MAX_THROTTLED, MAX_THROTTLED_SECONDS = 6, 120.0
"""429s that one read waits out, and for how long in all."""
SLICE = 1.0
"""Seconds that a wait may go on after :meth:`Transport.cut`."""

NEVER_BEGUN = Answer(None, message=RUN_ENDED, fault=NetworkFault.NOT_SENT)
"""The answer to every call after :meth:`Transport.cut`."""

_log = logging.getLogger("reconciler.providers.http")


class WriteRefusedError(TnctlError):
    """Our own mistake: a mutating call where none may be made. Nothing was sent."""

    default_hint = "this is a bug in tnctl: please report it with the command that you ran"


class _RunEndedError(Exception):
    """The run was cut while a call waited for its turn."""


class Transport:
    """All requests to one carrier account; safe to use from many threads.

    ``base_url`` may have a path prefix. ``budgets`` are rates by the name of a call, ``"*"`` for all others
    together. ``writes=False`` makes every mutating call an error. ``can_refresh``: ``authorize(True)`` may
    bring another credential, which is tried once after an answer that is ``unauthorized``. ``adapter`` takes the
    place of the network. ``deadline`` is in seconds a call. ``environ`` names proxies and the CA bundle; the
    process's own environment by default.
    """

    def __init__(
        self,
        base_url: str,
        authorize: Authorize,
        clock: Clock,
        *,
        budgets: Mapping[str, Rate],
        max_in_flight: int,
        writes: bool,
        can_refresh: bool = False,
        unauthorized: Callable[[Answer], bool] = lambda answer: answer.status == 401,
        adapter: BaseAdapter | None = None,
        deadline: float = 60.0,
        jitter: Callable[[], float] = random.random,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._connection = CarrierConnection(
            base_url, clock, deadline, adapter, os.environ if environ is None else environ
        )
        self._authorize = authorize
        self._clock = clock
        self._budgets = Budgets(budgets, clock, self._sleep)
        self._max_in_flight = max_in_flight
        self._in_flight = threading.BoundedSemaphore(max_in_flight)
        self._may_write = writes
        self._halted = False
        self._can_refresh = can_refresh
        self._unauthorized = unauthorized
        self._jitter = jitter
        self._lock = threading.Lock()
        self._renewals = 0
        self._retries = 0
        self._workers: ThreadPoolExecutor | None = None
        self.reads = 0
        """Reading requests begun."""
        self.writes = 0
        """Mutating requests that were given leave: their first byte left, or was about to."""

    def send(self, call: ApiCall, leave: Leave = freely) -> Answer:
        """Try ``call`` exactly once, when its budget allows. ``leave`` is asked right before the first byte.

        Never raises for what the carrier or the network does. Raises :class:`WriteRefusedError` or, without a
        credential to send, ``CredentialError``, both before anything is sent. The ``retry_after`` of a 429 is
        the pause that its budget now makes, whether the carrier named one or not.
        """
        if call.writes and not self._may_write:
            raise WriteRefusedError(f"{call.name} would change something at the carrier; this command only reads")
        bucket = self._budgets.of(call.name)
        try:
            bucket.take()
        except _RunEndedError:
            return NEVER_BEGUN
        with self._in_flight:
            if self._connection.ended or (call.writes and self._halted):
                return NEVER_BEGUN
            auth, renewals = self._credential()
            answer = self._try(call, auth, leave)
        if answer.status == 429:
            return replace(answer, retry_after=bucket.throttled(answer.retry_after))
        bucket.answered()
        return self._renew(answer, renewals) if self._unauthorized(answer) else answer

    def read(self, call: ApiCall) -> Answer:
        """The answer to a call that changes nothing, tried again as the table above says."""
        if call.writes:
            raise WriteRefusedError(f"{call.name} changes something at the carrier and is never tried twice")
        tries, throttled, waited = 0, 0, 0.0
        while True:
            answer = self.send(call)
            if answer.status == 429:
                throttled, waited = throttled + 1, waited + (answer.retry_after or 0.0)
                if throttled > MAX_THROTTLED or waited > MAX_THROTTLED_SECONDS:
                    return answer
            elif not answer.refreshed:
                tries += 1
                if tries == MAX_TRIES or not _passing(answer) or not self._back_off(tries, answer):
                    return answer

    def gather(self, calls: Sequence[ApiCall]) -> list[Answer]:
        """:meth:`read` each of ``calls``, at most ``max_in_flight`` at once; answers in the same order."""
        if self._max_in_flight == 1 or len(calls) < 2:
            return [self.read(call) for call in calls]
        answers: dict[int, Answer] = {}
        todo = deque(enumerate(calls))
        workers = [self._pool().submit(self._drain, todo, answers) for _ in range(self._max_in_flight)]
        try:
            for worker in workers:
                worker.result()
        finally:
            todo.clear()
        return [answers[index] for index in range(len(calls))]

    def halt(self) -> None:
        """Let no write begin any more, those included that wait for their turn; safe in a signal handler."""
        self._halted = True

    def cut(self) -> None:
        """End every call in flight, which then answers ``CUT``, and let none begin: ``NOT_SENT``."""
        self._connection.cut()

    def close(self) -> None:
        """Give back threads and connections; the calls in flight are waited for."""
        if self._workers is not None:
            self._workers.shutdown()
        self._connection.close()

    def _try(self, call: ApiCall, auth: Auth, leave: Leave) -> Answer:
        """One exchange, counted and logged: never a URL, a header or a body."""
        with self._lock:
            self.reads += not call.writes
        started = self._clock.monotonic()
        answer = self._connection.exchange(call, auth, self._counting(leave) if call.writes else leave)
        milliseconds = (self._clock.monotonic() - started) * 1000
        result = answer.fault.value if answer.fault else answer.status
        _log.debug("%s %s: %s in %.0f ms", call.name, call.method, result, milliseconds)
        return answer

    def _counting(self, leave: Leave) -> Leave:
        """``leave``, after which a write counts."""

        def counted() -> None:
            leave()
            with self._lock:
                self.writes += 1

        return counted

    def _credential(self) -> tuple[Auth, int]:
        """The credential, and how often it had been renewed by then."""
        with self._lock:
            return self._authorize(False), self._renewals

    def _renew(self, answer: Answer, renewals: int) -> Answer:
        """Mark a 401 as worth one more try when a newer credential than the one it refused is at hand.

        Read anew at most once a run: a carrier may say 401 for "not your number", and is not asked in a loop.
        """
        with self._lock:
            if renewals == self._renewals:
                if not self._can_refresh or self._renewals:
                    return answer
                self._renewals += 1
                try:
                    self._authorize(True)
                except CredentialError as error:
                    return replace(answer, message=f"{answer.message}; reading the credential again: {error.message}")
            return replace(answer, refreshed=True)

    def _back_off(self, tries: int, answer: Answer) -> bool:
        """Wait before another try; False when the run has no retries left or was ended."""
        with self._lock:
            if self._retries >= max(RETRY_FLOOR, RETRY_SHARE * (self.reads + self.writes)):
                return False
            self._retries += 1
        backoff = FIRST_BACKOFF * 2 ** (tries - 1) * (0.5 + self._jitter())
        try:
            self._sleep(max(backoff, answer.retry_after or 0.0))
        except _RunEndedError:
            return False
        return True

    def _sleep(self, seconds: float) -> None:
        """Sleep in slices, so that a cut run does not wait out a carrier's two minutes."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            if self._connection.ended:
                raise _RunEndedError
            self._clock.sleep(min(left, SLICE))

    def _pool(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._workers is None:
                self._workers = ThreadPoolExecutor(self._max_in_flight, thread_name_prefix="tnctl-read")
            return self._workers

    def _drain(self, todo: deque[tuple[int, ApiCall]], answers: dict[int, Answer]) -> None:
        """Read what is left of ``todo``; an error empties it, so that the other workers stop too."""
        while True:
            try:
                index, call = todo.popleft()
            except IndexError:
                return
            try:
                answers[index] = self.read(call)
            except BaseException:
                todo.clear()
                raise


def _passing(answer: Answer) -> bool:
    """Whether the same read may fare better in a moment."""
    if answer.fault is not None or answer.status is None or answer.status >= 500:
        return True
    return answer.ok and not answer.is_json and answer.status != 204
