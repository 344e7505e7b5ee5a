"""Many clients of a room at once, in a process of their own.

    python -m tests.reliability.clients PLAN

Each lays down texts over HTTP, again and again; where a connection breaks or the server cannot
write, it sends the same text again under the same key, as a browser does with the same form. Every
answer that acknowledges a text is written down at once, as a line of JSON in a file. They go on
until the standard input is closed; then they tell what else they were answered.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

CSRF = "abcdefghijklmnopqrstuvwxyz012345"
BUSY = 503
SILENCE = 30.0
"""Seconds after which a client takes a connection for broken."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    location: str = ""

    @property
    def is_refusal(self) -> bool:
        """Whether it is not what somebody wanted who may do what he did."""
        return self.status >= 400 or "/account/" in self.location


@dataclass
class Heard:
    """What all clients were answered."""

    file: Any
    times: list[tuple[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    broken: int = 0
    busy: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, **what: object) -> None:
        """Write down that a text was acknowledged, before anything else is done."""
        line = json.dumps({"at": time.monotonic(), **what})
        with self.lock:
            self.file.write(line + "\n")
            self.file.flush()

    def summary(self) -> dict[str, object]:
        """All but what was acknowledged."""
        return {
            "times": self.times,
            "errors": self.errors,
            "broken": self.broken,
            "busy": self.busy,
        }


class Client:
    """Somebody with a browser that keeps its connection open."""

    def __init__(self, port: int, person: dict[str, Any], heard: Heard, seed: int) -> None:
        self.person, self.heard = person, heard
        self.chance = random.Random(seed)
        self.receipts: list[str] = []
        self._connection = HTTPConnection("127.0.0.1", port, timeout=SILENCE)
        self._headers = {
            "Cookie": f"session={person['session']}; csrf={CSRF}",
            "X-CSRFToken": CSRF,
        }

    def path(self, rest: str = "") -> str:
        """An address in the room."""
        return f"/r/{self.person['room']}/{rest}"

    def ask(
        self, what: str, path: str, form: dict[str, str] | None = None, **headers: str
    ) -> Answer | None:
        """Ask for a page, or send a form; None if the connection broke."""
        begin = time.monotonic()
        body = None if form is None else urlencode(form)
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request("POST" if body else "GET", path, body, self._headers | headers)
            found = self._connection.getresponse()
            answer = Answer(found.status, found.read(), found.headers.get("Location", ""))
        except (HTTPException, OSError):
            self._connection.close()
            self.heard.broken += 1
            return None
        if answer.status == BUSY:
            self.heard.busy += 1
        elif answer.is_refusal:
            self.heard.errors.append(f"{what}: {answer.status} {answer.location}")
        else:
            self.heard.times.append((what, time.monotonic() - begin))
        return answer

    def deposit(self, goes_on: Callable[[], bool]) -> None:
        """Lay down a text until it is acknowledged."""
        round_, key = self.person["round"], secrets.token_urlsafe(18)
        text = f"We propose this, and nothing else: {secrets.token_hex(64)}\n"
        while goes_on():
            answer = self.ask(
                "deposit",
                self.path(f"rounds/{round_}/deposit/"),
                {"key": key, "text": text},
                Accept="application/json",
            )
            if answer is not None and not answer.is_refusal:
                path = str(json.loads(answer.body)["receipt"])
                self.heard.acknowledged(key=key, sent=round_ + text, receipt=path.split("/")[-2])
                self.receipts.append(path)
                return
            if answer is not None and answer.status != BUSY:
                return
            time.sleep(self.chance.uniform(0.1, 0.3))

    def receipt(self) -> None:
        """Keep the receipt of the newest text as a file; its hash is written down."""
        if not self.receipts:
            return
        answer = self.ask("receipt", self.receipts[-1])
        if answer is not None and not answer.is_refusal:
            self.heard.acknowledged(file=hashlib.sha256(answer.body).hexdigest())


def _deposits(client: Client, goes_on: Callable[[], bool]) -> None:
    client.deposit(goes_on)
    if client.chance.random() < 0.1:
        client.receipt()


def _loop(client: Client, act: Callable[..., None], think: float, stop: threading.Event) -> None:
    """Act until the end; with a time to think, which is drawn anew each time."""
    if think:
        stop.wait(client.chance.uniform(0, think))
    while not stop.is_set():
        try:
            act(client, lambda: not stop.is_set())
        except Exception as error:  # a client that ends without a word would hide a failure
            client.heard.errors.append(f"{type(error).__name__}: {error}")
        if think:
            stop.wait(client.chance.uniform(0.5, 1.5) * think)


def run(plan: dict[str, Any]) -> dict[str, object]:
    """Let all clients act until nobody wants it any more."""
    from tests.reliability.mix import visit

    acts: dict[str, Callable[..., None]] = {"deposit": _deposits, "visit": visit}
    stop = threading.Event()
    with Path(plan["file"]).open("a", encoding="utf-8") as file:
        heard = Heard(file)
        threads = []
        for number, person in enumerate(plan["people"]):
            client = Client(plan["port"], person, heard, number)
            threads.append(
                threading.Thread(
                    target=_loop, args=(client, acts[plan["act"]], plan["think"], stop)
                )
            )
        for thread in threads:
            thread.start()
        sys.stdin.read()
        stop.set()
        for thread in threads:
            thread.join()
    return heard.summary()


if __name__ == "__main__":
    threading.stack_size(256 * 1024)
    json.dump(run(json.loads(Path(sys.argv[1]).read_text())), sys.stdout)
