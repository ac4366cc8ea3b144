"""
Tests of L{revproxy.components.stores.disk.tenancy}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.directory import STATE, open_directory
from revproxy.components.stores.disk.tenancy import Tenancy, boot_identity


class BootTests(SynchronousTestCase):
    def test_identity(self) -> None:
        """
        It is what the system says, and the same as long as that runs; nothing where it
        does not say it.
        """
        path = Path(self.mktemp())
        self.assertEqual(boot_identity(path), b"")
        path.write_bytes(b"abc\n")
        self.assertEqual(boot_identity(path), b"abc")
        self.assertEqual(boot_identity(), boot_identity())


class TenancyTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.directory = open_directory(Path(self.mktemp()))
        self.addCleanup(self.directory.close)
        self.written = 0

    def enter(self, boot: bytes = b"boot") -> tuple[Tenancy, bool]:
        tenancy = Tenancy(self.directory, boot)
        return tenancy, tenancy.enter()

    def leave(self, tenancy: Tenancy) -> None:
        tenancy.leave(self.write_out)
        tenancy.close()

    def write_out(self) -> None:
        self.written += 1

    def test_new(self) -> None:
        """
        There is nothing to trust in a new directory.
        """
        tenancy, trusted = self.enter()
        self.assertEqual((tenancy.alone, trusted), (True, False))
        tenancy.close()

    def test_killed(self) -> None:
        """
        What a process left that was killed is trusted as long as the machine has not
        started anew.
        """
        self.enter()[0].close()
        tenancy, trusted = self.enter()
        self.assertTrue(trusted)
        tenancy.close()
        tenancy, trusted = self.enter(b"another boot")
        self.assertFalse(trusted)
        tenancy.close()

    def test_closed(self) -> None:
        """
        What was written out at the end is trusted ever after, until it is opened.
        """
        self.leave(self.enter()[0])
        self.assertEqual(self.written, 1)
        tenancy, trusted = self.enter(b"another boot")
        self.assertTrue(trusted)
        tenancy.close()
        tenancy, trusted = self.enter(b"yet another boot")
        self.assertFalse(trusted)
        tenancy.close()

    def test_boot_unknown(self) -> None:
        """
        Where nobody knows whether the machine has started anew, only what was written out
        is trusted.
        """
        self.enter(b"")[0].close()
        tenancy, trusted = self.enter(b"")
        self.assertFalse(trusted)
        self.leave(tenancy)
        tenancy, trusted = self.enter(b"")
        self.assertTrue(trusted)
        tenancy.close()

    def test_together(self) -> None:
        """
        Who comes while others use it trusts what these do; the last who goes writes out.
        """
        first = self.enter()[0]
        second, trusted = self.enter()
        self.assertEqual((second.alone, trusted), (False, True))
        self.leave(first)
        self.assertEqual(self.written, 0)
        self.leave(second)
        self.assertEqual(self.written, 1)

    def test_not_written_out(self) -> None:
        """
        Where it cannot be written out it is not trusted after another start.
        """
        tenancy = self.enter()[0]
        self.assertRaises(ZeroDivisionError, tenancy.leave, lambda: 1 // 0)
        tenancy.close()
        tenancy, trusted = self.enter(b"another boot")
        self.assertFalse(trusted)
        tenancy.close()

    def test_other_version(self) -> None:
        """
        What another version left is not trusted.
        """
        self.leave(self.enter()[0])
        self.directory.replace(STATE, self.directory.read(STATE).replace(b" 1 ", b" 2 "))
        tenancy, trusted = self.enter()
        self.assertFalse(trusted)
        tenancy.close()
