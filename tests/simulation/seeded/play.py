"""One schedule from its first apply to its last: faults all the time, then an end of faults, then a verdict.

Safety is judged at every call and after every run. Liveness: once the faults have healed, three applies with time
between them must converge, or stop at something that is named: an open outcome, or a blocked change.
"""

from __future__ import annotations

import hashlib
import random
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.errors import EXIT_OK, EXIT_PERSON, EXIT_REFUSED, EXIT_RESUME, LockedError
from reconciler.model import Action, Address, Kind, Memory, Plan, Result
from reconciler.sandbox.infobip import InfobipCarrier
from reconciler.sandbox.inumbering import INumberingCarrier
from reconciler.sandbox.ledger import Event as Booked
from reconciler.state.store import Store
from tests.simulation import events
from tests.simulation.engines import compiled_once
from tests.simulation.fleet import CAMPAIGNS, Line
from tests.simulation.leaks import LogLines, leaked
from tests.simulation.process import Ended
from tests.simulation.seeded import schedule
from tests.simulation.seeded.census import Census
from tests.simulation.seeded.schedule import Event, Run
from tests.simulation.world import World

SHARED_MEMORY = Path("/dev/shm")

HEALTHY: dict[str, dict[str, Any]] = {
    "ip": {
        "stuck_in": "",
        "enable_ends": "provisioned",
        "flapping_seconds": 0,
        "path_plus": "either",
        "webhook_ignored": False,
    },
    "vt": {"list_hidden": False},
    "api": {"list_hidden": False},
    "ib": {"list_hidden": False, "paging": "intact", "prices": "numbers", "charges": "quoted"},
}
"""Account -> the switches that are faults of a carrier: they end with the faults. The others are its nature."""

QUIET = frozenset({schedule.Kind.SLEEP, schedule.Kind.SAVE})
"""Events that change nothing that an apply would have to mend."""


@dataclass(frozen=True, slots=True)
class Played:
    """A schedule that was played. ``digest`` is over the whole story; ``broken`` are the sentences that were false."""

    seed: int
    digest: str
    broken: tuple[str, ...]
    census: Census
    trace: tuple[str, ...]


def play(seed: int, *, shards: bool = False) -> Played:
    """Play the schedule of ``seed``, of the family with ``shards`` or without. The same seed gives the same story."""
    drawn = schedule.draw(seed, shards=shards)
    random.seed(seed)  # the transport's jitter
    place = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="simulate-", dir=place))
    try:
        with compiled_once(), LogLines() as logged:
            world = World(drawn, folder)
            _Player(world).play()
            if leaked(b"".join(world.records.image())) or leaked("\n".join(logged.lines).encode()):
                world.oracle.broke("the records or the log show a secret")
    finally:
        shutil.rmtree(folder)
    broken = tuple(world.oracle.broken)
    world.census.counts["schedules"] += 1
    if broken:
        world.census.failures[seed] = broken[0]
    story = tuple(world.trace)
    return Played(seed, hashlib.sha256("\n".join(story).encode()).hexdigest(), broken, world.census, story)


def fresh_seed() -> int:
    """A first seed that nobody has tried: above the fixed ones, far from any other."""
    return 1_000_000_000 + 1_000_000 * secrets.randbelow(1_000_000)


def play_range(first: int, last: int, *, shards: bool = False) -> Census:
    """Play the seeds from ``first`` up to ``last``, the first of them twice: it must tell the same story again."""
    census = Census()
    for seed in range(first, last):
        played = play(seed, shards=shards)
        census.add(played.census)
        if seed == first and play(seed, shards=shards).digest != played.digest:
            census.failures[seed] = "the same seed told another story"
    return census


def play_chunk(chunk: tuple[int, int, bool]) -> Census:
    """:func:`play_range` for a pool of processes, which imports it by its name."""
    first, last, shards = chunk
    return play_range(first, last, shards=shards)


class _Player:
    def __init__(self, world: World) -> None:
        self._world = world
        self._converged = False
        """Whether the last run ended with 0 and nothing has changed since."""

    def play(self) -> None:
        for act in self._world.schedule.acts:
            if isinstance(act, Event):
                events.happen(self._world, act)
                self._converged = self._converged and act.kind in QUIET
            else:
                self._apply(act)
        self._heal()
        self._judge_liveness(self._settle())

    def _apply(self, run: Run) -> Ended:
        world = self._world
        world.images.append(world.records.image())
        ended = world.apply(run)
        disturbed = run.midcall is not None or bool(ended.process.astray)
        if self._converged and ended.process.writes and not disturbed:
            world.oracle.broke(f"{ended.process.writes} writes of an apply after which nothing had changed")
        self._converged = ended.code == EXIT_OK and not disturbed and not run.saved and not run.only
        if isinstance(ended.error, LockedError) and world.schedule.seed % 2:
            world.unlock()
        return ended

    def _heal(self) -> None:
        self._world.tell("the faults end")
        self._converged = False  # what nobody could buy may be on offer now
        self._world.sandbox.faults.heal()
        for account in self._world.schedule.accounts:
            self._world.sandbox.carrier(account).turn(**HEALTHY[account])

    def _settle(self) -> Ended:
        """At most three applies, with time passing between them."""
        world = self._world
        run = Run(wait=900, allow=bool(world.schedule.seed % 4))
        world.unlock()
        for _ in range(3):
            ended = self._apply(run)
            if ended.code == EXIT_OK:
                break
            world.carrier_clock.sleep(events.LAGS)
        return ended

    def _judge_liveness(self, ended: Ended) -> None:
        world = self._world
        memory = ended.process.memory
        if memory is None:
            with Store.open(world.records.url, world.clock, create=False) as store:
                memory = store.memory()
        world.census.ends[f"exit {ended.code}"] += 1
        if ended.code == EXIT_OK:
            plan = self._judge_convergence(memory)
        else:
            plan = world.plan()
            if not self._is_named(ended, plan, memory):
                world.oracle.broke(f"after three calm applies: {ended}")
        if not world.records.restored:
            self._judge_losses(memory)

    def _judge_convergence(self, memory: Memory) -> Plan:
        """Nothing is left to do, and the carriers have what is declared; the plan that says so."""
        self._world.carrier_clock.sleep(events.LAGS)  # what was bought a moment ago is listed by then
        oracle, again = self._world.oracle, self._apply(Run())
        if again.report is None:
            oracle.broke(f"an apply after the one that converged: {again}")
            return self._world.plan()
        plan = again.report.plan
        if again.code != EXIT_OK or plan.changes or plan.unresolved:
            changes = [f"{change.action} {change.address}" for change in plan.changes]
            oracle.broke(f"an apply after the one that converged plans {changes} and ends: {again}")
        if memory.open_intents:
            oracle.broke("exit 0 with an open outcome")
        self._judge_pool(memory)
        for line in self._world.lines:
            if not self._is_foreign(line.tn):
                for sentence in self._differences(line):
                    oracle.broke(f"converged, and yet {line.tn} at {line.account} {sentence}")
        return plan

    def _judge_pool(self, memory: Memory) -> None:
        """The pool is full, but for what somebody took, and for numbers that we had to presume ours."""
        world, desk = self._world, self._world.desk
        if desk is None or any(desk.covers(desk.account, tn) for tn in world.oracle.foreign):
            return
        held = len(world.at_the_desk())
        if held + world.oracle.presumed(memory, world.at_the_desk()) < desk.size:
            world.oracle.broke(f"converged, and yet the pool has {held} of {desk.size}")

    def _is_foreign(self, tn: str) -> bool:
        return tn in self._world.oracle.foreign

    def _is_named(self, ended: Ended, plan: Plan, memory: Memory) -> bool:
        """Whether a run that did not converge has said what it stopped at."""
        if ended.code == EXIT_REFUSED:
            return True
        if ended.code == EXIT_RESUME:
            return bool(memory.open_intents)
        outcomes = ended.report.outcomes if ended.report else ()
        if ended.code == EXIT_PERSON:
            blocked = plan.with_action(Action.BLOCKED)
            return bool(blocked) or any(told.person for told in (*memory.open_intents, *outcomes))
        failed = [outcome for outcome in outcomes if outcome.result is Result.FAILED]
        return bool(failed) and all(self._is_foreign(outcome.address.name) for outcome in failed)

    def _differences(self, line: Line) -> list[str]:
        """What the carriers really have, where it is not what ``line`` declares."""
        world = self._world
        sms, now = world.sandbox.intelepeer("ip"), world.carrier_clock.now()
        carrier = world.sandbox.carrier(line.account)
        found = []
        if isinstance(carrier, InfobipCarrier | INumberingCarrier) and line.tn not in carrier.owned():
            found.append("is not owned")
        if isinstance(carrier, INumberingCarrier) and line.campaign:
            assigned = carrier.assignment(line.tn) == CAMPAIGNS[line.account]
            found += [] if assigned else ["is not in its campaign"]
        if line.sms is not None and (line.tn in sms.owned(now)) != line.sms:
            found.append(f"has sms {'off' if line.sms else 'on'}")
        if line.webhook is not None and sms.webhook(line.tn) != line.webhook:
            found.append("has another webhook")
        return found

    def _judge_losses(self, memory: Memory) -> None:
        """A number that we pay for is in the records, or an open order names it."""
        world = self._world
        named = {address for intent in memory.open_intents for address in intent.addresses} | set(memory.records)
        for entry in world.sandbox.ledger.find(Booked.CHARGE):
            carrier = world.sandbox.carrier(entry.account)
            if not isinstance(carrier, InfobipCarrier | INumberingCarrier) or entry.key not in carrier.owned():
                continue
            if entry.key in world.oracle.garbled:
                continue
            if not self._is_foreign(entry.key) and Address(Kind.NUMBER, entry.key) not in named:
                world.oracle.broke(f"{entry.key} is paid for at {entry.account} and nothing names it any more")
