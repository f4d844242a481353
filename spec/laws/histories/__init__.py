"""Laws of histories: after any sequence of operations an object is what one is that was made at once, of all terms.

Each law interprets a history, which is data, on the object and on a plain Python model, and sends the object on trips
between operations (split and merge, copies, pickle). A state machine that draws while it runs could not be stored as
JSON, printed as a script or replayed on another backend; a tuple of verbs and small integers can.
"""

from __future__ import annotations

from ...law import Law
from . import containers, graphs, metadata, states, streams

LAWS: tuple[Law, ...] = (*containers.LAWS, *graphs.LAWS, *states.LAWS, *streams.LAWS, *metadata.LAWS)
