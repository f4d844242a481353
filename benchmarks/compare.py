"""What got slower between two runs.

Seconds differ from machine to machine and from day to day, and the floor moves with them. So something counts as slower
only if all of this holds: its median and its ratio to the floor both grew by more than the threshold, and the two runs
do not overlap (the new lower quartile lies above the old upper one).
"""

from __future__ import annotations

from dataclasses import dataclass

from .run import FLOOR
from .summary import Summary, by_cell

THRESHOLD = 0.25
"""How much more something may cost before it counts as slower."""


@dataclass(frozen=True)
class Change:
    """One contestant in one cell, in two runs.

    Args:
        cell: operation, shape and size.
        contestant: the backend.
        old: microseconds before.
        new: microseconds now.
        old_ratio: ratio to the floor before.
        new_ratio: ratio to the floor now.
    """

    cell: tuple[str, str, int]
    contestant: str
    old: float
    new: float
    old_ratio: float
    new_ratio: float

    @property
    def growth(self) -> float:
        """How much more it costs, the floor's own change taken out: 0.5 is half as much again."""
        return self.new_ratio / self.old_ratio - 1


@dataclass(frozen=True)
class Comparison:
    """Two runs.

    Args:
        slower: what got slower, worst first.
        faster: what got faster by the same rule the other way round, best first.
        compared: how many figures both runs have.
        threshold: the threshold.
        lost: cells that the old run timed for a backend of the new one, and the new run did not, with the reason.
    """

    slower: tuple[Change, ...]
    faster: tuple[Change, ...]
    compared: int
    threshold: float
    lost: tuple[tuple[tuple[str, str, int], str, str], ...]


def compare(old: Summary, new: Summary, threshold: float = THRESHOLD) -> Comparison:
    """Compares two summaries, cell by cell, for the backends that both have.

    Args:
        old: the earlier run.
        new: the later one.
        threshold: share by which something may grow.
    """
    before, slower, faster, lost, compared = by_cell(old), [], [], [], 0
    for cell, now in by_cell(new).items():
        for contestant, entry in now.items():
            then = before.get(cell, {}).get(contestant)
            if contestant == FLOOR or then is None or "us" not in then:
                continue
            if "us" not in entry:
                lost.append((cell, contestant, entry["reason"]))
                continue
            if not then["ratio_to_floor"] or not entry["ratio_to_floor"]:
                continue
            compared += 1
            change = Change(cell, contestant, then["us"], entry["us"], then["ratio_to_floor"], entry["ratio_to_floor"])
            if _grew(change.old, change.new, threshold) and _grew(change.old_ratio, change.new_ratio, threshold):
                if entry["low"] > then["high"]:
                    slower.append(change)
            elif _grew(change.new, change.old, threshold) and _grew(change.new_ratio, change.old_ratio, threshold):
                if entry["high"] < then["low"]:
                    faster.append(change)
    return Comparison(
        tuple(sorted(slower, key=lambda c: -c.growth)),
        tuple(sorted(faster, key=lambda c: c.growth)),
        compared,
        threshold,
        tuple(lost),
    )


def _grew(old: float, new: float, threshold: float) -> bool:
    return new > old * (1 + threshold)


def told(comparison: Comparison) -> str:
    """The comparison in words."""
    if not comparison.compared and not comparison.lost:
        return "nothing is compared: the two runs have no figure in common, give the same --ops, --sizes and --shapes"
    percent = f"{comparison.threshold:.0%}"
    lines = [
        f"compared {comparison.compared} figures: {len(comparison.slower)} slower, {len(comparison.faster)} faster "
        f"(median and ratio to the floor both changed by more than {percent}, quartiles apart)"
    ]
    for title, changes in (("slower", comparison.slower), ("faster", comparison.faster)):
        for change in changes:
            operation, shape, size = change.cell
            lines.append(
                f"  {title}: {change.contestant} {operation} {shape} {size:,}: {change.old:.4g} -> {change.new:.4g} us,"
                f" {change.old_ratio:.3g} -> {change.new_ratio:.3g} floors ({change.growth:+.0%})"
            )
    for (operation, shape, size), contestant, reason in comparison.lost:
        lines.append(f"  no longer timed: {contestant} {operation} {shape} {size:,}: {reason}")
    return "\n".join(lines)
