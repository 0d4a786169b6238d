"""Text that is no YAML, or YAML that a configuration has no use for: each told at the right place in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.corpus import case
from tests.corpus.case import Case

_HEAD = "version: 1\n"

_TAGS: Final = (
    "!!python/object/apply:os.system [CANARY]",
    "!!python/name:os.system",
    "!!python/object/new:os.system {}",
    "!!python/tuple [a]",
    "!!binary Q0FOQVJZ",
    "!!set {a}",
    "!!omap [a: b]",
    "!!timestamp 2026-01-31",
    "!!float 1",
    "!!int '1'",
    "!!bool yes",
    "!!null ''",
    "!!str 1",
    "!!map {}",
    "!!seq []",
    "!local x",
    "! x",
    "!<tag:yaml.org,2002:str> x",
    "!include CANARY",
    "!env CANARY",
    "!vault |\n    CANARY",
)

_BODIES: Final = (
    ("merge-key", "numbers: {<<: {a: b}}", "2:11", "merge keys"),
    ("merge-key-of-alias", "defaults: &d {}\nnumbers:\n  <<: *d", "4:3", "merge keys"),
    ("merge-key-of-list", "numbers:\n  <<: [{a: b}, {c: d}]", "3:3", "merge keys"),
    ("alias-unknown", "numbers: *CANARY", "2:10", "no value before this has that anchor"),
    ("alias-to-itself", "numbers: &a {x: *a}", "2:17", "no value before this has that anchor"),
    ("alias-to-itself-in-list", "numbers: &a [*a]", "2:14", "no value before this has that anchor"),
    ("alias-ahead", "state: *a\nnumbers: &a {}", "2:8", "no value before this has that anchor"),
    ("alias-as-key", "state: &a x\n*a : y", "3:1", "a key must be plain text"),
    ("anchor-on-key", "&a state: x", "2:1", "a key cannot have an anchor"),
    ("anchor-without-name", "state: & x", "2:9", "a name must follow"),
    ("map-as-key", "{a: b}: x", "2:1", "a key must be plain text"),
    ("list-as-key", "[a, b]: x", "2:1", "a key must be plain text"),
    ("explicit-map-as-key", "? a: b\n: x", "2:3", "a key must be plain text"),
    ("explicit-list-as-key", "? - a\n: x", "2:3", "a key must be plain text"),
    ("empty-key", ": x", "2:1", "not YAML from here on"),
    ("quoted-empty-key", "'': x", "2:1", "a key is empty"),
    ("tag-on-key", "!!str state: x", "2:1", "tags"),
    ("reserved-at", "state: @x", "2:8", "no value can begin with this character"),
    ("reserved-backtick", "state: `x`", "2:8", "no value can begin with this character"),
    ("reserved-percent", "state: %x", "2:8", "no value can begin with this character"),
    ("unclosed-double-quote", 'state: "CANARY', "2:8", "this quote is never closed"),
    ("unclosed-single-quote", "state: 'CANARY", "2:8", "this quote is never closed"),
    ("unclosed-map", "numbers: {a: b", "2:10", "never closed"),
    ("unclosed-list", "numbers: [a, b", "2:10", "never closed"),
    ("closed-with-the-other", "numbers: [a, b}", "2:10", "never closed"),
    ("escape-unknown", 'state: "\\q"', "2:8", "an escape that YAML does not know"),
    ("escape-short", 'state: "\\x4"', "2:8", "an escape that YAML does not know"),
    ("escape-surrogate", 'state: "\\ud83d\\ude00"', "2:8", "an escape that YAML does not know"),
    ("escape-beyond-unicode", 'state: "\\UFFFFFFFF"', "2:8", "an escape that YAML does not know"),
    ("block-with-bad-header", "state: |99\n  x", "2:10", "not YAML from here on"),
    ("colon-in-text", "state: a: b", "2:9", "a colon is out of place"),
    ("colon-in-quoted", "state: 'a': b", "2:11", "a colon is out of place"),
    ("list-after-key", "numbers: - a", "2:10", "a list cannot begin here"),
    ("list-beside-keys", "- a", "2:1", "not YAML from here on"),
    ("bracket-behind", "numbers: {}}", "2:12", "not YAML from here on"),
    ("text-behind-quotes", "state: 'a' b", "2:12", "not YAML from here on"),
    ("dedented", "  a: b\n c: d", "2:4", "a colon is out of place"),
)
"""What follows ``version: 1``, with the place and the words of the refusal."""

_DOCUMENTS: Final = (
    ("empty", "", "1:1", "the file is empty"),
    ("blank-lines", "\n\n  \n", "1:1", "the file is empty"),
    ("comment", "# version: 1", "1:1", "the file is empty"),
    ("start-only", "---\n", "2:1", "the file is empty"),
    ("end-only", "...\n", "1:1", "not YAML from here on"),
    ("null", "null\n", "1:1", "the file is empty"),
    ("text", "CANARY\n", "1:1", "must not be text"),
    ("number", "17205550142\n", "1:1", "must not be a whole number"),
    ("float", "1.5\n", "1:1", "must not be a number"),
    ("true", "true\n", "1:1", "must not be true or false"),
    ("list", "- version: 1\n", "1:1", "must not be a list"),
    ("block", "|\n  version: 1\n", "1:1", "must not be text"),
    ("json-list", "[]", "1:1", "must not be a list"),
    ("empty-map", "{}", "1:1", "`version` is missing"),
    ("two", "version: 1\n---\nversion: 1\n", "2:1", "a second document begins here"),
    ("two-with-end", "version: 1\n...\n---\nversion: 1\n", "3:1", "a second document begins here"),
    ("second-empty", "version: 1\n---\n", "2:1", "a second document begins here"),
    ("text-after-end", "version: 1\n...\nversion: 1\n", "3:1", "the document has ended"),
    ("directive-yaml", "%YAML 1.1\n---\nversion: 1\n", "1:1", "directives"),
    ("directive-newer", "%YAML 9.9\n---\nversion: 1\n", "1:1", "directives"),
    ("directive-tag", "%TAG ! tag:example.com,2026:\n---\nversion: 1\n", "1:1", "directives"),
    ("directive-unknown", "%CANARY\n---\nversion: 1\n", "1:1", "directives"),
    ("directive-after-comment", "# x\n\n%YAML 1.1\n---\nversion: 1\n", "1:1", "directives"),
    ("tab-indented", "version: 1\nnumbers:\n\ta: b\n", "3:1", "a tab"),
    ("tab-after-colon", "version:\t1\n", "1:9", "a tab"),
    ("ini", "[tnctl]\nversion = 1\n", "2:1", "the document has ended"),
    ("xml", "<version>1</version>\n", "1:1", "must not be text"),
    ("shell", "#!/bin/sh\necho CANARY\n", "2:1", "must not be text"),
    ("conflict", "<<<<<<< ours\nversion: 1\n=======\nversion: 2\n>>>>>>> theirs\n", "2:8", "a colon is out of place"),
)


def cases() -> Iterator[Case]:
    """All of them."""
    for number, tag in enumerate(_TAGS):
        yield case.config(f"tag-{number}", f"{_HEAD}state: {tag}\n", ("2:8", "tags (`!`) are not supported"))
    for name, body, place, words in _BODIES:
        yield case.config(f"yaml-{name}", f"{_HEAD}{body}\n", (place, words))
    for name, text, place, words in _DOCUMENTS:
        yield case.config(f"document-{name}", text, (place, words))
