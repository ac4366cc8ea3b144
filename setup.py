"""
What setup.cfg cannot say of the build: the modules that are compiled, which
pyproject.toml lists.  L{build_backend} is what calls this.
"""

import os
import sys
import tomllib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

from revproxy.compiled import GROUP, RECORD, VARIABLE, record_of

PACKAGE = Path("revproxy")

COMPILING = {"bdist_wheel", "build_ext"}
"""
The commands that need the compiled modules; all others are spared the compiler.
"""


def extensions() -> list[Extension]:
    """
    The compiled modules, already translated to C.
    """
    from mypyc.build import mypycify

    modules = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["revproxy"]["compiled"]
    return mypycify(modules, group_name=GROUP, opt_level="3", debug_level="0")


class RecordedBuild(build_ext):
    """
    Builds all modules or none: without the record, which comes last, none is used.
    """

    record = record_of(PACKAGE)  # from before the sources are read: who edits meanwhile is noticed

    def run(self) -> None:
        """
        Build.  What was built in place before is unlinked first, not written over:
        there may be processes that run it.
        """
        package = PACKAGE if self.inplace else Path(self.build_lib, PACKAGE)
        up_to_date = set() if self.inplace else {Path(output) for output in self.get_outputs()}
        for built in {package / RECORD, *package.rglob("*" + EXTENSION_SUFFIXES[0])} - up_to_date:
            built.unlink(missing_ok=True)
        super().run()
        package.joinpath(RECORD).write_text(self.record)


if os.environ.get(VARIABLE) == "0" or COMPILING.isdisjoint(sys.argv):
    setup()
else:
    setup(ext_modules=extensions(), cmdclass={"build_ext": RecordedBuild})
