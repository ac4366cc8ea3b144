"""
What keeps responses for a cache.

A store knows nothing of HTTP's rules: it keeps heads and bodies under keys, and whether
one may be used is decided by who asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from twisted.internet.defer import Deferred

    from revproxy.wire.caching.kept import KeptHead


class Figures(NamedTuple):
    """
    What a store holds, and what happened since it was made.

    @ivar entries: how many responses are kept now.
    @ivar octets: what they take, with all that the store needs to keep them.
    @ivar stores: how many were kept.
    @ivar evictions: how many had to make room for others.
    @ivar errors: how often something went wrong, such as a full disk.
    """

    entries: int = 0
    octets: int = 0
    stores: int = 0
    evictions: int = 0
    errors: int = 0


class IOpenBody(Interface):
    """
    A body in an open file.
    """

    descriptor: int = Attribute("The file's descriptor; who reads does so by offsets, as others read, too.")
    offset: int = Attribute("Where in the file the body begins; it is in one piece.")

    def close() -> None:
        """
        Let go of it; once is enough, more do no harm.
        """


class IKept(Interface):
    """
    A response that is kept.

    Two that were found at different times are equal where they are the same response,
    whatever became of its head.  Where it could be read once it can be read to its end,
    as long as somebody holds it: also when the store has let go of it meanwhile.
    """

    key: bytes = Attribute("The primary key that it is kept under.")
    head: KeptHead = Attribute("Its head.")
    length: int = Attribute("How many octets the body has.")
    whole: bytes | None = Attribute("The body, where it is in memory in one piece; otherwise C{None}.")

    def used() -> None:
        """
        It answers a request.  Whoever finds one says so where it does, body or not, as
        this is what decides which responses stay.  It must be quick.
        """

    def body(start: int, stop: int) -> bytes:
        """
        Read a part of the body.

        @param start: the first octet, counted from 0.
        @param stop: the one after the last, at most C{length}.
        @raise revproxy.errors.BodyLost: it cannot be read any more.
        """

    def open() -> IOpenBody | None:
        """
        Open the body for C{os.sendfile}.  It stays there until it is closed, also when
        the response is removed meanwhile.  Somebody may still make the file shorter: then
        less comes than C{length} says, and the answer has to be cut.

        @return: C{None} where the body is in memory.
        @raise revproxy.errors.BodyLost: it cannot be read any more; nothing was sent yet,
            so the request can be answered as if nothing had been kept.
        """


class IKeeping(Interface):
    """
    A response that is about to be kept, while its body comes.  It ends with L{commit} or
    L{abort}, one of them, once; a body that was cut short is aborted.
    """

    def write(data: bytes) -> bool:
        """
        Take the next piece of the body.

        @return: whether there is a use in going on.  Where there is not, as the body has
            become too large or the disk is full, what is written is dropped, and
            L{commit} keeps nothing.
        """

    def commit() -> IKept | None:
        """
        The body is whole: from now on the response can be found.  It takes the place of
        those under the same key that L{KeptHead.fits_same} says are for the same requests.

        @return: C{None} where it is not kept: the body is shorter or longer than was
            announced, or L{write} had said so.
        """

    def abort() -> None:
        """
        The body will never be whole: nothing is left of it.
        """


class ICacheStore(Interface):
    """
    Keeps responses.

    One with a life of its own, which opens files, say, provides
    L{twisted.application.service.IService}, too.  Before it is started, and after it is
    stopped, it keeps and finds nothing.

    What goes wrong is the store's own affair: it counts it, says it once in the log, and
    finds and keeps what it can.
    """

    def find(key: bytes) -> Sequence[IKept] | Deferred[Sequence[IKept]]:
        """
        Look up what is kept under a primary key: more than one where they differ by
        C{Vary}.

        @return: the newest first; empty where there is none; a L{Deferred} only where it
            has to wait.  It is cancelled where nobody waits for it any more.
        """

    def more(key: bytes, found: Sequence[IKept]) -> Sequence[IKept] | Deferred[Sequence[IKept]]:
        """
        Look up what else is kept under a key: L{find} may leave out what is in a slower
        place, as it need not be looked for where one fits that is at hand.

        @param found: what C{find} gave.
        @return: the others; empty where L{find} gives all.
        """

    def begin(key: bytes, head: KeptHead, length: int | None) -> IKeeping | None:
        """
        Begin to keep a response whose body is to come.  Nobody finds it before it is
        committed.

        @param length: how many octets the body will have, where that is known.
        @return: C{None} where it is not wanted: it is too large, say.
        """

    def update(kept: IKept, head: KeptHead) -> None:
        """
        Give a response another head, as it was validated or is to count as stale: from now
        on it is found with that, and so C{kept} has it.  Where it is not kept any more
        nothing happens.

        @param kept: as it was found.
        """

    def remove(kept: IKept) -> None:
        """
        Let go of a response: it is found no more.  Where it is not kept any more nothing
        happens.

        @param kept: as it was found.
        """

    def keys(prefix: bytes) -> Iterator[Sequence[bytes]]:
        """
        Go through all keys that begin with a prefix; all keys where that is empty.

        It goes step by step, each of which is short, so others can have their turn between
        two of them: a step may find nothing.  Responses may come and go meanwhile: those
        that were there all the time are found, each once or more than once.

        @return: gives the keys that a step has found, until there are no more.
        """

    def tagged(tag: bytes) -> Iterator[Sequence[bytes]]:
        """
        Go through the keys of responses with a tag; not all that is kept under such a key
        needs to have it.

        @return: as for L{keys}.
        """

    def figures() -> Figures:
        """
        Tell what is kept, at little cost.
        """
