"""
Tests of L{revproxy.components.stores.disk.directory}.
"""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.directory import (
    STATE,
    Directory,
    DirectoryRefused,
    open_directory,
    open_lock,
)


class DirectoryTestCase(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute()

    def open(self) -> Directory:
        directory = open_directory(self.path)
        self.addCleanup(directory.close)
        return directory


class OpenTests(DirectoryTestCase):
    def assertRefused(self, why: str) -> None:
        error = self.assertRaises(DirectoryRefused, open_directory, self.path)
        self.assertIn(why, str(error))

    def test_made(self) -> None:
        """
        It is made where there is none, for its owner alone; one that is there is taken.
        """
        first, second = self.open(), self.open()
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o700)
        self.assertEqual(first.identity, second.identity)

    def test_no_parent(self) -> None:
        """
        It is not made where there is nothing for it to be in.
        """
        self.path = self.path / "deeper"
        self.assertRaises(FileNotFoundError, open_directory, self.path)

    def test_link(self) -> None:
        """
        A symbolic link is refused, whatever it leads to.
        """
        target = Path(self.mktemp())
        target.mkdir(mode=0o700)
        self.path.symlink_to(target.absolute())
        self.assertRefused("is a symbolic link")

    def test_no_directory(self) -> None:
        """
        A file is no directory.
        """
        self.path.touch()
        self.assertRaises(NotADirectoryError, open_directory, self.path)

    def test_others(self) -> None:
        """
        One that others can use is refused, and one of another user.
        """
        for mode in (0o701, 0o750, 0o777):
            self.path.mkdir(exist_ok=True)
            self.path.chmod(mode)
            self.assertRefused("can be used by others")
        self.path.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(self.path, 12345, -1)
        else:
            self.path = Path("/")
        self.assertRefused("belongs to another user")

    def test_anything_else_in_it(self) -> None:
        """
        One that has something else in it is refused, and that stays; only what file
        systems put there themselves does not matter.
        """
        self.path.mkdir(mode=0o700)
        self.path.joinpath("lost+found").mkdir()
        self.path.joinpath("index").touch()
        self.open()
        self.path.joinpath("letters").touch()
        self.assertRefused("is not a cache's alone: there is letters")
        self.assertTrue(self.path.joinpath("letters").exists())


class DirectoryTests(DirectoryTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.directory = self.open()

    def test_files(self) -> None:
        """
        Files are for their owner alone, and no links are followed.
        """
        os.close(self.directory.file("index", os.O_CREAT | os.O_RDWR))
        self.assertEqual(self.path.joinpath("index").stat().st_mode & 0o777, 0o600)
        self.path.joinpath("marks").symlink_to("index")
        self.assertRaises(OSError, self.directory.file, "marks", os.O_RDWR)

    def test_state(self) -> None:
        """
        A small file is read as it was written last; where there is none there is nothing.
        """
        self.assertEqual(self.directory.read(STATE), b"")
        for content in (b"one", b"more than one", b""):
            self.directory.replace(STATE, content)
            self.assertEqual(self.directory.read(STATE), content)
        self.assertEqual(self.directory.list("."), [STATE])

    def test_unlink(self) -> None:
        """
        What is not there need not be removed.
        """
        self.directory.replace(STATE, b"")
        self.assertTrue(self.directory.unlink(STATE))
        self.assertFalse(self.directory.unlink(STATE))

    def test_moved(self) -> None:
        """
        What is done is done in the directory that was opened, wherever that is now.
        """
        self.directory.make("bodies")
        self.directory.make("bodies")
        moved = self.path.rename(self.path.with_name("moved"))
        self.path.mkdir()
        self.directory.make("aside")
        self.assertEqual(sorted(os.listdir(moved)), ["aside", "bodies"])
        self.assertEqual(os.listdir(self.path), [])


class LockTests(DirectoryTestCase):
    def test_one_at_a_time(self) -> None:
        """
        One has it at a time, or several share it; nobody waits.
        """
        directory = self.open()
        first, second, third = (open_lock(directory, "gate") for _ in range(3))
        self.addCleanup(third.close)
        self.assertTrue(first.take())
        self.assertFalse(second.take())
        first.let_go()
        self.assertTrue(second.take(shared=True))
        self.assertTrue(third.take(shared=True))
        self.assertFalse(first.take())
        second.close()
        self.assertTrue(third.take())
        first.close()
