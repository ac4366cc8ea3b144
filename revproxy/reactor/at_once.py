"""
Calling uvloop's coroutines from code that is none.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def result_at_once(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """
    @param coroutine: one that does not wait.
    @return: its result.
    """
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    raise RuntimeError(f"{coroutine} waits")


def run_in_background(coroutine: Coroutine[Any, Any, Any]) -> None:
    """
    Do all up to what a coroutine waits for now, and the rest when that has come.

    A task would begin in the next turn of the loop only.

    @param coroutine: one that waits for one future, at most, and whose result nobody
        needs.
    """
    try:
        future: Future[Any] = coroutine.send(None)
    except StopIteration:
        return
    future.add_done_callback(lambda _: _resume(coroutine))


def _resume(coroutine: Coroutine[Any, Any, Any]) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        pass
