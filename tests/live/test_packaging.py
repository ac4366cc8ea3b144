"""
What is installed works away from the checkout, from the wheel and editable.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.compiled import VARIABLE
from tests.live.installed import installed
from tests.live.origin import start_origin
from tests.live.programs import ROOT, Answer, Program, free_port, get_soon, new_directory, run

NOT_COPIED = shutil.ignore_patterns(
    ".*", "_trial_temp*", "dist", "_build", "*.egg-info", "__pycache__", "*.so", "compiled.*.sums"
)

TWISTD = """\
#!{python}
from twisted.scripts.twistd import run
run()
"""


class Environment:
    """
    A fresh virtual environment.

    It borrows the dependencies of the one that runs the tests, which takes no
    network; what is installed into it comes before them.
    """

    def __init__(self, directory: Path) -> None:
        run([sys.executable, "-m", "venv", "--without-pip", directory], directory.parent)
        self.python = directory / "bin" / "python"
        self.packages = Path(
            run(
                [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], directory
            ).strip()
        )
        self.packages.joinpath("borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
        self.twistd = directory / "bin" / "twistd"
        self.twistd.write_text(TWISTD.format(python=self.python))
        self.twistd.chmod(0o755)

    def install(self, *what: str | Path) -> None:
        """
        Install a package without its dependencies, with the borrowed pip.
        """
        options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
        run([self.python, "-m", "pip", "install", *options, *what], self.packages)


def copy_of_the_checkout(directory: Path) -> Path:
    """
    The checkout without what was made in it, so that building leaves no trace.  What
    the compiler made is kept for it, as it takes long.
    """
    copy = directory / "checkout"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    return copy


class InstalledTests(SynchronousTestCase):
    """
    Installed into a fresh environment and run from another directory.
    """

    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.source = copy_of_the_checkout(self.directory)
        self.environment = Environment(self.directory / "fresh")

    def build(self, *options: str, compiled: str) -> Path:
        """
        Build the wheel.

        @param compiled: what the environment says of compiled modules.
        """
        dist = self.directory / "dist"
        command = [sys.executable, "-m", "build", "--no-isolation", *options]
        run([*command, "--outdir", dist, self.source], self.source, {VARIABLE: compiled})
        (wheel,) = dist.glob("*.whl")
        return wheel

    def elsewhere(self) -> Path:
        """
        A directory with nothing in it.
        """
        return new_directory(self)

    def file_of(self, module: str) -> Path:
        """
        Where the fresh environment imports one of our modules from.
        """
        ask = f"import {module}; print({module}.__file__)"
        return Path(run([self.environment.python, "-c", ask], self.elsewhere()).strip())

    def answer(self) -> Answer:
        """
        What the proxy answers, in its quick form.
        """
        port = free_port()
        endpoint = f"tcp:{port}:interface=127.0.0.1"
        options = ["--from", endpoint, "--to", start_origin(self)]
        proxy = Program(self, [self.environment.twistd, "--nodaemon", "--pidfile=", "revproxy", *options])
        return get_soon(port, proxy)

    def assertWorks(self, home: Path) -> None:
        self.assertEqual(self.file_of("revproxy.errors"), home / "revproxy" / "errors.py")
        self.assertIn(" revproxy ", run([self.environment.twistd, "--help"], self.elsewhere()))
        self.assertEqual(self.answer(), (200, b"origin: /"))

    def assertContent(self, wheel: Path) -> None:
        """
        The package, its marker of types and the plugins are in it; tests, bench and
        whatever else lies in the checkout are not.
        """
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
        tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
        self.assertEqual(tops, {"revproxy", "twisted"})
        self.assertIn("revproxy/py.typed", names)
        ours = {name for name in names if name.startswith("twisted/")}
        self.assertEqual(ours, {"twisted/plugins/revproxy_plugin.py"})

    def test_wheel(self) -> None:
        """
        A wheel without compiled modules, made from the source distribution as a release
        is, is for all platforms, makes C{twistd} know revproxy and runs it.
        """
        wheel = self.build(compiled="0")
        self.assertTrue(wheel.name.endswith("-py3-none-any.whl"), wheel.name)
        self.assertContent(wheel)
        self.environment.install(wheel)
        self.assertWorks(self.environment.packages)
        self.assertEqual(self.file_of("revproxy.exchange").suffix, ".py")

    def test_compiled_wheel(self) -> None:
        """
        One with compiled modules is for this platform, and runs them, until somebody
        edits the sources beside them.
        """
        installed("gcc")
        wheel = self.build("--wheel", compiled="1")
        self.assertFalse(wheel.name.endswith("-any.whl"), wheel.name)
        self.assertContent(wheel)
        self.environment.install(wheel)
        self.assertWorks(self.environment.packages)
        self.assertEqual(self.file_of("revproxy.exchange").suffix, ".so")
        with self.file_of("revproxy.errors").open("a") as source:
            source.write("\n# one line more\n")
        self.assertEqual(self.file_of("revproxy.exchange").suffix, ".py")

    def test_editable(self) -> None:
        """
        An editable checkout makes C{twistd} know revproxy and runs it.
        """
        self.environment.install("--editable", self.source)
        self.assertWorks(self.source)

    def test_without_installation(self) -> None:
        """
        The fresh environment knows revproxy only by what is installed into it.
        """
        self.assertNotIn(" revproxy ", run([self.environment.twistd, "--help"], self.elsewhere()))
