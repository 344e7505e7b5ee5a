"""Tests of the room. Importing this package starts Django on a data folder of its own."""

from tests.room.world import activate

activate()
