"""
C{type: probe}: a filter that answers with what the reactor holds.
"""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from revproxy.exchange import Exchange, Reply
from revproxy.interfaces import IRequestFilter
from revproxy.registry import Environment, Settings, component
from tests.live.programs import ROOT

METADATA = "Metadata-Version: 2.1\nName: revproxy-probe\nVersion: 1.0\n"

ENTRY_POINTS = "[revproxy.IRequestFilter]\nprobe = tests.live.probe:probe\n"


class ProbeSettings(Settings):
    """
    Answers with what the reactor holds.
    """


@implementer(IRequestFilter)
class Probe:
    """
    Answers with what the reactor holds.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock

    def filter_request(self, exchange: Exchange) -> Reply:
        """
        Implement L{IRequestFilter.filter_request}.
        """
        gc.collect()
        held = {
            "calls": len(self._clock.getDelayedCalls()),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "exchanges": sum(isinstance(each, Exchange) for each in gc.get_objects()),
        }
        return Reply(200, [], json.dumps(held).encode())


@component(ProbeSettings)
def probe(settings: ProbeSettings, environment: Environment) -> Probe:
    """
    Make the filter.
    """
    return Probe(environment.clock)


def with_probe(directory: Path) -> dict[str, str]:
    """
    @param directory: where to pretend that a package with the filter is installed.
    @return: the environment of a process that finds it.
    """
    package = directory / "revproxy_probe-1.0.dist-info"
    package.mkdir()
    package.joinpath("METADATA").write_text(METADATA)
    package.joinpath("entry_points.txt").write_text(ENTRY_POINTS)
    paths = [str(directory), os.environ.get("PYTHONPATH", ""), str(ROOT)]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
