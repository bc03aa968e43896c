"""Files that appear only when they are whole, and the errors of those that cannot be written."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from relgraph.errors import StoreError, StoreFull, StoreUnavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def unwritten(path: Path, error: OSError) -> StoreError:
    """Return the error of something that cannot be written: StoreFull where there is no room, else StoreUnavailable."""
    if error.errno in _FULL:
        return StoreFull(
            f"no room left to write '{path}'; nothing of it was kept", hint="free space on the disk and try again"
        )
    said = error.strerror or str(error)
    if isinstance(error, FileNotFoundError):
        return StoreUnavailable(
            f"cannot write '{path}': there is no folder '{path.parent}'", hint="make it first, or check the path"
        )
    if isinstance(error, IsADirectoryError):
        return StoreUnavailable(f"cannot write '{path}': it is a folder", hint="name a file inside it")
    return StoreUnavailable(f"cannot write '{path}': {said}", hint="check the folder and its rights")


def is_stream(path: Path) -> bool:
    """Return whether a path names what is open already, such as /dev/stdout, which may lead to a file."""
    return path.is_absolute() and path.parts[1:2] in {("dev",), ("proc",)}


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to be written that takes its place at the end of the block, and leaves nothing where that fails.

    A link stays one, and what it leads to is written; a device or pipe, such as /dev/stdout, is written directly.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if path.exists() and (not path.is_file() or is_stream(path)):
            with path.open("ab") as file:
                yield file
            return
        target = path.resolve()
        part = target.with_name(target.name + ".part")
        try:
            with part.open("wb") as file:
                yield file
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise unwritten(path, error) from error
