"""
A process that writes to a cache on disk until it is killed::

    python -m tests.live.cache_writer DIRECTORY

What it keeps can be told from what it does not: the head says what the body is.
"""

from __future__ import annotations

import sys
from hashlib import shake_128
from pathlib import Path
from random import Random
from secrets import token_hex

from twisted.internet.task import Clock

from revproxy.components.stores.disk.store import DiskStore
from revproxy.interfaces import IKept
from revproxy.testing import stand_in_head
from revproxy.wire.caching.kept import KeptHead

SIZE = 24 << 20
KEYS = [b"https://example.com/%d" % number for number in range(40)]
SIZES = (0, 100, 3000, 5000, 60_000, 300_000)


def head_of(seed: bytes, length: int, turn: int = 0) -> KeptHead:
    return stand_in_head(
        fields=((b"x-seed", seed), (b"x-length", b"%d" % length), (b"x-turn", b"%d" % turn)),
        vary=(b"accept",),
        secondary=seed[:1],
        tags=(seed[:1],),
    )


def body_of(seed: bytes, length: int) -> bytes:
    return shake_128(seed).digest(length)


def is_right(kept: IKept) -> bool:
    """
    Whether a response has the body that its head says it has, of the length that it says.
    """
    fields = kept.head.fields
    seed, length = fields.get(b"x-seed") or b"", int(fields.get(b"x-length") or -1)
    return kept.length == length and kept.body(0, kept.length) == body_of(seed, length)


def open_store(path: str, size: int = SIZE) -> DiskStore:
    store = DiskStore(Clock(), Path(path), size, 1 << 20, 64)
    store.startService()
    return store


def write(store: DiskStore, random: Random) -> None:
    """
    Do one of the things that happen to a cache.
    """
    key = random.choice(KEYS)
    what = random.random()
    found = store.find(key)
    if found and what < 0.1:
        store.remove(random.choice(found))
    elif found and what < 0.3:
        kept = random.choice(found)
        seed = kept.head.fields.get(b"x-seed") or b""
        store.update(kept, head_of(seed, kept.length, random.randrange(1000)))
    else:
        seed, length = token_hex(8).encode(), random.choice(SIZES)
        keeping = store.begin(key, head_of(seed, length), random.choice((length, None)))
        if keeping is not None:
            body = body_of(seed, length)
            for start in range(0, length, 20_000):
                keeping.write(body[start : start + 20_000])
            if what < 0.4:
                keeping.abort()
            else:
                keeping.commit()


def main() -> None:
    store = open_store(sys.argv[1])
    random = Random(token_hex(8))
    print("ready", flush=True)
    while True:
        write(store, random)
        store._clock.advance(0.01)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
