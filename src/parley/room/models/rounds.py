"""Rounds of talks, and what is laid down in them."""

from __future__ import annotations

from django.db import models

from parley.room.models.log import Entry
from parley.room.models.people import Member, Party, Room, new_id


class Mode(models.TextChoices):
    """Who holds the texts until they open: see `exchange.charter.MODES`."""

    SEALED = "sealed"
    TWO_AGENTS = "two-agents"
    SIMPLE = "simple"


class Card(models.Model):
    """The public keys of a party or release agent; the newest counts, old ones stay."""

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, models.CASCADE)
    who = models.CharField(max_length=40)
    note = models.TextField()
    member = models.ForeignKey(Member, models.PROTECT)
    at = models.DateTimeField()


class Round(models.Model):
    """A round of talks: where and when, and the exchange of texts in it, if there is one.

    `state` and `standing` repeat what the log says, for quick reading; the start check compares
    them with the log.
    """

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="rounds")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True)
    begins = models.DateTimeField(null=True, blank=True)
    zone = models.CharField(max_length=60, default="UTC")
    agenda = models.TextField(blank=True)
    mode = models.CharField(max_length=12, choices=Mode.choices, blank=True)
    deadline = models.DateTimeField(null=True, blank=True)
    template = models.TextField(blank=True)
    with_mediator = models.BooleanField(default=False)
    charter = models.TextField(blank=True)
    state = models.CharField(max_length=10, blank=True)
    standing = models.JSONField(default=dict)
    locks = models.JSONField(default=dict)
    server_key = models.BinaryField(default=b"")
    """The server's own key (age) as release agent of this exchange alone, locked away; erased when
    the exchange has ended."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="one_round_of_a_number")
        ]
        ordering = ["number"]


class Deposit(models.Model):
    """A text that was laid down; `blob` is what the server holds of it, or empty once erased.

    In the simple mode the blob is the core sealed to the server's key; else the deposit as the
    party sealed it.
    """

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="deposits", db_index=False)
    party = models.ForeignKey(Party, models.PROTECT)
    member = models.ForeignKey(Member, models.PROTECT)
    core = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    blob = models.BinaryField()
    current = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "core"], name="no_text_laid_down_twice"),
            models.UniqueConstraint(
                fields=["round", "party"],
                condition=models.Q(current=True),
                name="one_text_of_a_party",
            ),
        ]


class Share(models.Model):
    """What a release agent gave: layers for another agent, or word that some would not open."""

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(Round, models.CASCADE, related_name="shares")
    agent = models.CharField(max_length=10)
    member = models.ForeignKey(Member, models.PROTECT)
    layers = models.JSONField(default=dict)
    failed = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "agent"], name="one_share_of_an_agent")
        ]


class Receipt(models.Model):
    """A receipt as it was given out."""

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="receipts")
    party = models.ForeignKey(Party, models.CASCADE)
    entry = models.OneToOneField(Entry, models.PROTECT)
    body = models.BinaryField()
    at = models.DateTimeField()
