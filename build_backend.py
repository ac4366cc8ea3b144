"""
How the package is built: by setuptools, with compiled modules where that works.

The environment variable C{REVPROXY_COMPILED} says what is wanted: with C{0} nothing is
compiled, with C{1} a build that cannot compile fails; otherwise it goes on without.
C{python -m build_backend} compiles in place, for a checkout.
"""

import os
import subprocess
import sys
from collections.abc import Callable, MutableMapping
from configparser import ConfigParser
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any, TextIO, TypeAlias, TypeVar

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from revproxy.compiled import VARIABLE

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings: TypeAlias = dict[str, Any] | None
T = TypeVar("T")

LOG = Path("build", "compile.log")
"""
What was printed when the modules were last compiled in place.
"""


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """
    What has to be installed to build a wheel: to compile, also the compiler and all
    that our modules import, as its types are what makes the code fast.
    """
    requires: list[str] = build_meta.get_requires_for_build_wheel(config_settings)
    return (
        requires if os.environ.get(VARIABLE) == "0" else requires + compiler_requirements(Path("setup.cfg"))
    )


def compiler_requirements(setup_cfg: Path) -> list[str]:
    """
    The requirements of the package itself and of its C{compile} extra.
    """
    metadata = ConfigParser(interpolation=None)
    metadata.read(setup_cfg)
    listed = metadata["options"]["install_requires"] + metadata["options.extras_require"]["compile"]
    return listed.split("\n")[1:]


def build_wheel(
    directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """
    Build a wheel: one for this platform and version of Python where it has compiled
    modules, one for all where it has none.
    """

    def build() -> str:
        name: str = build_meta.build_wheel(directory, config_settings, metadata_directory)
        return name

    return compiled_or_not(build, os.environ, sys.stderr)


def compiled_or_not(build: Callable[[], T], environment: MutableMapping[str, str], errors: TextIO) -> T:
    """
    Build with compiled modules where that is wanted and works, or else without.

    @param environment: what says whether it is wanted, to us and to C{build}.
    """
    try:
        return build()
    except (Exception, SystemExit):
        if environment.get(VARIABLE) in ("0", "1"):
            raise
        print("revproxy: built without compiled modules; the lines above say why", file=errors)
    environment[VARIABLE] = "0"
    return build()


def compile_in_place(choice: str) -> int:
    """
    Bring the compiled modules of this checkout up to date.

    @return: the exit status: 1 where that failed and must not.
    """
    if choice == "0":
        return 0
    print("revproxy: compiling the way of a request, which takes half a minute", flush=True)
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w") as log:
        flock(log, LOCK_EX)
        command = [sys.executable, "setup.py", "build_ext", "--inplace"]
        status = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
    if status:
        print(f"revproxy: runs from its sources, as compiling them failed; {LOG} says why", flush=True)
    return int(status != 0 and choice == "1")


if __name__ == "__main__":
    sys.exit(compile_in_place(os.environ.get(VARIABLE, "auto")))
