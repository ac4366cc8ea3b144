"""
Tests for L{revproxy.edge.tls.files}.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.tls.files import Kept, keep_authorities, keep_pair, refresh_all
from revproxy.errors import CertificateError
from tests.certificates import Authority

NOW = datetime.now(UTC)


class FilesTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.path = self.directory / "file"
        self.path.write_text("one")

    def load(self, now: datetime) -> str:
        """
        Load the file, which is wrong if it says so.
        """
        self.assertIs(now, NOW)
        text = self.path.read_text()
        if text == "wrong":
            raise CertificateError(self.path, "is wrong")
        return text

    def replace(self, text: str) -> None:
        new = self.directory / "new"
        new.write_text(text)
        new.replace(self.path)


class KeptTests(FilesTestCase):
    """
    Tests for L{Kept}.
    """

    def setUp(self) -> None:
        super().setUp()
        self.kept = Kept([self.path], self.load, NOW)

    def test_first(self) -> None:
        """
        The value is there from the start.
        """
        self.assertEqual(self.kept.value, "one")

    def test_wrong_at_first(self) -> None:
        """
        Without any value in good order there is nothing to keep.
        """
        self.replace("wrong")
        self.assertRaises(CertificateError, Kept, [self.path], self.load, NOW)

    def test_unchanged(self) -> None:
        """
        A file that has not changed is not loaded.
        """
        self.kept.value = "marked"
        self.assertFalse(self.kept.refresh(NOW))
        self.assertEqual(self.kept.value, "marked")

    def test_replaced(self) -> None:
        """
        A file put in the place of another is loaded, once.
        """
        self.replace("two")
        self.assertEqual([self.kept.refresh(NOW), self.kept.refresh(NOW)], [True, False])
        self.assertEqual(self.kept.value, "two")

    def test_written_over(self) -> None:
        """
        A file whose contents change in their place is loaded.
        """
        self.path.write_text("longer")
        self.assertTrue(self.kept.refresh(NOW))
        self.assertEqual(self.kept.value, "longer")

    def test_same_size(self) -> None:
        """
        The time of the change counts where nothing else tells it.
        """
        self.path.write_text("two")
        os.utime(self.path, ns=(1, 1))
        self.assertTrue(self.kept.refresh(NOW))

    def test_same_size_and_time(self) -> None:
        """
        Another file counts as a change even if it was given size and time of the old one.
        """
        old = self.path.stat()
        self.replace("two")
        os.utime(self.path, ns=(old.st_atime_ns, old.st_mtime_ns))
        self.assertTrue(self.kept.refresh(NOW))

    def test_link_turned(self) -> None:
        """
        A link in the path that is turned elsewhere is a change, as when
        Kubernetes renews a secret.
        """
        for name in ("a", "b"):
            (self.directory / name).mkdir()
            (self.directory / name / "file").write_text(name)
        link = self.directory / "current"
        link.symlink_to("a")
        kept = Kept([link / "file"], lambda now: (link / "file").read_text(), NOW)
        (self.directory / "next").symlink_to("b")
        (self.directory / "next").replace(link)
        self.assertTrue(kept.refresh(NOW))
        self.assertEqual(kept.value, "b")

    def test_wrong(self) -> None:
        """
        While the file is wrong the value stays, and each look says so.
        """
        self.replace("wrong")
        for _ in range(2):
            self.assertRaises(CertificateError, self.kept.refresh, NOW)
        self.assertEqual(self.kept.value, "one")
        self.replace("two")
        self.assertTrue(self.kept.refresh(NOW))
        self.assertEqual(self.kept.value, "two")

    def test_gone(self) -> None:
        """
        A file that is gone is a change like any other.
        """
        kept = keep_authorities(Authority(self.directory).certificate, NOW)
        next(self.directory.glob("authority-*")).unlink()
        error = self.assertRaises(CertificateError, kept.refresh, NOW)
        self.assertEqual(error.message, "there is no such file")
        self.assertEqual(len(kept.value), 1)


class KeepPairTests(FilesTestCase):
    """
    Tests for L{keep_pair}.
    """

    def test_one_after_the_other(self) -> None:
        """
        A certificate whose key follows later is taken over when it has come.
        """
        authority = Authority(self.directory)
        pair = authority.issue(["old.test"])
        kept = keep_pair(*pair, NOW)
        renewed = authority.issue(["new.test"])
        renewed.certificate.replace(pair.certificate)
        error = self.assertRaises(CertificateError, kept.refresh, NOW)
        self.assertIn("does not belong to the certificate", error.message)
        self.assertEqual(kept.value.names, ("old.test",))
        renewed.key.replace(pair.key)
        self.assertTrue(kept.refresh(NOW))
        self.assertEqual(kept.value.names, ("new.test",))


class RefreshAllTests(FilesTestCase):
    """
    Tests for L{refresh_all}.
    """

    def setUp(self) -> None:
        super().setUp()
        self.used = 0
        self.kept = Kept([self.path], self.load, NOW)
        self.other = Kept([self.directory / "file"], lambda now: "other", NOW)

    def use(self) -> None:
        self.used += 1

    def test_nothing_new(self) -> None:
        """
        Where nothing changed nothing is used anew.
        """
        self.assertEqual((refresh_all([self.kept, self.other], self.use, NOW), self.used), ([], 0))

    def test_once_for_all(self) -> None:
        """
        However many changed, they are used anew once.
        """
        self.replace("two")
        self.assertEqual((refresh_all([self.kept, self.other], self.use, NOW), self.used), ([], 1))

    def test_each_on_its_own(self) -> None:
        """
        What is wrong with one keeps no other from being used.
        """
        self.replace("wrong")
        (failure,) = refresh_all([self.kept, self.other], self.use, NOW)
        self.assertEqual((failure.message, self.used), ("is wrong", 1))

    def test_unusable(self) -> None:
        """
        What only shows when it is used is reported too.
        """

        def use() -> None:
            raise CertificateError(self.path, "is of no use")

        self.replace("two")
        self.assertEqual(
            [failure.message for failure in refresh_all([self.kept], use, NOW)], ["is of no use"]
        )
