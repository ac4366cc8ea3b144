from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, characters, dictionaries, integers, lists, recursive, text
from twisted.trial.unittest import SynchronousTestCase
from yaml import safe_dump

from revproxy.config.document import MOST_NESTING, MOST_NODES, Document, read_document
from revproxy.config.positions import Position


def faults(source: str) -> list[str]:
    """
    What is wrong with a text, each as C{LINE:COLUMN message}.
    """
    return [
        f"{position.line}:{position.column} {message}"
        for position, _, message in read_document(source).faults
    ]


class ValueTests(SynchronousTestCase):
    def test_value(self) -> None:
        """
        Mappings, lists and scalars, in both of YAML's styles.
        """
        document = read_document("a:\n  - 1\n  - {b: no}\nc: [x, ~]\n")
        self.assertEqual(document.value, {"a": [1, {"b": "no"}], "c": ["x", None]})
        self.assertEqual(document.faults, [])

    def test_empty(self) -> None:
        """
        A file of nothing, or of comments, has no value and no fault of its own.
        """
        for source in ["", "# nothing\n", "---\n...\n"]:
            self.assertEqual((read_document(source).value, faults(source)), (None, []))

    def test_keys_are_text(self) -> None:
        """
        Keys are text as they are written.
        """
        self.assertEqual(
            read_document("8080: a\nno: b\n010: c\n").value, {"8080": "a", "no": "b", "010": "c"}
        )

    def test_merge_keys(self) -> None:
        """
        C{<<} is a key like any other.
        """
        self.assertEqual(read_document("a: &a {b: 1}\nc: {<<: *a}").value["c"], {"<<": {"b": 1}})

    @given(
        recursive(
            integers() | text(characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
            lambda inner: lists(inner, max_size=3) | dictionaries(text("abc", min_size=1), inner, max_size=3),
            max_leaves=8,
        )
    )
    def test_what_is_dumped(self, value: object) -> None:
        """
        What PyYAML writes is read as it was.
        """
        written = safe_dump(value, default_style='"', allow_unicode=True)
        self.assertEqual(read_document(written).value, value)

    @given(text() | binary().map(lambda content: content.decode("latin-1")))
    def test_never_raises(self, source: str) -> None:
        """
        Whatever the text, reading it gives a document.
        """
        self.assertIsInstance(read_document(source), Document)


class PositionTests(SynchronousTestCase):
    SOURCE = "a:\n  - 1\n  - {b: no}\n'c d': [x]\n"

    def test_positions(self) -> None:
        """
        Keys and items of lists have their line and column, from 1.
        """
        document = read_document(self.SOURCE)
        found = [document.position(path) for path in [("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("c d", 0)]]
        self.assertEqual(found, [(1, 1), (2, 5), (3, 5), (3, 6), (4, 9)])

    def test_nearest(self) -> None:
        """
        What is not there has the place of what it would be in.
        """
        document = read_document(self.SOURCE)
        self.assertEqual(document.position(("a", 1, "missing")), Position(3, 5))
        self.assertEqual(document.position(("missing",)), Position(1, 1))
        self.assertEqual(read_document("").position(("x", "y")), Position(1, 1))

    def test_columns_are_characters(self) -> None:
        """
        A character of many bytes is one column.
        """
        self.assertEqual(read_document("{é: 1, ü: 2}").position(("ü",)), Position(1, 8))

    def test_in_aliases(self) -> None:
        """
        What comes through an alias has the place of the alias.
        """
        document = read_document("a: &a {b: 1}\nc: *a\n")
        self.assertEqual(document.position(("c", "b")), Position(2, 1))


class FaultTests(SynchronousTestCase):
    def test_syntax(self) -> None:
        """
        What is no YAML is told where it stops making sense.
        """
        (fault,) = faults("a: 1\nb: c: d\n")
        self.assertTrue(fault.startswith("2:5 not valid YAML: "), fault)

    def test_control_characters(self) -> None:
        """
        A control character is found where it is.
        """
        self.assertEqual(faults("a: 1\nb: \x07\n"), ["2:4 a control character is in the file"])

    def test_duplicate_keys(self) -> None:
        """
        A key given twice is told with the first one's line; the first counts.
        """
        document = read_document("a: 1\nb: {c: 1,\n  c: 2}\na: 3\n")
        self.assertEqual(document.value, {"a": 1, "b": {"c": 1}})
        self.assertEqual(
            [(fault.position, fault.path, fault.message) for fault in document.faults],
            [
                ((3, 3), ("b", "c"), "this key was given already, in line 2"),
                ((4, 1), ("a",), "this key was given already, in line 1"),
            ],
        )

    def test_keys_of_other_kinds(self) -> None:
        """
        A key that is a list, a mapping or an alias is refused, and all else is read.
        """
        for source in ["? [a]\n: b", "? {a: b}\n: c", "? *x\n: c"]:
            document = read_document(f"z: &x 0\n{source}\nd: {{e: 1}}\nd: 2")
            self.assertEqual(document.value, {"z": 0, "d": {"e": 1}})
            self.assertEqual(
                [fault.message for fault in document.faults],
                ["a key must be text", "this key was given already, in line 4"],
            )

    def test_keys_of_other_kinds_have_a_place(self) -> None:
        """
        It is told where the key is, and what is wrong behind it, too; anchors there hold.
        """
        self.assertEqual(
            [(fault.position, fault.path) for fault in read_document("a:\n  ? [b]\n  : {c: *x}\n").faults],
            [((2, 5), ("a",)), ((3, 9), ("a", "?", "c"))],
        )
        self.assertEqual(read_document("? [&x 1]\n: &y 2\na: [*x, *y]").value, {"a": [1, 2]})

    def test_many_documents(self) -> None:
        """
        There may be one document in a file; the first is read.
        """
        document = read_document("a: 1\n---\nb: 2\n---\nc: 3\n")
        self.assertEqual(document.value, {"a": 1})
        self.assertEqual(
            [(fault.position, fault.message) for fault in document.faults],
            [((2, 1), "there may be one document in the file")],
        )

    def test_tags(self) -> None:
        """
        Tags for Python's objects, or of one's own, have no meaning, on whatever kind of value.
        """
        for source in ["a: !!python/object:os.system x", "a: !mine [x]", "a: !!python/dict {}"]:
            self.assertSubstring("has no meaning here", "".join(faults(source)))

    def test_unknown_anchor(self) -> None:
        """
        An alias of nothing, and one within what it names, are told.
        """
        self.assertEqual(faults("a: *b"), ["1:4 no anchor is called 'b' above this place"])
        self.assertEqual(faults("a: &a [*a]"), ["1:8 no anchor is called 'a' above this place"])

    def test_all_at_once(self) -> None:
        """
        One fault does not hide the next.
        """
        self.assertEqual(len(faults("a: *x\nb: !y 1\n[c]: 3\na: 2\n---\n")), 5)


class BoundTests(SynchronousTestCase):
    def test_nesting(self) -> None:
        """
        What is nested too deep is refused, long before the stack runs out.
        """
        fine = "[" * MOST_NESTING + "x" + "]" * MOST_NESTING
        self.assertEqual(faults(fine), [])
        self.assertSubstring("nested more than", faults(f"[{fine}]")[0])

    def test_endless_nesting(self) -> None:
        """
        So is what goes on and on; of a thousand in one line PyYAML itself may say so first.
        """
        for opening in ("[", "{a: "):
            (fault,) = faults(opening * 500_000)
            self.assertRegex(fault, "nested more than|exceeded maximum nesting depth")

    def test_number_of_values(self) -> None:
        """
        A file of too many values is refused.
        """
        self.assertSubstring("values in the file", faults("[" + "1," * MOST_NODES + "]")[0])

    def test_alias_bomb(self) -> None:
        """
        An alias counts as all that it repeats: a billion laughs are refused.
        """
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
        self.assertSubstring("values in the file", faults("\n".join(lines))[0])
