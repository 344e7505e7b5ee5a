"""The one call at the head of each view: who is it, which room, may he do this.

What somebody may not see does not exist for him: a stranger, a removed member and somebody who
mistyped all get the same page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from parley.room import policy
from parley.room.models import Account, Member, Party, Role, Room

M = TypeVar("M", bound=Model)


class NotSignedInError(Exception):
    """Nobody has signed in; `answer` sends him to the page where he can."""

    def __init__(self, answer: HttpResponseBase) -> None:
        self.answer = answer
        super().__init__("nobody has signed in")


@dataclass(frozen=True)
class Actor:
    """Somebody who does something: the account, and (in a room) the membership."""

    account: Account
    member: Member | None = None

    @property
    def here(self) -> Member:
        """The membership; only within a room."""
        if self.member is None:
            raise Http404
        return self.member

    @property
    def room(self) -> Room:
        """The room he is in."""
        return self.here.room

    @property
    def role(self) -> Role:
        """What he is there."""
        return Role(self.here.role)

    @property
    def party(self) -> Party | None:
        """The party whose delegation he belongs to."""
        return self.here.party

    @property
    def is_mediating(self) -> bool:
        """Whether he is on the mediator's side."""
        return self.member is not None and self.role in policy.MEDIATION

    @property
    def who(self) -> str:
        """The name under which he acts in an exchange: a party's id, mediator, or witness."""
        if self.is_mediating:
            return "mediator"
        return self.party.slug if self.party else str(self.role.value)

    def may(self, action: str) -> bool:
        """Whether he may do something here."""
        return policy.may(self, action)

    def all(self, model: type[M]) -> QuerySet[M]:
        """The objects of a kind that he may see."""
        manager: Any = model._default_manager
        found: QuerySet[M] = manager.filter(policy.visible(self, model))
        return found

    def one(self, model: type[M], **which: object) -> M:
        """One of them; what he may not see is not there.

        Raises
        ------
        Http404
            If there is none, or he may not see it.
        """
        found = self.all(model).filter(**which).first()
        if found is None:
            raise Http404
        return found


def enter(request: HttpRequest, action: str, room: str | None = None) -> Actor:
    """Who does this, if he may.

    Parameters
    ----------
    action
        A row of `policy.POLICY`, `OPERATOR` or `SIGNED_IN`.
    room
        The room it is about.

    Raises
    ------
    NotSignedInError
        If nobody has signed in; the same for rooms that are and that are not.
    Http404
        If he may not.
    """
    user = request.user
    if isinstance(user, AnonymousUser):
        raise NotSignedInError(redirect_to_login(request.path if request.method == "GET" else "/"))
    actor = Actor(user, _member(user, room))
    if not policy.may(actor, action):
        raise Http404
    request.actor = actor  # type: ignore[attr-defined]
    return actor


def _member(user: Account, room: str | None) -> Member | None:
    if room is None:
        return None
    found = (
        Member.objects.select_related("room", "party")
        .filter(account=user, room=room, removed__isnull=True)
        .first()
    )
    if found is None:
        raise Http404
    return found
