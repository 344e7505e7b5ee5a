"""Invitations that are made at the command line of the server."""

from __future__ import annotations

from parley.errors import RoomError
from parley.room import people
from parley.room.models import Account, Party, Role, Room


def at_command_line(
    *, operator: bool, room: str | None, role: str | None, party: str | None, reset: str | None
) -> str:
    """The link for one person; exactly one of the three kinds must be asked for."""
    if [operator, room is not None, reset is not None].count(True) != 1:
        remedy = "Give --operator, or --room with --role, or --reset."
        raise RoomError("It is not clear for whom the link is.", remedy)
    if reset is not None:
        account = Account.objects.filter(username=reset.lower()).first()
        if account is None:
            raise RoomError(f"There is no account `{reset}`.", "Give its login name.")
        return people.link(people.invite(None, account=account)[1])
    if room is None:
        return people.link(people.invite(None)[1])
    place, side = _place(room, party)
    return people.link(people.invite(place, _role(role), party=side)[1])


def _role(name: str | None) -> Role:
    if name not in Role.values:
        what = "A place needs a role." if name is None else f"There is no role `{name}`."
        raise RoomError(what, f"Give --role, one of: {', '.join(Role.values)}.")
    return Role(name)


def _place(room: str, party: str | None) -> tuple[Room, Party | None]:
    """The room and the party that are meant."""
    place = Room.objects.filter(id=room).first()
    if place is None:
        known = ", ".join(f"{one.id} ({one.title})" for one in Room.objects.order_by("created"))
        raise RoomError(f"There is no room `{room}`.", f"There are: {known or 'none'}.")
    if party is None:
        return place, None
    side = Party.objects.filter(room=place, slug=party).first()
    if side is None:
        known = ", ".join(Party.objects.filter(room=place).values_list("slug", flat=True))
        raise RoomError(f"There is no party `{party}` there.", f"There are: {known or 'none'}.")
    return place, side
