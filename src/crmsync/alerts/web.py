"""Messages over HTTP: JSON for programs, and what Slack's incoming webhooks take."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from crmsync.alerts.message import Message
from crmsync.alerts.taking import SOCKET_SECONDS, NotTaken
from crmsync.settings import Channel

_LONGEST_WISH_SECONDS = 3_600.0
_ANSWER_BYTES = 1_024


class _NoDetours(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to an address that nobody gave."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def post_webhook(channel: Channel, message: Message) -> None:
    """Raises `NotTaken` unless the answer is a 2xx."""
    token = channel.secrets.get("token")
    _post(channel.secrets["url"], message.to_json(), {"Authorization": f"Bearer {token}"} if token else {})


def post_slack(channel: Channel, message: Message) -> None:
    """The same, with `text` alone: what all receivers of that kind understand."""
    lines = [
        f"{_plain(words)} → `{_plain(command)}`" if command else _plain(words) for words, command in message.lines
    ]
    _post(channel.secrets["url"], {"text": "\n".join([f"*{_plain(message.subject)}*", *lines])}, {})


def _plain(text: str) -> str:
    """The three characters that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _post(address: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    content = json.dumps(body, ensure_ascii=False).encode()
    told = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "crmsync", **headers}
    request = urllib.request.Request(address, content, told, method="POST")  # noqa: S310 - settings allow http(s) only
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(_NoDetours(), secure)
    try:
        with opener.open(request, timeout=SOCKET_SECONDS) as answer:
            answer.read(_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        with error:
            raise NotTaken(f"it answers {error.code}", after_seconds=_wish(error)) from None
    except http.client.HTTPException:
        raise NotTaken("it answers something that is no HTTP") from None


def _wish(error: urllib.error.HTTPError) -> float | None:
    told = (error.headers.get("Retry-After") or "").strip()
    return min(float(told), _LONGEST_WISH_SECONDS) if told.isascii() and told.isdigit() else None
