"""
Tests of L{revproxy.wire.fields}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.fields import TOKEN, UNSAFE_IN_VALUE, Fields, FrozenFields

PAIRS = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]


class LookupsTests(SynchronousTestCase):
    def test_first_value(self) -> None:
        """
        One look-up gives the first value, and C{None} for a field that is absent.
        """
        for kind in (Fields, FrozenFields):
            fields = kind(PAIRS)
            self.assertEqual([fields.get(b"a"), fields.get(b"b"), fields.get(b"c")], [b"1", b"2", None])

    def test_empty_value(self) -> None:
        """
        A field with an empty value is there.
        """
        fields = FrozenFields([(b"a", b"")])
        self.assertEqual((fields.get(b"a"), fields.combined(b"a")), (b"", b""))

    def test_all_values(self) -> None:
        """
        Repeated fields keep every value, in order.
        """
        fields = FrozenFields(PAIRS)
        self.assertEqual(fields.get_all(b"a"), [b"1", b"3"])
        self.assertEqual(fields.get_all(b"c"), [])

    def test_combined(self) -> None:
        """
        RFC 9110 section 5.3: the values of a repeated field can be one list.
        """
        fields = FrozenFields(PAIRS)
        self.assertEqual(fields.combined(b"a"), b"1, 3")
        self.assertIsNone(fields.combined(b"c"))

    def test_frozen(self) -> None:
        """
        What was received has no way to be changed.
        """
        self.assertFalse(hasattr(FrozenFields(PAIRS), "append"))
        self.assertFalse(hasattr(FrozenFields(PAIRS), "set"))


class FieldsTests(SynchronousTestCase):
    def test_set(self) -> None:
        """
        Setting leaves one value of the field, at the end, and the others as they were.
        """
        fields = Fields(PAIRS)
        fields.set(b"a", b"4")
        self.assertEqual(fields, [(b"b", b"2"), (b"a", b"4")])

    def test_set_absent(self) -> None:
        """
        Setting an absent field adds it.
        """
        fields = Fields()
        fields.set(b"a", b"1")
        self.assertEqual(fields, [(b"a", b"1")])

    def test_add(self) -> None:
        """
        Adding leaves the values that are there.
        """
        fields = Fields(PAIRS)
        fields.add(b"a", b"4")
        self.assertEqual(fields.get_all(b"a"), [b"1", b"3", b"4"])

    def test_remove(self) -> None:
        """
        Every value of each named field goes, and absent ones are no error.
        """
        fields = Fields(PAIRS)
        fields.remove_all([b"a", b"c"])
        self.assertEqual(fields, [(b"b", b"2")])

    def test_remove_from_an_iterator(self) -> None:
        """
        The names may come from something that can be read only once.
        """
        fields = Fields(PAIRS)
        fields.remove_all(iter([b"b", b"a"]))
        self.assertEqual(fields, [])

    def test_a_copy_is_apart(self) -> None:
        """
        Changing fields does not change those that they were made from.
        """
        received = FrozenFields(PAIRS)
        Fields(received).set(b"a", b"4")
        self.assertEqual(received, tuple(PAIRS))


class GrammarTests(SynchronousTestCase):
    def test_token(self) -> None:
        """
        Pitfall 7: a name is a token; anything else around it or in it is not.
        """
        for name in (b"a", b"Host", b"x-a_b", b"!#$%&'*+-.^_`|~09"):
            self.assertIsNotNone(TOKEN(name), name)
        for name in (b"", b" a", b"a ", b"a b", b"a:", b"a\n", b"a\x00", b"\x80", b"a(b", b"a/b", b"{a}"):
            self.assertIsNone(TOKEN(name), name)

    def test_value(self) -> None:
        """
        Pitfall 37: no control but tab is safe in a value.
        """
        unsafe = {octet for octet in range(256) if UNSAFE_IN_VALUE(b"a%cb" % octet)}
        self.assertEqual(unsafe, {*range(32), 127} - {9})
