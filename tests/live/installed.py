"""
The programs of other packages that live tests need.
"""

from __future__ import annotations

import os
import shutil

from twisted.trial.unittest import SkipTest

PACKAGES = {
    "curl": "curl",
    "gcc": "gcc",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "wrk": "wrk",
}
"""
The Debian package of each, which C{.ci/run} installs.
"""


def installed(name: str) -> str:
    """
    Look a program up, also where administrators' programs are.

    @return: its path.
    @raise SkipTest: it is not installed; in continuous integration what is skipped has
        not passed.
    """
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        package = PACKAGES.get(name, name)
        raise SkipTest(f"{name} is not installed; on Debian and Ubuntu: apt-get install {package}")
    return found
