"""Webhook URLs, written out or kept in the environment; no message shows one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.config.node import Node
from reconciler.config.problems import Problems
from reconciler.config.urls import has_login, webhook_problem
from reconciler.model import Notice
from reconciler.model.safe_text import WebhookUrl
from reconciler.model.suggestions import quoted


@dataclass(slots=True)
class Webhooks:
    """Makes URLs of the nodes of ``webhook``. With ``stand_ins`` a missing variable gives one."""

    environ: Mapping[str, str]
    stand_ins: bool
    problems: Problems
    notices: list[Notice] = field(default_factory=list)
    _made: dict[int, WebhookUrl | None] = field(default_factory=dict)

    def url(self, node: Node) -> WebhookUrl | None:
        """The URL of a sound ``webhook`` node; None, and a problem, when there is none to be had."""
        if id(node) not in self._made:
            text = self._from_environment(node) if isinstance(node.value, dict) else str(node.value)
            self._made[id(node)] = None if text is None else self._checked(node, text)
        return self._made[id(node)]

    def _from_environment(self, node: Node) -> str | None:
        """What the variable of ``{env: NAME}`` holds."""
        name = node.text_at("env")
        if name is None:
            return None
        value = self.environ.get(name)
        if value is None and self.stand_ins:
            return f"https://hooks.example.com/{name}"
        if value is None:
            self.problems.add(node.mark, f"environment variable {quoted(name)} is not set: set it to the webhook's URL")
        elif not value.strip():
            self.problems.add(node.mark, f"environment variable {quoted(name)} is empty: set it to the webhook's URL")
            return None
        return value

    def _checked(self, node: Node, text: str) -> WebhookUrl | None:
        """``text`` as a URL, if it may be one."""
        wrong = webhook_problem(text)
        if wrong is not None:
            self.problems.add(node.mark, f"`webhook` {wrong}")
            return None
        if isinstance(node.value, str) and has_login(text):
            message = "the webhook's user name or password stands in the file: keep the URL in a variable, {env: NAME}"
            self.notices.append(Notice("warning", f"{node.mark}: {message}"))
        return WebhookUrl(text, hidden=isinstance(node.value, dict))
