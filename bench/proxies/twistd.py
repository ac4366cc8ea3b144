"""
How proxies that run under C{twistd} are called.
"""

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
"""
What is measured is the code beside this package, whatever else is installed.
"""


def twistd(reactor: str | None) -> list[str]:
    """
    Say how C{twistd} is called, up to the command that it is to run.

    @param reactor: the reactor's name, or L{None} for the default one.
    """
    chosen = [] if reactor is None else [f"--reactor={reactor}"]
    program = str(Path(sys.executable).with_name("twistd"))
    return [program, *chosen, "-n", "--pidfile=", "--logfile=twistd.log"]
