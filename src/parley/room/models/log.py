"""The logs: one for each channel, each a Merkle tree that only grows."""

from __future__ import annotations

import secrets

from django.db import models

from parley.room.models.people import Member, Party, Room, new_id


def _secret() -> bytes:
    return secrets.token_bytes(32)


class Kind(models.TextChoices):
    """Who can look into a channel."""

    PLENARY = "plenary"
    SHUTTLE = "shuttle"
    MEDIATION = "mediation"
    HEADS = "heads"


class Channel(models.Model):
    """A channel and the head of its log.

    `peaks` are the roots of the full subtrees of the log, largest first, so that an entry is
    added without reading the rest; `checkpoint` is the signed note of the log as it stands;
    `secret` salts what the room tree says of it.
    """

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    party = models.ForeignKey(Party, models.CASCADE, null=True)
    secret = models.BinaryField(default=_secret)
    size = models.PositiveBigIntegerField(default=0)
    peaks = models.BinaryField(default=b"")
    checkpoint = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "kind", "party"], name="one_channel_of_a_kind_and_party"
            ),
            models.UniqueConstraint(
                fields=["room", "kind"],
                condition=models.Q(party__isnull=True),
                name="one_channel_of_a_kind",
            ),
        ]


class Entry(models.Model):
    """An entry of a log: canonical JSON, never changed."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="entries", db_index=False)
    index = models.PositiveBigIntegerField()
    body = models.BinaryField()
    about = models.CharField(max_length=20, blank=True, default="")
    """The round or paper that it is about."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "index"], name="one_entry_at_a_place")
        ]
        indexes = [models.Index(fields=["about"])]


class Node(models.Model):
    """The hash of a full subtree."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.CASCADE, db_index=False)
    level = models.PositiveSmallIntegerField()
    place = models.PositiveBigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "level", "place"], name="one_node_at_a_place"
            )
        ]


class Head(models.Model):
    """What the room tree said of a channel at a tick: enough to show it to its members later."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.CASCADE, db_index=False)
    tick = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "tick"], name="one_head_at_a_tick")
        ]


class Once(models.Model):
    """An answer that was given under an idempotency key, to be given again."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.CASCADE, db_index=False)
    key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    answer = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="one_answer_for_a_key")
        ]
