from __future__ import annotations

from pydantic import ValidationError
from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.limits import LimitSettings, TimeoutSettings


class LimitTests(SynchronousTestCase):
    def test_defaults(self) -> None:
        """
        Every limit has a default, in bytes, numbers and bytes a second.
        """
        self.assertEqual(
            LimitSettings().model_dump(),
            {
                "request_line": 8192,
                "head": 32768,
                "fields": 100,
                "body": 1 << 30,
                "least_body_rate": 500,
                "requests": 1000,
                "connections": 10_000,
            },
        )

    def test_nothing(self) -> None:
        """
        Bodies may be forbidden and may come as slowly as they like; all else is more
        than 0.
        """
        limits = LimitSettings.model_validate({"body": 0, "least_body_rate": 0})
        self.assertEqual((limits.body, limits.least_body_rate), (0, 0))
        for key in ("request_line", "head", "fields", "requests", "connections"):
            self.assertRaises(ValidationError, LimitSettings.model_validate, {key: 0})


class TimeoutTests(SynchronousTestCase):
    def test_defaults(self) -> None:
        """
        Every deadline has a default, in seconds.
        """
        self.assertEqual(
            TimeoutSettings().model_dump(),
            {
                "head": 10.0,
                "body_grace": 10.0,
                "idle": 75.0,
                "slow_reader": 60.0,
                "continue_": 1.0,
                "half_closed": 1.0,
            },
        )

    def test_name_in_the_file(self) -> None:
        """
        In the file C{continue} is called so, although Python has that word.
        """
        self.assertEqual(TimeoutSettings.model_validate({"continue": "2s"}).continue_, 2.0)
        self.assertRaises(ValidationError, TimeoutSettings.model_validate, {"continue_": "2s"})
