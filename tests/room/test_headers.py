"""What every answer tells the browser, the reader of its history, and the log of the server."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings

from tests.room import oracle
from tests.room.oracle import Target
from tests.room.population import Population
from tests.room.visit import instead
from tests.room.walk import Answer, Walker, peopled

WHO = ("anonymous", "A1", "mediator", "operator")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
FILE = "default-src 'none'; sandbox"
STANDALONE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""Of a page that Parley has made of somebody's texts: it has its own style, and runs nothing."""
POLICIES = {
    "paper": {FILE},
    "comparison": {FILE, STANDALONE},
    "single-file": {FILE, STANDALONE},
    "briefing": {STANDALONE},
    "briefing-file": {FILE, STANDALONE},
    "case-packed": {FILE},
}
"""Where another policy may stand, which is stricter for scripts."""
ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
NEVER = (
    "ETag",
    "Last-Modified",
    "Server",
    "X-Powered-By",
    "Access-Control-Allow-Origin",
    "Refresh",
)
NAMED_BY_PEOPLE = {"paper"}
"""Files that bear the name that somebody gave them."""
OBJECTS = 1


@pytest.fixture(scope="module")
def population() -> Iterator[Population]:
    with peopled() as found:
        yield found


def _answers(population: Population, name: str, *urls: str) -> Iterator[tuple[str, Target, Answer]]:
    """Answers to somebody from every address, allowed and refused, with some objects of each."""
    walker = Walker(population, name)
    seen: Counter[tuple[object, ...]] = Counter()
    for target in oracle.targets(population):
        if urls and target.url not in urls:
            continue
        for method in ("GET", "POST"):
            row = oracle.row_of(target.url, method, target.thing.label)
            here = (target.place, target.thing)
            may = row is not None and name in oracle.people(population, row.allowed, *here)
            kind = (target.url, method, may)
            if seen[kind] < (OBJECTS if may else 1) or oracle.LONG:
                seen[kind] += 1
                yield method, target, walker.ask(method, target)


def _wrong(population: Population, name: str, *urls: str) -> list[str]:
    wrong = []
    for method, target, answer in _answers(population, name, *urls):
        for problem in _problems(population, target, answer):
            label = f"{target.thing.label}{target.place.mark}"
            wrong.append(f"{name}: {method} {target.url} {label} ({answer.status}): {problem}")
    return wrong


def _problems(population: Population, target: Target, answer: Answer) -> Iterator[str]:
    policy = answer.headers.get("Content-Security-Policy")
    if policy != CSP and policy not in POLICIES.get(target.url, set()):
        yield f"policy {policy}"
    for name, value in ALWAYS.items():
        # allauth says the same of some pages in more words
        if value not in answer.headers.get(name, ""):
            yield f"{name}: {answer.headers.get(name)}"
    yield from (f"{name} is there" for name in NEVER if name in answer.headers)
    yield from _cookies(answer)
    yield from _names(population, target, answer)
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    if is_page and answer.content and policy == CSP:
        yield from _page(population, answer)
    yield from _logged(population, answer)


def _cookies(answer: Answer) -> Iterator[str]:
    for line in answer.cookies.splitlines():
        name = line.removeprefix("Set-Cookie: ").partition("=")[0]
        if name not in {"session", "csrf", "language"}:
            yield f"cookie {name}"
        is_gone = "Max-Age=0" in line
        if "SameSite=Lax" not in line or ("HttpOnly" not in line and not is_gone):
            yield f"cookie {line}"
        if "Domain=" in line or "Path=/" not in line:
            yield f"cookie {line}"


def _names(population: Population, target: Target, answer: Answer) -> Iterator[str]:
    """Neither where one is sent nor what a file is called tells anything of what is in it."""
    canaries = population.canaries
    to = answer.headers.get("Location", "").encode()
    words = {n for n in canaries.found_in(to) if canaries.secrets[n].value.startswith(b"zqx")}
    if words:
        yield f"is sent to an address with {words}"
    name = answer.headers.get("Content-Disposition", "")
    if name and not name.startswith("attachment"):
        yield f"is shown, not kept: {name}"
    if target.url not in NAMED_BY_PEOPLE and canaries.found_in(name.encode()):
        yield f"a file is called {name}"
    if re.search(r"[\\/]|\.\.|%2f|%5c", name.removeprefix("attachment"), re.I):
        yield f"a file is called {name}"


class _Reader(HTMLParser):
    """What is wrong with a page: anything inline, anything from elsewhere, words in its title."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.title = ""
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        given = dict(attrs)
        if tag in {"style", "iframe", "object", "embed", "base"}:
            self.wrong.append(f"<{tag}>")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.wrong.append("an inline script")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.wrong.append(f"{name}={value}")
            if name in {"href", "src", "action", "formaction"} and not _is_own(value or ""):
                self.wrong.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self._within == "title":
            self.title += data

    def handle_endtag(self, _tag: str) -> None:
        self._within = ""


def _is_own(address: str) -> bool:
    return re.match(r"/(?![/\\])|[#?]|$", address) is not None


def _page(population: Population, answer: Answer) -> Iterator[str]:
    reader = _Reader()
    reader.feed(answer.content.decode())
    yield from reader.wrong
    if not reader.title.strip().endswith("· Parley"):
        yield f"title {reader.title!r}"
    found = population.canaries.found_in(reader.title.encode())
    if found:
        yield f"the title tells {found}"


def _logged(population: Population, answer: Answer) -> Iterator[str]:
    """A line of the log has no address, no id, no query and nothing that was sent."""
    ids = {t.id for place in population.places for t in place.things if len(t.id) == 12}
    for line in answer.logged.splitlines():
        if "?" in line or "/r/" in line or any(one in line for one in ids):
            yield f"logged {line}"
        if population.canaries.found_in(line.encode()):
            yield f"logged {line}"


@pytest.mark.parametrize("name", WHO)
def test_every_answer_protects_its_reader(population: Population, name: str) -> None:
    wrong = _wrong(population, name)
    assert not wrong, "\n".join([f"{len(wrong)} wrong:", *wrong[:40]])


def test_every_kind_of_answer_was_looked_at(population: Population) -> None:
    found = {answer.status for name in WHO for _, _, answer in _answers(population, name, *SOME)}
    assert {200, 302, 404, 405} <= found


SOME = ("paper", "send", "room", "invite", "share", "account_login", "singles")

SEEDED: dict[str, tuple[str, dict[str, str]]] = {
    "a policy of its own": ("policy", {"Content-Security-Policy": "default-src *"}),
    "may be kept": ("Cache-Control", {"Cache-Control": "private, max-age=60"}),
    "may be framed": ("X-Frame-Options", {"X-Frame-Options": "SAMEORIGIN"}),
    "tells what it is": ("ETag", {"ETag": '"1"'}),
    "is shown": ("shown", {"Content-Disposition": 'inline; filename="a.html"'}),
    "leads out of the folder": ("called", {"Content-Disposition": 'attachment; filename="../a"'}),
}


@pytest.mark.parametrize("defect", SEEDED)
def test_an_answer_with_another_header_is_caught(population: Population, defect: str) -> None:
    told, headers = SEEDED[defect]

    def people(request: HttpRequest, room: str) -> HttpResponse:
        answer = HttpResponse("<title>People · Parley</title>", headers=headers)
        if "Cache-Control" in headers:
            # the middleware says it of every answer; so it is undone behind it
            answer.headers = _Fixed(answer.headers)  # type: ignore[assignment]
        return answer

    with instead(people=people):
        wrong = _wrong(population, "observer", "people")
    assert any(told in one for one in wrong), wrong


class _Fixed(dict[str, str]):
    """Headers that nobody changes any more."""

    def __setitem__(self, name: str, value: str) -> None:
        if name not in self:
            super().__setitem__(name, value)


PAGES = {
    "an inline script": "<script>1</script>",
    "style=": '<p style="color:red">',
    "onclick=": '<p onclick="1">',
    "href=": '<a href="https://evil.example/">',
    "src=": '<img src="//evil.example/x.png">',
    "action=": '<form action="http://evil.example/">',
    "<iframe>": "<iframe></iframe>",
    "the title tells": "<title>{} · Parley</title>",
    "title ''": "<p>no title</p>",
}


@pytest.mark.parametrize("told", PAGES)
def test_a_page_that_is_not_as_it_should_be_is_caught(population: Population, told: str) -> None:
    word = population.canaries.secrets["planned title"].value.decode()

    def people(request: HttpRequest, room: str) -> HttpResponse:
        return HttpResponse(PAGES[told].format(word))

    with instead(people=people):
        wrong = _wrong(population, "observer", "people")
    assert any(told in one for one in wrong), wrong


def test_a_log_that_names_what_was_asked_is_caught(population: Population) -> None:
    import logging

    def people(request: HttpRequest, room: str) -> HttpResponse:
        logging.getLogger("parley.room").warning("asked for %s", request.path)
        return HttpResponse("")

    with instead(people=people):
        wrong = _wrong(population, "observer", "people")
    assert any("logged" in one for one in wrong), wrong


def test_a_page_for_every_failure_says_nothing_of_it(population: Population) -> None:
    """A defect, in a view of its own: the page and the log hold nothing that was sent."""
    word = population.canaries.secrets["planned title"].value.decode()

    def people(request: HttpRequest, room: str) -> HttpResponse:
        raise ValueError(f"{word} in {room}")

    walker = Walker(population, "A1")
    with instead(people=people):
        address = f"/r/{population.here.room.id}/people/"
        answer = walker.request("GET", address, query={"q": word})
    assert answer.status == 500
    assert not population.canaries.found_in(answer.content, answer.logged.encode())
    assert population.here.room.id not in answer.logged
    assert "ValueError" in answer.logged
    assert b"Traceback" not in answer.content


@override_settings(DEBUG=False)
@pytest.mark.parametrize("path", ["/static/", "/static/../room.toml", "/static/%2e%2e/keys/secret"])
def test_the_data_folder_is_not_among_static_files(population: Population, path: str) -> None:
    answer = Walker(population, "anonymous").request("GET", path)
    assert answer.status == 404


def test_no_mail_has_left(population: Population) -> None:
    assert all(answer.mails == 0 for _, _, answer in _answers(population, "mediator", *SOME))
