"""
The cases of the conformance suite that are played to the rules, played to the real cache.
"""

from __future__ import annotations

from revproxy.wire.caching.policy import DEFAULT, Policy
from tests.flow.caching.played import Played
from tests.wire.caching import (
    test_conformance_expires,
    test_conformance_fields,
    test_conformance_freshness,
    test_conformance_reuse,
    test_conformance_storing,
)
from tests.wire.caching.conformance import ConformanceCase, PlayedCache


class _Real:
    def cache(self, policy: Policy = DEFAULT) -> PlayedCache:
        return Played(policy)


def _played(case: type[ConformanceCase]) -> type[ConformanceCase]:
    """
    @return: the same tests, with the real cache.
    """
    return type(case.__name__, (_Real, case), {"__module__": __name__, "__doc__": case.__doc__})


for _module in (
    test_conformance_expires,
    test_conformance_fields,
    test_conformance_freshness,
    test_conformance_reuse,
    test_conformance_storing,
):
    for _name, _case in list(vars(_module).items()):
        if isinstance(_case, type) and issubclass(_case, ConformanceCase) and _case is not ConformanceCase:
            globals()[f"{_module.__name__.rpartition('_')[2].title()}{_name}"] = _played(_case)
