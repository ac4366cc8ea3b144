"""
Tests of L{bench.record}.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench import record
from tests.bench.test_results import ABOUT, results


class RecordTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp())

    def test_name(self) -> None:
        """
        A file's name tells the day and the commit.
        """
        saved = record.save(results("row"), self.directory)
        self.assertEqual(saved.name, "2026-11-21-abc1234.json")

    def test_dirty(self) -> None:
        """
        And whether there were changes that no commit has.
        """
        changed = replace(results("row"), about={**ABOUT, "dirty": True})
        self.assertEqual(record.save(changed, self.directory).name, "2026-11-21-abc1234-dirty.json")

    def test_newest(self) -> None:
        """
        The latest is the one that was measured last, whatever its name.
        """
        for commit, hour in (("bbb", "09"), ("aaa", "11"), ("ccc", "10")):
            about = {**ABOUT, "commit": commit, "date": f"2026-11-21T{hour}:00:00+00:00"}
            record.save(replace(results("row"), about=about), self.directory)
        newest = record.newest(self.directory)
        assert newest is not None
        self.assertEqual(newest.about["commit"], "aaa")

    def test_no_record(self) -> None:
        """
        There may be no results.
        """
        self.assertIsNone(record.newest(self.directory))


class AboutTests(SynchronousTestCase):
    def test_all_that_documents_need(self) -> None:
        """
        What is said of new results has the form of what was said of old ones.
        """
        about = record.about(seconds=3, runs=2, quick=False)
        self.assertEqual(
            {key: type(value) for key, value in about.items()},
            {key: type(value) for key, value in ABOUT.items()},
        )
