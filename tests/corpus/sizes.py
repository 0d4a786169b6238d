"""Input made to hurt: small files that expand, deep ones, long ones, and ones with very many of something.

Each is refused within the limits of time and memory that hold for every case. The number of each kind is what shows
a walk that is quadratic, not what a configuration may hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.config.loader import DEEPEST
from reconciler.config.source import LARGEST_FILE
from tests.corpus import case
from tests.corpus.case import Case, Told

_HEAD = "version: 1\n"
_INFOBIP = "version: 1\nproviders:\n  ib: {type: infobip}\nnumbers:\n"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _bombs()
    yield from _deep()
    yield from _long()
    yield from _many()


def _bombs() -> Iterator[Case]:
    """Aliases that repeat far more than the file writes out."""
    words = "aliases repeat far more"
    for name, first, again in (("list", "[x, x, x]", "[{}]"), ("map", "{a: x, b: x}", "{{{}}}")):
        lines = [f"a0: &a0 {first}\n"]
        for n in range(1, 60):
            repeated = [f"{chr(97 + i)}: *a{n - 1}" if name == "map" else f"*a{n - 1}" for i in range(3)]
            lines.append(f"a{n}: &a{n} {again.format(', '.join(repeated))}\n")
        yield case.config(f"bomb-{name}", _HEAD + "".join(lines), ("9:10" if name == "list" else "9:21", words))
    wide = "state: &a [" + "x, " * 1000 + "x]\nnumbers: [" + "*a, " * 5000 + "x]\n"
    yield case.config("bomb-wide", _HEAD + wide, ("3:91", words))


def _deep() -> Iterator[Case]:
    """Nesting: one level below the root is where the value of a key lies, so the last allowed is the one before."""
    too_deep = f"nested more than {DEEPEST} levels deep"
    below = DEEPEST - 1
    yield case.config("deep-lists", f"{_HEAD}a: {'[' * 100_000}", (f"2:{4 + below}", too_deep))
    yield case.config("deep-lists-closed", f"{_HEAD}a: {'[' * 1000}{']' * 1000}", (f"2:{4 + below}", too_deep))
    yield case.config("deep-maps", f"{_HEAD}a: {'{a: ' * 50_000}", (f"2:{4 + 4 * below}", too_deep))
    yield case.config("deep-dashes", f"{_HEAD}a:\n{'- ' * 20_000}x\n", (f"3:{1 + 2 * below}", too_deep))
    stairs = "".join(f"{' ' * level}a:\n" for level in range(2000))
    yield case.config("deep-indentation", f"version: 1\nb:\n {stairs.replace(chr(10), chr(10) + ' ')}", _stair(below))
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200))
    yield case.config("deep-aliases", _HEAD + chain, (f"{2 + below}:{len(f'a{below}: &a{below} [') + 1}", too_deep))


def _stair(below: int) -> Told:
    """Where the first map lies that is too deep, when each is a line and a column further in."""
    return (f"{3 + below}:{2 + below}", "levels deep")


def _long() -> Iterator[Case]:
    """Scalars and lines of a megabyte."""
    long = "x" * 1_000_000
    yield case.config("long-key", f"{_HEAD}? {long}\n: y\n", ("2:3", "has no `xxx"))
    yield case.config("long-number", f"{_INFOBIP}  ? {long}\n  : {{provider: ib}}\n", ("5:5", "not an E.164 number"))
    yield case.config("long-digits", f"{_HEAD}safety: {{max_purchases: {'9' * 1_000_000}}}\n", ("2:25", "must not be"))
    yield case.config("long-name", f"{_INFOBIP}  '+447700900123': {{provider: {long}}}\n", ("5:31", "is not declared"))
    yield case.config("long-url", f"{_HEAD}defaults: {{numbers: {{webhook: https://{long}}}}}\n", ("2:31", "is longer"))
    yield case.config("long-state", f"{_HEAD}state: {long}\n", ("2:8", "is not of the right form"))
    yield case.config("long-quoted", f'{_HEAD}state: "{long}', ("2:8", "this quote is never closed"))
    yield case.config(
        "long-block", f"{_HEAD}state: |\n" + "  xxxxxxxxx\n" * 100_000, ("2:8", "is not of the right form")
    )
    yield case.config("long-comment", f"# {long}\nversion: 2\n", ("2:10", "has no such setting"))
    yield case.config("long-spaces", f"{_HEAD}state:{' ' * 1_000_000}@\n", ("2:1000007", "no value can begin"))
    yield case.config("long-anchor", f"{_HEAD}state: *{long}\n", ("2:8", "no value before this has that anchor"))
    yield case.config("long-tag", f"{_HEAD}state: !{long} y\n", ("2:8", "tags"))
    yield case.config("long-lines", "\n" * 1_000_000 + "version: 2\n", ("1000001:10", "has no such setting"))
    yield case.config("larger-than-any", b"#" * (LARGEST_FILE + 1), ("1:1", "larger than 32 MiB"))


def _many() -> Iterator[Case]:
    """A thousand and more of one thing that is wrong: each is told."""
    count = 2000
    unknown = "".join(f"key{n}: x\n" for n in range(count))
    places = [(f"{n + 2}:1", f"has no `key{n}`") for n in range(count)]
    yield case.config("many-unknown-keys", _HEAD + unknown, *places)
    options = "    provider: ib\n" + "".join(f"    smss{n}: true\n" for n in range(count))
    places = [(f"{n + 7}:5", f"has no `smss{n}`") for n in range(count)]
    yield case.config("many-unknown-options", f'{_INFOBIP}  "+447700900123":\n{options}', *places)
    lines = "".join(f"  n{n}: {{provider: ib}}\n" for n in range(count))
    places = [(f"{n + 5}:3", "is not an E.164 number") for n in range(count)]
    yield case.config("many-bad-numbers", _INFOBIP + lines, *places)
    lines = "".join(f'  "+44770090{n:04}": {{provider: ibb}}\n' for n in range(count))
    places = [(f"{n + 5}:31", "did you mean `ib`?") for n in range(count)]
    yield case.config("many-bad-references", _INFOBIP + lines, *places)
    lines = "".join(f'  "+44770090{n:04}": {{provider: ib, route: {n}}}\n' for n in range(count))
    places = [(f"{n + 5}:35", "cannot do `route`") for n in range(count)]
    yield case.config("many-foreign-options", _INFOBIP + lines, *places)
    names = "".join(f"  a{n}: {{type: infobip}}\n" for n in range(count))
    text = f"version: 1\nproviders:\n{names}numbers: {{'+447700900123': {{provider: b}}}}\n"
    yield case.config("many-accounts", text, (f"{count + 3}:39", "is not declared"))
    many = "".join(f"key{n}: x\n" for n in range(2_000))
    unknown = [(f"{n + 2}:1", f"`key{n}`") for n in range(2_000)]
    text = f"{_HEAD}{many}key0: y\n"
    yield case.config("many-keys-then-one-twice", text, *unknown, ("2002:1", "is written twice"))
    again = "".join(f"brands: {{b{n}: x}}\n" for n in range(count))
    faulty = [(f"{n + 2}:{len(f'brands: {{b{n}: ') + 1}", f"`b{n}` must not be text") for n in range(count)]
    repeated = [(f"{n + 2}:1", "`brands` is written twice") for n in range(1, count)]
    yield case.config("many-of-one-section", _HEAD + again, *faulty, *repeated)
    items = f"{_HEAD}numbers: [{'x, ' * 20_000}]\n"
    yield case.config("many-items", items, ("2:10", "must not be a list"))
    flat = "[" + ",".join("1" * 200_000) + "]"
    yield case.config("many-values", f"{_HEAD}a: {flat}\n", ("2:1", "has no `a`"))
