"""
A YAML document read with the position of every key and value.

YAML 1.2 core schema: C{no} and C{22:22} are text, C{010} is ten.  One document of
plain data: text, numbers, truth values, null, lists, and mappings whose keys are
text as it is written.  An alias gives the value it names; C{<<} is a key like any other.  What goes on
is bounded, so that no file can make the reader use more than a few megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from revproxy.config.positions import Fault, Path, Position
from revproxy.config.scalars import scalar_value

MOST_NODES = 200_000
MOST_NESTING = 32


_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ufeff\ue000-\ufffd\U00010000-\U0010ffff]").search
"""
Finds what no YAML file may hold: YAML 1.2.2 section 5.1.
"""


class Document(NamedTuple):
    """
    What a file says.

    @ivar value: the data; C{None} where the file is empty or cannot be read on.
    @ivar positions: for each value its place: that of the key in a mapping.
    @ivar faults: what is wrong with it.
    """

    value: Any
    positions: Mapping[Path, Position]
    faults: list[Fault]

    def position(self, path: Path) -> Position:
        """
        @return: the place of the value, or of the nearest one that holds it.
        """
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, Position(1, 1))


def read_document(text: str) -> Document:
    """
    Read all of a YAML text.  Never raises: what is wrong is among the faults.
    """
    unprintable = _UNPRINTABLE(text)
    if unprintable is not None:
        fault = Fault(_position_in(text, unprintable.start()), (), "a control character is in the file")
        return Document(None, {}, [fault])
    reader = _Reader(text)
    try:
        value = reader.read()
    except _Unreadable as unreadable:
        reader.faults.append(unreadable.fault)
        value = None
    except yaml.YAMLError as error:
        reader.faults.append(_syntax_fault(error))
        value = None
    return Document(value, reader.positions, reader.faults)


def _position_in(text: str, index: int) -> Position:
    return Position(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def _syntax_fault(error: yaml.YAMLError) -> Fault:
    """
    @return: what the parser stumbled upon, in one line.
    """
    mark = getattr(error, "problem_mark", None)
    position = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
    said = [
        getattr(error, "context", None),
        getattr(error, "problem", None) or getattr(error, "reason", None),
    ]
    return Fault(position, (), "not valid YAML: " + ", ".join(str(part) for part in said if part))


class _Unreadable(Exception):
    """
    There is no point in reading on.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Anchored(NamedTuple):
    """
    A value that aliases may repeat, and how many nodes it is made of.
    """

    value: Any
    nodes: int


class _Reader:
    """
    Builds the data from the parser's events.

    The parser itself does not recurse, so depth is counted before the stack can
    run out; an alias counts as many nodes as what it repeats.
    """

    def __init__(self, text: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events = yaml.parse(text, Loader=loader)
        self._anchors: dict[str, _Anchored] = {}
        self._nodes = 0
        self.positions: dict[Path, Position] = {}
        self.faults: list[Fault] = []

    def read(self) -> Any:
        """
        @return: the value of the first document, or C{None} where there is none.
        """
        value = None
        begun = False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if begun:
                    self._fault(event, (), "there may be one document in the file")
                    break
                begun = True
                value = self._node(next(self._events), ())
        return value

    def _node(self, event: yaml.Event, path: Path) -> Any:
        """
        @return: the value that starts with the event.
        """
        self.positions.setdefault(path, _place(event))
        self._count(event, path, 1)
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event, path)
        before = self._nodes
        value = self._fresh(event, path)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = _Anchored(value, self._nodes - before + 1)
        return value

    def _fresh(self, event: yaml.Event, path: Path) -> Any:
        """
        @return: the value of a node that is no alias.
        """
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        self._refuse_tag(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _count(self, event: yaml.Event, path: Path, nodes: int) -> None:
        """
        @raise _Unreadable: the document is too large or too deep.
        """
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            raise _Unreadable(Fault(_place(event), path, f"more than {MOST_NODES} values in the file"))
        if len(path) > MOST_NESTING:
            raise _Unreadable(Fault(_place(event), path[:3], f"nested more than {MOST_NESTING} deep"))

    def _repeated(self, event: yaml.AliasEvent, path: Path) -> Any:
        """
        @return: the value that the alias stands for.
        """
        anchored = self._anchors.get(str(event.anchor))
        if anchored is None:
            self._fault(event, path, f"no anchor is called {event.anchor!r} above this place")
            return None
        self._count(event, path, anchored.nodes)
        return anchored.value

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        """
        @return: the entries whose key is text; of those with the same key the first
            is kept.
        """
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._skip_entry(event, path)
                continue
            key = str(event.value)
            at = (*path, key)
            first = self.positions.setdefault(at, _place(event))
            value = self._node(next(self._events), at)
            if key in entries:
                self._fault(event, at, f"this key was given already, in line {first.line}")
            else:
                entries[key] = value
        return entries

    def _skip_entry(self, event: yaml.Event, path: Path) -> None:
        """
        Read over an entry whose key is a list, a mapping or an alias.
        """
        self._fault(event, path, "a key must be text")
        nowhere = (*path, "?")
        self._node(event, nowhere)
        self._node(next(self._events), nowhere)

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Any:
        """
        @return: text, a number, a truth value or C{None}.
        """
        try:
            return scalar_value(event.value, event.tag, plain=event.implicit[0])
        except ValueError as error:
            self._fault(event, path, str(error))
            return None

    def _refuse_tag(self, event: yaml.Event, path: Path) -> None:
        if getattr(event, "tag", None) not in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._fault(event, path, f"the tag {getattr(event, 'tag', None)!r} has no meaning here")

    def _fault(self, event: yaml.Event, path: Path, message: str) -> None:
        self.faults.append(Fault(_place(event), path, message))


def _place(event: yaml.Event) -> Position:
    mark = event.start_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
