"""Inviting people, and what comes of an invitation.

A link is shown once, to whoever makes it; he hands it over in a way that he trusts. The database
keeps only its hash. What has been used, has expired or never was gives the same answer.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from parley.errors import RoomError
from parley.room import clock
from parley.room.config import current
from parley.room.models import Account, Invitation, Member, Party, Role, Room
from parley.room.places import Change, note_place
from parley.room.policy import POLICY

VALID_FOR = timedelta(days=7)


def invite(
    room: Room | None,
    role: Role | None = None,
    *,
    party: Party | None = None,
    label: str = "",
    by: Account | None = None,
    account: Account | None = None,
) -> tuple[Invitation, str]:
    """Make an invitation, and the secret of its link, which nobody can make again.

    Parameters
    ----------
    room, role, party
        The place it gives. Without a room it makes an operator.
    label
        For whom it is, so that its maker knows his invitations apart.
    by
        Who makes it; None at the command line.
    account
        Whose access is reset by it; then it gives no place.

    Raises
    ------
    RoomError
        If that place cannot be, or `by` may not reset that account.
    """
    if account is None:
        _check_place(room, role, party)
    elif by is not None and not may_reset(by, account):
        raise RoomError("This account is not of your room alone.", "Whoever runs the server can.")
    with transaction.atomic():
        if account is not None:
            _end_resets(account)  # one that somebody else has seen must not go on working
        made, token = _made(room, role, party, label, by, account)
        if account is not None:
            _note_all(account, "reset-link")
    return made, token


def _end_resets(account: Account) -> None:
    open_ones = Invitation.objects.filter(account=account, used=None)
    open_ones.filter(expires__gt=clock.now()).update(expires=clock.now())


def _made(
    room: Room | None,
    role: Role | None,
    party: Party | None,
    label: str,
    by: Account | None,
    account: Account | None,
) -> tuple[Invitation, str]:
    token = secrets.token_urlsafe(32)
    now = clock.now()
    made = Invitation.objects.create(
        token_hash=hashed(token),
        room=room if account is None else None,
        role=role or "" if account is None else "",
        party=party if account is None else None,
        label=label,
        created=now,
        expires=now + VALID_FOR,
        by=by,
        account=account,
    )
    return made, token


def _check_place(room: Room | None, role: Role | None, party: Party | None) -> None:
    if (room is None) != (role is None):
        raise RoomError("A place is a room and a role.", "Name both, or none for an operator.")
    if (role == Role.DELEGATION) != (party is not None):
        raise RoomError("A delegation has a party, and nobody else has.", "Name its party.")
    if party is not None and party.room != room:
        raise RoomError("This party is of another room.", "Name a party of this room.")


def may_reset(by: Account, account: Account) -> bool:
    """Whether somebody may reset an account: a mediator may, of those of his room alone.

    An account that has a place elsewhere, or that is an operator's, would open more than the
    mediator may see.
    """
    if by.is_operator or account.is_operator or by == account:
        return False
    own = Member.objects.filter(account=by, role=Role.MEDIATOR, removed__isnull=True)
    places = Member.objects.filter(account=account)
    rooms = set(places.values_list("room", flat=True))
    return bool(rooms) and rooms <= set(own.values_list("room", flat=True))


def hashed(token: str) -> str:
    """What is kept of the secret of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


def link(token: str) -> str:
    """The link that somebody is given."""
    return f"{current().origin}/join/{token}/"


def open_invitation(token_hash: str) -> Invitation | None:
    """The invitation of a link that still works; None for all others."""
    wanted = Invitation.objects.select_related("room", "party", "account", "by")
    made = wanted.filter(token_hash=token_hash).first()
    works = made is not None and made.is_open(clock.now()) and _maker_still_may(made)
    return made if works else None


def _maker_still_may(made: Invitation) -> bool:
    """Whether whoever made a link may make such a one now: he may have gone, or lost the right."""
    if made.by is None:
        return True
    if made.account is not None:
        return may_reset(made.by, made.account)
    if made.by.is_operator:
        return made.by.is_active
    roles = POLICY["people.invite-mediator" if made.role == Role.MEDIATOR else "people.invite"]
    here = Member.objects.filter(account=made.by, room=made.room, removed__isnull=True)
    return here.filter(role__in=roles).exists()


def accept(token_hash: str, *, username: str, display_name: str, password: str) -> Account:
    """Make the account that an invitation is for, and give it its place.

    Raises
    ------
    RoomError
        If the link does not work any more.
    """
    with transaction.atomic():
        made = _use(token_hash)
        account = Account(
            username=username, display_name=display_name, is_operator=made.room is None
        )
        account.set_password(password)
        account.save()
        _give_place(made, account)
    return account


def accept_as(token_hash: str, account: Account) -> Room:
    """Give an account that exists the place in a room of an invitation.

    Raises
    ------
    RoomError
        If the link does not work any more, is not for a room, or the account has a place there.
    """
    with transaction.atomic():
        made = _use(token_hash)
        if made.room is None or account.is_operator:
            # who runs the server sees no room's contents; so these accounts stay apart
            raise RoomError("This link is for a new account.", "Sign out, then open it again.")
        _give_place(made, account)
        return made.room


def reset(token_hash: str, password: str) -> Account:
    """Set a new password for the account of a reset link; all its second factors and sessions end.

    Raises
    ------
    RoomError
        If the link does not work any more.
    """
    with transaction.atomic():
        account = _use(token_hash).account
        if account is None:
            raise RoomError("This link is for a new account.", "Open it again.")
        account.set_password(password)
        account.save(update_fields=["password"])
        _end_resets(account)
        Authenticator.objects.filter(user=account).delete()
        _note_all(account, "reset")
    return account


def _note_all(account: Account, change: Change) -> None:
    """Write a change of an account down in every room where it has a place."""
    places = Member.objects.filter(account=account, removed__isnull=True)
    for place in places.select_related("party").order_by("room_id"):
        note_place(place, change)


def _use(token_hash: str) -> Invitation:
    """Take an invitation for good, within a transaction; of two who use it at once, one does."""
    now = clock.now()
    taken = Invitation.objects.filter(token_hash=token_hash, used=None, expires__gt=now)
    if taken.update(used=now) != 1:
        raise RoomError("This link does not work any more.", "Ask for a new one.")
    wanted = Invitation.objects.select_related("room", "party", "account", "by")
    made = wanted.get(token_hash=token_hash)
    if not _maker_still_may(made):
        raise RoomError("This link does not work any more.", "Ask for a new one.")
    return made


def _give_place(made: Invitation, account: Account) -> None:
    if made.room is None:
        return
    here = Member.objects.filter(room=made.room, account=account).first()
    if here is not None and here.removed is None:
        raise RoomError("You already have a place in this room.", "Sign in to go there.")
    place = here or Member(room=made.room, account=account)
    place.role, place.party, place.removed = made.role, made.party, None
    place.joined = clock.now()
    place.save()
    note_place(place, "joined")


def second_factors(account: AbstractBaseUser) -> QuerySet[Authenticator]:
    """What an account can show besides its password; recovery codes alone do not count."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=account, type__in=kinds)
    return found


def has_second_factor(account: AbstractBaseUser) -> bool:
    """Whether an account has any."""
    return second_factors(account).exists()
