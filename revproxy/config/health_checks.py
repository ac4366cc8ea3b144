"""
What all health checks have in common.
"""

from __future__ import annotations

from typing import Literal

from revproxy.config.conditions import Share
from revproxy.config.settings import Settings, option
from revproxy.config.units import Duration


class HealthCheckSettings(Settings):
    """
    When a server is checked, and what follows.  The settings of every kind of check
    inherit these.
    """

    interval: Duration = option("5s", "From one check to the next.")
    down_interval: Duration = option("1s", "The same while the server is not well, or not known to be.")
    jitter: Share = option("10%", "By how much each interval may be longer or shorter, at random.")
    timeout: Duration = option("2s", "How long a check may take.")
    rise: int = option(2, "So many checks in a row that go well bring a server up.", ge=1)
    fall: int = option(3, "So many checks in a row that fail take it down.", ge=1)
    initial: Literal["up", "down"] = option("up", "What is believed of a server before it is known.")
