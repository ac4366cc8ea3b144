"""
Tests of L{revproxy.components.stores.disk.files}.
"""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.stores.disk.directory import open_directory
from revproxy.components.stores.disk.files import BodyFiles, BodyWriter
from revproxy.errors import BodyLost

NAME = "ab" * 24
BODY = b"body" * 2000


class BodyFilesTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.directory = open_directory(self.path)
        self.addCleanup(self.directory.close)
        self.files = BodyFiles(self.directory, 3)
        self.addCleanup(self.files.close)
        self.place = self.path / "bodies" / "ab" / NAME

    def begin(self) -> BodyWriter:
        writer = self.files.create()
        assert writer is not None
        return writer

    def put(self, body: bytes = BODY, name: str = NAME) -> None:
        writer = self.begin()
        writer.write(body)
        writer.finish(name, len(body))

    def read(self, name: str = NAME, length: int = len(BODY)) -> bytes:
        descriptor = self.files.open(name, length)
        assert descriptor is not None
        try:
            return os.pread(descriptor, length, 0)
        finally:
            self.files.closed(descriptor)

    def aside(self) -> list[Path]:
        return [path for path in self.path.joinpath("aside").rglob("*") if path.is_file()]

    def test_written_aside(self) -> None:
        """
        A body is in its place when it is whole, and not before.
        """
        writer = self.begin()
        writer.write(BODY[:100])
        self.assertEqual((len(self.aside()), self.place.exists()), (1, False))
        writer.write(BODY[100:])
        writer.finish(NAME, len(BODY))
        self.assertEqual((len(self.aside()), self.place.exists()), (0, True))
        self.assertEqual(self.read(), BODY)

    def test_discarded(self) -> None:
        """
        Nothing is left of a body that will not be whole.
        """
        writer = self.begin()
        writer.write(BODY)
        writer.discard()
        self.assertEqual((self.aside(), self.place.exists()), ([], False))

    def test_for_its_owner_alone(self) -> None:
        """
        Nobody else can read or write what is there.
        """
        self.put()
        modes = {path.stat().st_mode & 0o077 for path in self.path.rglob("*")}
        self.assertEqual(modes, {0})

    def test_removed(self) -> None:
        """
        A file that is removed is gone, but not for who has it open.
        """
        self.put()
        descriptor = self.files.open(NAME, len(BODY))
        assert descriptor is not None
        for _ in range(2):
            self.files.remove(NAME)
        self.assertRaises(FileNotFoundError, self.files.open, NAME, len(BODY))
        self.assertEqual(os.pread(descriptor, len(BODY), 0), BODY)
        self.files.closed(descriptor)

    def test_not_what_it_was(self) -> None:
        """
        A file that is shorter or longer, or another body's, is found out before anything
        of it is read.
        """
        self.put()
        whole = self.place.read_bytes()
        for changed in (b"", whole[:-1], whole[:100], whole + b"!", b"!" + whole, bytes(len(whole))):
            self.place.write_bytes(changed)
            self.assertRaises(BodyLost, self.files.open, NAME, len(BODY))
        self.put(name="ab" * 23 + "cd")
        self.place.with_name("ab" * 23 + "cd").rename(self.place)
        self.assertRaises(BodyLost, self.files.open, NAME, len(BODY))
        self.put()
        self.assertRaises(BodyLost, self.files.open, NAME, len(BODY) - 1)
        self.assertEqual(self.read(), BODY)

    def test_strange_files(self) -> None:
        """
        What is no file is an error, and so is a link.
        """
        self.place.mkdir()
        self.assertRaises(OSError, self.files.open, NAME, len(BODY))
        self.place.rmdir()
        self.place.symlink_to("/etc/passwd")
        self.assertRaises(OSError, self.files.open, NAME, len(BODY))

    def test_few_are_open(self) -> None:
        """
        No more are open at once than may be, written and read together.
        """
        self.put()
        writer = self.begin()
        descriptors = [self.files.open(NAME, len(BODY)) for _ in range(3)]
        self.assertEqual(descriptors[2:], [None])
        self.assertIsNone(self.files.create())
        writer.discard()
        second = self.begin()
        for descriptor in descriptors[:2]:
            assert descriptor is not None
            self.files.closed(descriptor)
        second.discard()
        for _ in range(10):
            self.assertRaises(BodyLost, self.files.open, NAME, 1)
            self.assertRaises(FileNotFoundError, self.files.open, "cd" * 24, 1)
        self.assertEqual(self.read(), BODY)

    def test_cannot_be_put(self) -> None:
        """
        Where a body cannot be put in its place nothing is left of it, and no file open.
        """
        for fan in self.path.joinpath("bodies").iterdir():
            fan.rmdir()
        for _ in range(5):
            writer = self.begin()
            writer.write(BODY)
            self.assertRaises(FileNotFoundError, writer.finish, NAME, len(BODY))
        self.assertEqual(self.aside(), [])

    def test_closed(self) -> None:
        """
        When it is closed the directory to write in is gone.
        """
        files = BodyFiles(self.directory, 3)
        self.assertEqual(len(self.directory.list("aside")), 2)
        files.close()
        self.assertEqual(len(self.directory.list("aside")), 1)
