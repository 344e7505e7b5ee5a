"""What each side has done and given at each point of an order of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.texts.terms.order import Ordered


@dataclass(frozen=True)
class Point:
    """The moment after a step: for each actor what it has done by then, and what it cannot take back.

    `depth` is how many steps must come before it, one after another.
    """

    step: Ordered
    depth: int
    done: dict[str, tuple[str, ...]]
    lost: dict[str, tuple[str, ...]]


def ledger(steps: Sequence[Ordered]) -> tuple[Point, ...]:
    """The steps in an order that keeps what comes before what, then by deadline."""
    depths = _depths(steps)
    place = {step.id: k for k, step in enumerate(steps)}
    ordered = sorted(
        steps,
        key=lambda s: (
            depths[s.id],
            s.hours if s.hours is not None else float("inf"),
            place[s.id],
        ),
    )
    done: dict[str, tuple[str, ...]] = {}
    lost: dict[str, tuple[str, ...]] = {}
    points = []
    for step in ordered:
        for actor in _actors(step):
            done = {**done, actor: (*done.get(actor, ()), step.name)}
            if step.can_lose:
                lost = {**lost, actor: (*lost.get(actor, ()), step.can_lose)}
        points.append(Point(step, depths[step.id], done, lost))
    return tuple(points)


def _actors(step: Ordered) -> list[str]:
    return [actor.strip() for actor in step.actor.split(",") if actor.strip()] or ["not said"]


def _depths(steps: Sequence[Ordered]) -> dict[str, int]:
    """How many steps come before each, the longest way; steps in a circle count their way once."""
    by_id = {step.id: step for step in steps}
    found: dict[str, int] = {}

    def depth(name: str, path: frozenset[str]) -> int:
        if name in found:
            return found[name]
        before = [b for b in by_id[name].after if b in by_id and b not in path]
        return 1 + max((depth(b, path | {name}) for b in before), default=-1)

    for step in steps:
        found[step.id] = depth(step.id, frozenset({step.id}))
    return found
