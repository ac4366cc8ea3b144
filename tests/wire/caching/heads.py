"""
Heads of stored responses, of any kind.
"""

from __future__ import annotations

from hypothesis import strategies as st

from revproxy.wire.caching.freshness import Freshness
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.validators import Validators

_SHORT = st.binary(max_size=20)
_TIMES = st.floats(allow_nan=False, allow_infinity=False)
_WHOLE = st.integers(-(1 << 62), 1 << 62)
_NAMES = st.from_regex(rb"[a-z][a-z0-9-]{0,8}", fullmatch=True)
_VALUES = _SHORT.filter(lambda value: not any(octet in value for octet in b"\r\n\0"))
_LISTS = st.lists(_SHORT, max_size=3)


@st.composite
def validators(draw: st.DrawFn) -> Validators:
    """
    Validators, with C{Last-Modified} whole or not at all.
    """
    etag = draw(st.none() | _SHORT)
    modified = draw(st.none() | _SHORT)
    return Validators(etag, modified, None if modified is None else draw(_WHOLE), draw(_WHOLE))


def freshnesses() -> st.SearchStrategy[Freshness]:
    """
    Freshness of any kind.
    """
    return st.builds(
        Freshness, _TIMES, _TIMES, _TIMES, st.booleans(), st.booleans(), st.booleans(), _WHOLE, _WHOLE
    )


def heads() -> st.SearchStrategy[KeptHead]:
    """
    Heads of any kind.
    """
    return st.builds(
        KeptHead,
        st.integers(100, 999),
        _SHORT,
        st.lists(st.tuples(_NAMES, _VALUES), max_size=5),
        _LISTS.map(tuple),
        _SHORT,
        freshnesses(),
        validators(),
        st.frozensets(_SHORT, max_size=3),
    )


def said_by(rule: Freshness | Validators | KeptHead) -> dict[str, object]:
    """
    All that they hold, to compare them by.
    """
    made = ("freshness", "validators")  # anew each time
    return {
        name: getattr(rule, name)
        for name in dir(rule)
        if not (name.startswith("_") or name in made or callable(getattr(rule, name)))
    }
