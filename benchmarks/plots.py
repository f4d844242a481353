"""Plots of a run: for each operation cost over size, one line for each backend and one for the floor."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from .run import FLOOR
from .summary import Summary, by_cell, contestants


class NoPlots(Exception):
    """Plots cannot be made; the message is one line that says what to do."""


def pyplot() -> Any:
    """matplotlib, drawing into files.

    Raises:
        NoPlots: it is not installed.
    """
    try:
        matplotlib: Any = importlib.import_module("matplotlib")
    except ImportError as error:
        raise NoPlots(f"plots need matplotlib ({error}): pip install 'nnxspec[bench]'") from None
    matplotlib.use("Agg")
    # A file of the same run is the same file: no random ids, and no date (see `savefig` below).
    matplotlib.rcParams.update({"svg.hashsalt": "nnxspec", "svg.fonttype": "none", "font.size": 9})
    return importlib.import_module("matplotlib.pyplot")


def plot_all(summary: Summary, folder: Path) -> list[Path]:
    """Writes one SVG for each operation that was measured at two sizes at least, each shape in a panel of its own.

    Args:
        summary: the run.
        folder: where to; made if it is not there.

    Returns:
        The files.

    Raises:
        NoPlots: matplotlib is not installed.
        OSError: a file cannot be written.
    """
    plt = pyplot()
    folder.mkdir(parents=True, exist_ok=True)
    cells, made = by_cell(summary), []
    for operation, about in summary["operations"].items():
        sizes: dict[str, list[int]] = {}
        for op, shape, size in cells:
            if op == operation and any("us" in entry for entry in cells[op, shape, size].values()):
                sizes.setdefault(shape, []).append(size)
        panels = [shape for shape, found in sizes.items() if len(found) > 1]
        if not panels:
            continue
        columns = min(3, len(panels))
        rows = -(-len(panels) // columns)
        figure, grid = plt.subplots(
            rows, columns, figsize=(3.6 * columns, 2.8 * rows + 0.5), squeeze=False, sharey=True, layout="constrained"
        )
        for axes in grid.flat[len(panels) :]:
            axes.set_visible(False)
        for axes, shape in zip(grid.flat, panels, strict=False):
            _panel(axes, cells, operation, shape, sorted(sizes[shape]), contestants(summary))
        handles, labels = grid.flat[0].get_legend_handles_labels()
        figure.suptitle(f"{operation}: {about['what']}", fontsize=9)
        across = min(len(labels), 3 * columns)  # a panel is as wide as three names
        figure.legend(handles, labels, loc="outside lower center", ncols=across, frameon=False)
        path = folder / f"{operation.replace(':', '-')}.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        made.append(path)
    return made


def _panel(axes: Any, cells: Any, operation: str, shape: str, sizes: list[int], names: list[str]) -> None:
    for number, name in enumerate(names):
        found = {size: cells[operation, shape, size].get(name, {}) for size in sizes}
        timed = {size: entry for size, entry in found.items() if "us" in entry}
        color = "black" if name == FLOOR else f"C{number}"
        style = "--" if name == FLOOR else "-"
        axes.plot(list(timed), [e["us"] for e in timed.values()], style, color=color, marker="o", ms=3, label=name)
        low, high = [e["low"] for e in timed.values()], [e["high"] for e in timed.values()]
        axes.fill_between(list(timed), low, high, color=color, alpha=0.2, linewidth=0)
    axes.set(xscale="log", yscale="log", title=shape, xlabel="Variables", ylabel="microseconds")
    axes.minorticks_off()
    axes.grid(visible=True, which="major", alpha=0.3)
