"""Parley: the open workbench for peace talks.

From what has been said, by whom and on whose word, to what could be agreed: every
conclusion traceable to its sources, every doubt carried through to the result.

Data, and imports, flow one way: ``case`` (parties, issues, options) → ``record`` (who said
what) → ``preferences`` (the worlds that fit what was said) → ``deals`` (what could be agreed)
and ``conflict`` (what would hold) → ``workbench`` (findings) → ``report`` → ``cli``. Beside them
stand ``texts`` (written proposals) and ``exchange`` (sealed deposit, simultaneous opening); the
``room`` brings all of it to those who may see it.
"""

__version__ = "0.4.0"
