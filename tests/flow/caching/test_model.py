"""
The real cache does what the simple one does, whatever happened before.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.policy import Policy
from tests.flow.caching.played import Played
from tests.wire.caching.messages import NOW, at, fields
from tests.wire.caching.simple_cache import Answer, SimpleCache

OF_REQUESTS = st.sampled_from(
    [
        (),
        (),
        (),
        ("Cache-Control: no-cache",),
        ("Cache-Control: max-age=5",),
        ("Cache-Control: min-fresh=5",),
        ("Cache-Control: max-stale",),
        ("Cache-Control: only-if-cached",),
        ("Cache-Control: no-store",),
        ("Pragma: no-cache",),
        ("Authorization: x",),
        ("Foo: 1",),
        ("Foo: 2",),
        ('If-None-Match: "a"',),
        ('If-None-Match: "b", "a"',),
        (f"If-Modified-Since: {at(-100)}",),
        ("Range: bytes=2-4",),
        ("Range: bytes=2-4", 'If-Range: "a"'),
        ("Range: bytes=100-",),
    ]
)

LIFETIMES = st.sampled_from(
    [
        "Cache-Control: max-age=10",
        "Cache-Control: max-age=1000",
        "Cache-Control: s-maxage=10, max-age=1",
        "Cache-Control: max-age=10, must-revalidate",
        "Cache-Control: max-age=10, stale-if-error=100",
        "Cache-Control: no-cache",
        "Cache-Control: no-store",
        "Cache-Control: private",
        "Cache-Control: public",
        f"Expires: {at(20)}",
        "Expires: 0",
        "X: nothing",
    ]
)
VALIDATORS = st.sampled_from(
    [
        (),
        ('ETag: "a"',),
        ('ETag: "b"',),
        ('ETag: W/"a"',),
        (f"Last-Modified: {at(-100)}",),
        (f"Last-Modified: {at(-10)}",),
    ]
)
MORE = st.sampled_from(
    [(), (), (), ("Vary: Foo",), ("Vary: *",), ("Set-Cookie: a=1",), ("Age: 5",), ("Age: 500",)]
)
STATUSES = st.sampled_from([200, 200, 200, 200, 301, 404, 500, 503, 302])
ANSWERS = st.builds(
    lambda lifetime, validators, more, status, body, reached: Answer(
        fields(lifetime, *validators, *more, f"Date: {at(0)}"), status, body, reached
    ),
    LIFETIMES,
    VALIDATORS,
    MORE,
    STATUSES,
    st.sampled_from([b"0123456789", b"another", b""]),
    st.sampled_from([True, True, True, True, False]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 4, 15, 60, 2000]),
        OF_REQUESTS,
        ANSWERS,
        st.sampled_from([b"GET", b"GET", b"GET", b"GET", b"HEAD", b"POST"]),
        st.sampled_from([b"/", b"/", b"/other"]),
    ),
    max_size=12,
)


class ModelTests(SynchronousTestCase):
    @settings(max_examples=400, deadline=None)
    @given(STEPS, st.sampled_from([Policy(), Policy(ttl={404: 30}), Policy(stale_if_error=50)]))
    def test_same(
        self, steps: list[tuple[int, tuple[str, ...], Answer, bytes, bytes]], policy: Policy
    ) -> None:
        """
        Of random histories of requests, times and answers each has the same outcome.
        """
        simple, real, now = SimpleCache(policy), Played(policy), float(NOW)
        for pause, lines, answer, method, path in steps:
            now += pause
            step = (now, fields(*lines), answer, method, path)
            expected, outcome = simple.ask(*step), real.ask(*step)
            self.assertEqual(
                (outcome.how, outcome.status, outcome.fields.get(b"age")),
                (expected.how, expected.status, expected.fields.get(b"age")),
                steps,
            )
            self.assertEqual(outcome.fields.get(b"set-cookie"), expected.fields.get(b"set-cookie"), steps)
            if method == b"GET":
                self.assertEqual(outcome.body, expected.body if expected.status != 304 else b"", steps)
