"""What is said and laid before people in the channels, and what is worked on."""

from __future__ import annotations

from django.db import models

from parley.room.models.log import Channel
from parley.room.models.people import Member, Party, Room, new_id
from parley.room.models.rounds import Round


class Paper(models.Model):
    """A message or document in a channel.

    `body` is 32 random bytes and the content; the log holds its hash alone, so that a content can
    be erased and the log stays whole.
    """

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="papers", db_index=False)
    author = models.ForeignKey(Member, models.PROTECT)
    party = models.ForeignKey(Party, models.PROTECT, null=True)
    """Whose text it is, if it is that of a party."""
    round = models.ForeignKey(Round, models.SET_NULL, null=True, related_name="papers")
    is_message = models.BooleanField()
    name = models.CharField(max_length=200, blank=True)
    body = models.BinaryField()
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    at = models.DateTimeField()
    erased = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # the papers of a page are found without reading over the bodies of all others
            models.Index(fields=["channel", "at", "id", "is_message"], name="papers_in_order")
        ]


class Reading(models.Model):
    """That a member has had a paper before them, for the first time."""

    id = models.BigAutoField(primary_key=True)
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="readings", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "member"], name="one_first_reading")
        ]


class CaseFile(models.Model):
    """The analysts' case: a packed case folder, and what Parley made of it."""

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="cases")
    member = models.ForeignKey(Member, models.PROTECT)
    packed = models.BinaryField()
    said = models.TextField(blank=True)
    """What the check of the case said."""
    briefing = models.BinaryField(default=b"")
    at = models.DateTimeField()


class SingleText(models.Model):
    """The one text between the delegations: its log as `texts.single` has it, in JSON."""

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="single_texts")
    title = models.CharField(max_length=200)
    log = models.BinaryField()
    version = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()


class Motion(models.Model):
    """What somebody wants done to a single text that takes the agreement of others.

    `step` is the operation without who and when; `basis` is the hash of what it is about, so that
    nobody agrees to something that has changed since.
    """

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    single = models.ForeignKey(SingleText, models.CASCADE, related_name="motions")
    step = models.JSONField()
    basis = models.CharField(max_length=64)
    member = models.ForeignKey(Member, models.PROTECT)
    agreed = models.JSONField(default=list)
    at = models.DateTimeField()
    closed = models.DateTimeField(null=True)
