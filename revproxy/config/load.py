"""
From a file to its L{Configuration}, or to everything that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from revproxy.config.check import Complaint, check_parts
from revproxy.config.configuration import Configuration
from revproxy.config.context import Context
from revproxy.config.document import Document, read_document
from revproxy.config.messages import one_line
from revproxy.config.parts import readable_parts
from revproxy.config.positions import Fault, Position
from revproxy.errors import ConfigurationError, Problem
from revproxy.registry import Registry

MOST_BYTES = 4 << 20
"""
The largest file that is read.
"""

BEGINNING = Position(1, 1)

Judge: TypeAlias = Callable[[object, Context], Iterable[Complaint]]
"""
Finds more that is wrong with what a file says, which may be anything at all.
"""

WHOLE = "(file)"
"""
Stands for the key where the file itself is wrong.
"""


def load_configuration(path: Path, registry: Registry, judges: Sequence[Judge] = ()) -> Configuration:
    """
    Read a file.

    @param path: named in messages as it is given.
    @param judges: what they find is told with all else, in the order of the lines.
    @raise ConfigurationError: with everything that is wrong with the file.
    """
    document = read_document(_read_text(path))
    return _validated(str(path), document, Context(registry, path.absolute().parent), judges)


def configuration_from(
    data: Mapping[str, Any], registry: Registry, directory: Path, name: str = "configuration"
) -> Configuration:
    """
    Make a configuration of what a file would say.

    @param data: as it would be read from a file: text, numbers, lists, mappings.
    @param directory: what paths are relative to.
    @param name: stands for the file in messages.
    @raise ConfigurationError: with everything that is wrong.
    """
    return _validated(name, Document(data, {}, []), Context(registry, directory))


def _read_text(path: Path) -> str:
    """
    @raise ConfigurationError: it is no text that can be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise _unreadable(path, f"is larger than {MOST_BYTES >> 20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        position = Position(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise _unreadable(path, "is not UTF-8 text", position) from error


def _unreadable(path: Path, message: str, position: Position = BEGINNING) -> ConfigurationError:
    return ConfigurationError([Problem(str(path), *position, WHOLE, message)])


def _validated(
    file: str, document: Document, context: Context, judges: Sequence[Judge] = ()
) -> Configuration:
    """
    @raise ConfigurationError: with all that is wrong.
    """
    faults = list(document.faults)
    configuration = None
    if document.value is None and not faults:
        faults.append(Fault(BEGINNING, (), "is empty: there must be listeners and routes"))
    elif document.value is not None:
        configuration, complaints = _judged(document.value, context, judges)
        faults += [Fault(document.position(path), path, message) for path, message in complaints]
    if configuration is None or faults:
        raise ConfigurationError([_problem(file, fault) for fault in sorted(set(faults), key=_order)])
    return configuration


def _judged(
    data: object, context: Context, judges: Sequence[Judge]
) -> tuple[Configuration | None, list[Complaint]]:
    """
    @return: the configuration, if the data can be one, and all that is wrong with it.
    """
    complaints = check_parts(readable_parts(data))
    complaints += [complaint for judge in judges for complaint in judge(data, context)]
    try:
        return Configuration.model_validate(data, context=context), complaints
    except ValidationError as error:
        return None, [*_complaints(error), *complaints]


def _complaints(error: ValidationError) -> Iterator[Complaint]:
    for details in error.errors(include_url=False):
        yield Complaint(tuple(part for part in details["loc"] if part != "[key]"), details["msg"])


def _order(fault: Fault) -> tuple[Position, str]:
    return fault.position, fault.message


def _problem(file: str, fault: Fault) -> Problem:
    key = ".".join(map(str, fault.path)) or WHOLE
    return Problem(file, *fault.position, one_line(key), one_line(fault.message))
