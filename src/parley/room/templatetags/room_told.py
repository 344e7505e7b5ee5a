"""Sentences of errors and mistakes on a page, in the language of the reader."""

from __future__ import annotations

from django import template

from parley.room.told import sentence

register = template.Library()
register.filter("told", sentence)
