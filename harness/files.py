"""Files that a command reads and writes: refused in one line, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any


class FileError(ValueError):
    """A file cannot be read or written, or is not what it should be; the message is one line that says why."""


def check_writable(path: Path) -> None:
    """Checks before long work that a file can be written after it.

    Raises:
        FileError: it cannot.
    """
    folder = path.parent
    if path.is_dir():
        why = "it is a folder"
    elif not folder.is_dir():
        why = f"there is no folder {folder}"
    elif not os.access(folder, os.W_OK):
        why = f"no permission to write in {folder}"
    elif path.exists() and not os.access(path, os.W_OK):
        why = "no permission to write it"
    else:
        return
    raise FileError(f"{path} cannot be written: {why}")


def put(path: Path, text: str) -> None:
    """Writes a file: whole, or not at all.

    Raises:
        FileError: the file system refuses.
    """
    target = path.resolve()  # what a link leads to is written, and not the link
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        if target.exists() and not target.is_file():  # a pipe or device is not to be replaced
            target.write_text(text, encoding="utf-8")
            return
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, target)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def json_object(path: Path, what: str, hint: str) -> dict[str, Any]:
    """The JSON object in a file, which has a schema.

    Args:
        path: the file.
        what: what it should be, for messages: "report".
        hint: what writes such files.

    Raises:
        FileError: it is missing, no JSON, or has no schema.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise FileError(f"{path} is no {what}: it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise FileError(f"{path} is no {what}: it is no JSON ({error})") from None
    if not isinstance(found, dict) or "schema" not in found:
        raise FileError(f"{path} is no {what}: it has no 'schema'; {hint}")
    return found
