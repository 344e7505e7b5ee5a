"""What people write is shown as they wrote it: it never becomes part of the page.

Over a hundred payloads stand in every field that somebody can fill, and every page is opened in
Chromium by everybody who may: no dialog, no breach of the policy, no request, no element that the
page has not by itself. In the short form the fields share the payloads; with PARLEY_LONG=1 each
payload stands once in every field.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils.safestring import mark_safe
from playwright.sync_api import Browser, Error, Page

from parley.exchange import keys, sealing
from parley.exchange.sealing import Agent
from parley.room import charters, clock, deposits, opening, papers, people, single_texts
from parley.room.models import CaseFile, Channel, Deposit, Kind, Role, Round
from parley.room.standing import charter_of
from parley.room.views import channels
from tests.browser.pages import chromium
from tests.room import world
from tests.room.carried import Carried, carried
from tests.room.payloads import MARK, PAYLOADS

pytestmark = pytest.mark.browser
LONG = os.environ.get("PARLEY_LONG") == "1"
READERS = ("mediator", "north", "observer")
PASSPHRASE = "seven quiet boats at dawn"
TAGS = frozenset(
    "html head meta title link script body a header div form input button nav ul ol li main h1 h2 "
    "h3 h4 footer p small section article dl dt dd span code time table thead tbody tr th td "
    "caption label select option optgroup textarea fieldset legend details summary noscript strong "
    "em ins del mark blockquote pre svg path g rect hr br datalist output b i sup".split()
)
"""Elements that pages of the room have."""
FOUND = """([mark, tags]) => {
  const marked = (attribute) => !["value", "href", "action", "title", "aria-label", "content",
    "download", "src", "alt", "data-file", "data-name", "placeholder"].includes(attribute.name)
    && (attribute.value.includes(mark) || attribute.name.includes(mark));
  const odd = (each) => !tags.includes(each.localName)
    || (each.localName === "script" && !each.src && each.type !== "application/json")
    || (each.localName === "meta" && each.httpEquiv)
    || [...each.attributes].some((a) => a.name.startsWith("on") || a.name === "style" || marked(a)
      || (["href", "src", "action", "formaction"].includes(a.name)
        && !/^([/](?![/\\\\])|[#?]|$)/.test(a.value)));
  return [...document.querySelectorAll("*")].filter(odd).map((each) => each.outerHTML.slice(0, 200))
    .concat(window.zqBreaches.map((breach) => `breach of the policy: ${breach}`));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all of these tests."""
    with chromium() as started:
        yield started


class Words:
    """What stands in each field: as many payloads as it holds, each time the next ones."""

    def __init__(self, payloads: tuple[str, ...]) -> None:
        self.payloads = payloads
        self.next = 0
        self.used: set[str] = set()

    def __call__(self, most: int = 200, *, no_path: bool = False) -> str:
        """Words for a field of so many letters."""
        found = ""
        for _ in range(len(self.payloads)):
            one = self.payloads[self.next % len(self.payloads)].replace("\x00", "")
            if no_path:
                one = one.replace("/", "\u2215").replace("\\", "")
            if len(found) + len(one) + 1 > most:
                break
            self.used.add(self.payloads[self.next % len(self.payloads)])
            found += f" {one}" if found else one
            self.next += 1
        return found or "zq8"

    def all(self) -> str:
        """Everything at once."""
        self.used |= set(self.payloads)
        return " ".join(one.replace("\x00", "") for one in self.payloads)


@dataclasses.dataclass
class Stage:
    """A room in which people have written nothing but payloads."""

    talks: world.Talks
    words: Words
    identities: dict[str, keys.Identity] = dataclasses.field(default_factory=dict)

    def actor(self, name: str) -> Any:
        """Somebody who acts in the room."""
        return self.talks.actor(name)


def _stage(payloads: tuple[str, ...]) -> Stage:
    talks, words = world.talks(), Words(payloads)
    stage = Stage(talks, words)
    talks.room.title = words()
    talks.room.save()
    for party in talks.parties.values():
        party.name = words(120)
        party.save()
    for account in talks.people.values():
        account.display_name = words(120)
        account.save()
    for who in ("north", "south", "mediator", "witness"):
        stage.identities[who] = keys.new_identity(who)
        charters.register(stage.actor(who), keys.card(stage.identities[who]))
    _rounds(stage)
    _speak(stage)
    _work(stage)
    _invite(stage)
    return stage


def _round(stage: Stage, mode: str, laid: tuple[str, ...] = ()) -> Round:
    words = stage.words
    plan = charters.Plan(
        title=words(),
        place=words(),
        agenda=words.all(),
        mode=mode,
        deadline=clock.now() + timedelta(days=1) if mode else None,
        template="\n".join(stage.words.payloads) if mode else "",
    )
    round_ = charters.plan(stage.actor("mediator"), plan)
    if laid:
        for who, identity in stage.identities.items():
            if mode == "sealed" or who != "witness":
                line = identity.signer.sign(round_.charter) if mode == "sealed" else None
                charters.agree(stage.actor(who), round_, line)
    for party in laid:
        text = f"{party} {words.all()}".encode()
        body = text if mode == "simple" else _sealed(stage, round_, party, text)
        deposits.lay_down(stage.actor(party), round_, body, f"key-of-{party}-{round_.number}")
    return round_


def _sealed(stage: Stage, round_: Round, party: str, text: bytes) -> bytes:
    charter = charter_of(round_)
    agents: dict[Agent, str] = charter.agent_keys()
    signer = stage.identities[party].signer
    header = deposits.header_of(round_, party)
    return sealing.to_json(
        sealing.seal(header, text, os.urandom(32), charter.sealed_to(), agents, signer)
    )


def _rounds(stage: Stage) -> None:
    _round(stage, "")
    _round(stage, "simple")
    _round(stage, "simple", ("north",))
    simple = _round(stage, "simple", ("north", "south"))
    sealed = _round(stage, "sealed", ("north", "south"))
    mediator = stage.actor("mediator")
    opening.give_share(mediator, simple, opening.Given())
    asked: Any = opening.request_of(mediator, sealed)["layers"]
    secret = stage.identities["mediator"].age
    locks = {party: _peeled(layer, secret) for party, layer in asked.items()}
    opening.give_share(mediator, sealed, opening.Given(locks=locks))
    core = opening.opened_core(Deposit.objects.get(round=simple, party__slug="north"))
    assert core is not None
    simple.refresh_from_db()
    north = stage.talks.parties["north"]
    papers.publish(stage.actor("north"), simple, north, core, stage.words(no_path=True))


def _peeled(layer: str, secret: str) -> str:
    import base64

    return sealing.peel(base64.b64decode(layer), secret).decode()


def _speak(stage: Stage) -> None:
    """In every channel every payload as a message of its own, and documents with such names."""
    for channel in Channel.objects.filter(room=stage.talks.room).exclude(kind=Kind.HEADS):
        who = channel.party.slug if channel.party else "mediator"
        messages = (
            stage.words.payloads if channel.kind == Kind.PLENARY else stage.words.payloads[:5]
        )
        for k, one in enumerate(messages):
            papers.put(
                stage.actor(who), channel, one.encode(), f"key-{channel.id}-{k}", is_message=True
            )
        for k in range(8):
            name = stage.words(no_path=True)
            papers.put(stage.actor(who), channel, b"x", f"file-{channel.id}-{k}", name=name)


def _work(stage: Stage) -> None:
    """A single text, a motion, a case, all of payloads."""
    words = stage.words
    mediator, north = stage.actor("mediator"), stage.actor("north")
    base = "---\nparley: 1\ntitle: T\n---\n\n# Article 1: Guns\n\n1. Silent.\n\n2. Silent.\n"
    single = single_texts.start(mediator, words(), base)
    for version, one in enumerate(words.payloads, 1):
        text = _unbracketed(one)
        step = {"op": "bracket", "at": "guns.1", "text": text, "why": text}
        if version > 1:
            step = {"op": "propose", "bracket": "b1", "text": f"{version} {text}", "why": text}
        single_texts.do(north, single.id, version, step)
        if version == 20 and not LONG:
            break
    single.refresh_from_db()
    merge = {
        "op": "merge",
        "bracket": "b1",
        "alternatives": [1, 2],
        "text": _unbracketed(words(2000)),
    }
    single_texts.do(mediator, single.id, single.version, merge)
    mistakes = [
        {"file": one, "line": 1, "code": one, "what": one, "remedy": one, "severity": "warning"}
        for one in words.payloads
    ]
    import json

    said = json.dumps({"mistakes": mistakes, "left_out": list(words.payloads), "refusal": ""})
    CaseFile.objects.create(
        room=stage.talks.room, member=mediator.here, packed=b"", said=said, at=clock.now()
    )


def _unbracketed(words: str) -> str:
    """Words of a single text: on one line, and without brackets, which mean something there."""
    return " ".join(re.sub(r"[\x00\[\]]", "", words).split())


def _invite(stage: Stage) -> None:
    for k in range(12):
        people.invite(
            stage.talks.room,
            Role.OBSERVER,
            label=stage.words(120),
            by=stage.talks.account("mediator" if k else "co-mediator"),
        )


# going through the pages


def _look(seat: Carried, path: str) -> list[str]:
    """Open a page, and what is wrong with it."""
    before = len(seat.strange)
    page = seat.go(path)
    return _wrong(seat, page, path, before)


def _wrong(seat: Carried, page: Page, path: str, before: int) -> list[str]:
    opened = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
    try:
        page.evaluate(opened)
        found = page.evaluate(FOUND, [MARK, sorted(TAGS)])
    except Error as error:  # the page led elsewhere, or what looks at it was led astray
        found = [str(error).partition("\n")[0]]
    return [f"{path}: {one}" for one in [*found, *seat.strange[before:]]]


def _links(page: Page) -> set[str]:
    found = page.evaluate(
        "[...document.querySelectorAll('a[href]')].filter((each) => !each.hasAttribute('download'))"
        ".map((each) => each.getAttribute('href'))"
    )
    return {link.partition("#")[0] for link in found if link.startswith("/")}


ALIKE = 2
"""How many pages are opened that differ only in what their query asks for."""
FILES = re.compile(
    r"/(papers/[a-z2-7]+/|receipts/[a-z2-7]+/|file/\w+/|charter/|checkpoint/.*|case/[a-z2-7]+/"
    r"|compare/\w+/|opened/[a-z2-7]+/|codes/file/)$"
)


def _through(seat: Carried, begin: tuple[str, ...]) -> tuple[list[str], set[str]]:
    """Follow every link from some pages on; what is wrong, and which pages were opened."""
    wrong: list[str] = []
    seen: set[str] = set()
    ahead = list(begin)
    while ahead:
        path = ahead.pop()
        if path in seen or FILES.search(path) or path.startswith("/account/"):
            continue
        bare = path.partition("?")[0]
        if path != bare and sum(one.startswith(f"{bare}?") for one in seen) >= ALIKE:
            continue
        seen.add(path)
        wrong += _look(seat, path)
        ahead += sorted(_links(seat.page) - seen)
    return wrong, seen


def _all_pages(browser: Browser, stage: Stage, name: str) -> tuple[list[str], set[str]]:
    room = f"/r/{stage.talks.room.id}"
    begin = (f"{room}/", "/", f"{room}/readings/", "/account/")
    with carried(browser, world.client_for(stage.talks.account(name))) as seat:
        wrong, seen = _through(seat, begin)
        wrong += _look(seat, "/account/")
    return wrong, seen


@pytest.mark.parametrize("name", READERS)
def test_what_people_write_never_becomes_part_of_a_page(browser: Browser, name: str) -> None:
    stage = _stage(PAYLOADS)
    assert stage.words.used == set(PAYLOADS)
    wrong, seen = _all_pages(browser, stage, name)
    assert not wrong, "\n".join([f"{len(wrong)} wrong:", *wrong[:20]])
    assert len(seen) > 12


@pytest.mark.skipif(not LONG, reason="each payload in every field takes long: PARLEY_LONG=1")
@pytest.mark.parametrize("payload", PAYLOADS)
def test_each_payload_in_every_field(browser: Browser, payload: str) -> None:
    stage = _stage((payload,))
    wrong, _ = _all_pages(browser, stage, "mediator")
    assert not wrong, "\n".join(wrong[:20])


def test_what_is_asked_for_never_becomes_part_of_a_page(browser: Browser) -> None:
    """Payloads in addresses and queries, on pages that are there and that are not."""
    talks = world.talks()
    room = f"/r/{talks.room.id}"
    wrong = []
    with carried(browser, world.client_for(talks.account("mediator"))) as seat:
        for one in PAYLOADS if LONG else PAYLOADS[::8]:
            asked = quote(one.replace("\x00", ""), safe="")
            for path in (f"/{asked}/", f"{room}/log/?log={asked}&page={asked}"):
                wrong += _look(seat, path)
    with carried(browser, world.client()) as seat:
        for one in PAYLOADS if LONG else PAYLOADS[1::12]:
            wrong += _look(seat, f"/account/login/?next={quote(one.replace(chr(0), ''), safe='')}")
    assert not wrong, "\n".join(wrong[:20])


def _forms(stage: Stage) -> list[tuple[str, str, dict[str, str]]]:
    """Forms that are refused, and shown again with what was sent."""
    words = stage.words
    room = f"/r/{stage.talks.room.id}"
    plenary = Channel.objects.get(room=stage.talks.room, kind=Kind.PLENARY).id
    single = stage.talks.room.single_texts.get().id
    open_ = Round.objects.get(room=stage.talks.room, number=3).id
    round_ = {k: words() for k in ("title", "place", "zone", "begins", "deadline", "mode")}
    round_ |= {"agenda": words.all(), "template": words.all()}
    asked = {k: words() for k in ("op", "at", "bracket", "text", "why", "words", "version")}
    return [
        ("mediator", f"{room}/people/invite/", {k: words() for k in ("role", "label", "days")}),
        ("mediator", f"{room}/people/party/", {"name": words(), "slug": words()}),
        (
            "mediator",
            f"{room}/rounds/new/",
            round_ | {"agenda": words.all(), "template": words.all()},
        ),
        ("mediator", f"{room}/texts/", {"source": words(), "title": words()}),
        ("north", f"{room}/texts/{single}/do/", asked | {"place": "1"}),
        ("north", f"{room}/c/{plenary}/send/", {"words": words.all(), "key": words()}),
        ("north", f"{room}/rounds/{open_}/deposit/", {"text": words.all(), "key": words(30)[:5]}),
        ("north", f"{room}/keys/", {"card": words.all()}),
        ("operator", "/rooms/new/", {"title": words(150) * 3}),
        ("anonymous", "/account/login/", {"login": words(), "password": words()}),
        ("north", "/account/password/", {"oldpassword": words(), "password1": words()}),
    ]


def test_what_is_sent_and_refused_never_becomes_part_of_a_page(browser: Browser) -> None:
    stage = _stage(PAYLOADS)
    wrong, answered = [], 0
    for name, path, given in _forms(stage):
        client = world.client() if name == "anonymous" else _client(stage, name)
        with carried(browser, client) as seat:
            before = len(seat.strange)
            page = seat.send(path, given)
            wrong += _wrong(seat, page, path, before)
            answered += MARK in page.content()
    assert not wrong, "\n".join(wrong[:20])
    assert answered >= 7, "the forms are not shown again with what was sent"


def _client(stage: Stage, name: str) -> Client:
    return world.client_for(stage.talks.account(name))


def test_a_text_that_only_the_device_opens_is_shown_as_it_was_written(
    browser: Browser, tmp_path: Path
) -> None:
    stage = _stage(PAYLOADS)
    sealed = Round.objects.get(room=stage.talks.room, mode="sealed")
    key = tmp_path / "south.parley-key"
    key.write_bytes(keys.locked(stage.identities["south"], PASSPHRASE))
    with carried(browser, _client(stage, "south")) as seat:
        page = seat.go(f"/r/{stage.talks.room.id}/rounds/{sealed.id}/opened/")
        page.get_by_label("Your key file").set_input_files(key)
        page.get_by_label("Passphrase of the key file").fill(PASSPHRASE)
        page.get_by_role("button", name="Open the texts").click()
        page.get_by_text("north <script>alert('zq8')</script>").wait_for(timeout=60_000)
        assert _wrong(seat, page, "opened", 0) == []


# defects that must be found


def test_a_message_that_is_shown_unescaped_is_caught(browser: Browser) -> None:
    real = channels._shown

    def unescaped(*given: Any) -> channels.Shown:
        found = real(*given)
        return dataclasses.replace(found, words=mark_safe(found.words))

    stage = _stage(PAYLOADS)
    plenary = Channel.objects.get(room=stage.talks.room, kind=Kind.PLENARY).id
    with (
        mock.patch.object(channels, "_shown", unescaped),
        carried(browser, _client(stage, "observer")) as seat,
    ):
        wrong = _look(seat, f"/r/{stage.talks.room.id}/c/{plenary}/?page=1")
    assert any("<script>" in one for one in wrong)
    assert any("breach of the policy" in one for one in wrong)


@pytest.mark.parametrize("payload", PAYLOADS if LONG else PAYLOADS[:66:5])
def test_each_payload_is_caught_where_it_is_let_through(browser: Browser, payload: str) -> None:
    """In a page under the policy of the room, as text that was not escaped."""
    if not re.match(r"<[a-zA-Z]", payload) or "\x00" in payload:
        pytest.skip("it is no element by itself")
    talks = world.talks()
    talks.room.title = mark_safe(payload)
    with (
        mock.patch("parley.room.access.Actor.room", talks.room),
        carried(browser, world.client_for(talks.account("observer"))) as seat,
    ):
        assert _look(seat, f"/r/{talks.room.id}/people/") != []
