"""Who comes and goes stands in the log of those whom it concerns, and in no other."""

from __future__ import annotations

from parley.room import people
from parley.room.logbook import content
from parley.room.models import Channel, Entry, Kind, Member, Role
from tests.room import world


def told(channel: Channel) -> list[tuple[str, str]]:
    entries = [content(e) for e in Entry.objects.filter(channel=channel).order_by("index")]
    wanted = {"joined", "left", "reset-link", "reset"}
    return [(e["kind"], e["member"]) for e in entries if e["kind"] in wanted]


def test_a_delegation_sees_whoever_can_act_for_it_and_nobody_else_does() -> None:
    talks = world.talks()
    party = talks.parties["north"]
    _, token = people.invite(talks.room, Role.DELEGATION, party=party)
    people.accept(people.hashed(token), username="newone", display_name="N", password="x" * 20)
    member = Member.objects.get(account__username="newone")
    own = Channel.objects.get(room=talks.room, kind=Kind.SHUTTLE, party=party)
    assert told(own)[-1] == ("joined", member.id)
    for other in Channel.objects.filter(room=talks.room).exclude(id=own.id):
        assert member.id not in [m for _, m in told(other)]
    page = world.client_for(talks.account("north")).get(f"/r/{talks.room.id}/log/?log={own.id}")
    assert member.id in page.content.decode()
    assert (
        own.id
        not in world.client_for(talks.account("south"))
        .get(f"/r/{talks.room.id}/log/?log={own.id}")
        .content.decode()
    )


def test_a_new_way_in_and_a_removal_are_seen_by_the_delegation() -> None:
    talks = world.talks()
    party = talks.parties["south"]
    own = Channel.objects.get(room=talks.room, kind=Kind.SHUTTLE, party=party)
    member = Member.objects.get(room=talks.room, account=talks.account("south"))
    client = world.client_for(talks.account("mediator"))
    client.post(f"/r/{talks.room.id}/people/reset/", {"member": member.id})
    assert told(own)[-1] == ("reset-link", member.id)
    client.post(f"/r/{talks.room.id}/people/remove/", {"member": member.id})
    assert told(own)[-1] == ("left", member.id)
