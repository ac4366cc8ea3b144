"""
The event loop under generators: uvloop's where it is installed.
"""

import asyncio
import importlib


def new_event_loop() -> asyncio.AbstractEventLoop:
    """
    Make an event loop.
    """
    try:
        made: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
    except ImportError:
        return asyncio.new_event_loop()
    return made
