"""What a room keeps. Each file holds one subject; all names are here."""

from parley.room.models.log import Channel, Entry, Head, Kind, Node, Once
from parley.room.models.papers import CaseFile, Motion, Paper, Reading, SingleText
from parley.room.models.people import Account, Invitation, Member, Party, Role, Room, new_id
from parley.room.models.rounds import Card, Deposit, Mode, Receipt, Round, Share

__all__ = [
    "Account",
    "Card",
    "CaseFile",
    "Channel",
    "Deposit",
    "Entry",
    "Head",
    "Invitation",
    "Kind",
    "Member",
    "Mode",
    "Motion",
    "Node",
    "Once",
    "Paper",
    "Party",
    "Reading",
    "Receipt",
    "Role",
    "Room",
    "Round",
    "Share",
    "SingleText",
    "new_id",
]
