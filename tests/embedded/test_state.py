"""
Tests of L{revproxy.embedded.state}.
"""

from __future__ import annotations

import stat
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.embedded.state import state_directory
from revproxy.errors import RevproxyError


class StateDirectoryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.base = Path(self.mktemp()).absolute()

    def test_option(self) -> None:
        """
        The option goes before the environment.
        """
        chosen = self.base / "chosen"
        environ = {"XDG_STATE_HOME": str(self.base / "xdg"), "HOME": str(self.base)}
        self.assertEqual(state_directory(str(chosen), environ), chosen)

    def test_relative_option(self) -> None:
        """
        A relative option is made absolute: twistd changes its directory.
        """
        relative = self.mktemp()
        self.assertEqual(state_directory(relative, {}), Path.cwd() / relative)

    def test_environment(self) -> None:
        """
        The environment's state directory goes before the default one.
        """
        environ = {"XDG_STATE_HOME": str(self.base / "xdg"), "HOME": str(self.base)}
        self.assertEqual(state_directory(None, environ), self.base / "xdg" / "revproxy")

    def test_default(self) -> None:
        """
        Otherwise it is in the home directory; a relative or empty setting counts as none.
        """
        expected = self.base / ".local" / "state" / "revproxy"
        for more in ({}, {"XDG_STATE_HOME": ""}, {"XDG_STATE_HOME": "relative"}):
            self.assertEqual(state_directory(None, {"HOME": str(self.base), **more}), expected)

    def test_made(self) -> None:
        """
        It is made for its owner alone, and used again where it is there.
        """
        made = state_directory(str(self.base / "state"), {})
        self.assertEqual(stat.S_IMODE(made.stat().st_mode), 0o700)
        self.assertEqual(state_directory(str(made), {}), made)

    def test_cannot_be_made(self) -> None:
        """
        A directory that cannot be made is refused in one line that names it.
        """
        self.base.write_bytes(b"a file")
        for path, reason in ((self.base, "File exists"), (self.base / "below", "Not a directory")):
            error = self.assertRaises(RevproxyError, state_directory, str(path), {})
            self.assertEqual(str(error), f"{path}: cannot be the state directory: {reason}")

    def test_nowhere(self) -> None:
        """
        Where nothing says where, the option is asked for.
        """
        error = self.assertRaises(RevproxyError, state_directory, None, {})
        self.assertIn("give --state-dir", str(error))
