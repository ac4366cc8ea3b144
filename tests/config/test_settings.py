from __future__ import annotations

from pydantic import Field, ValidationError
from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.settings import Settings, option, required
from revproxy.config.units import Duration


class Wheel(Settings):
    """
    A part of something.
    """

    size: int = required("How large.")
    wait: Duration = option("5s", "How long.")


class Vehicle(Settings):
    """
    Something with parts.
    """

    wheels: list[Wheel] = Field(min_length=1)
    spare: Wheel | None = None
    class_: str = Field("car", alias="class")


class SettingsTests(SynchronousTestCase):
    def errors(self, data: object) -> list[tuple[tuple[int | str, ...], str]]:
        error = self.assertRaises(ValidationError, Vehicle.model_validate, data)
        return [(details["loc"], details["msg"]) for details in error.errors()]

    def test_defaults_are_written_as_in_a_file(self) -> None:
        """
        A default is parsed like what a file says.
        """
        self.assertEqual(Wheel(size=1).wait, 5.0)

    def test_frozen(self) -> None:
        """
        Settings never change.
        """
        wheel = Wheel(size=1)
        self.assertRaises(ValidationError, setattr, wheel, "size", 2)

    def test_strict(self) -> None:
        """
        Nothing is converted by guessing.
        """
        self.assertEqual(
            self.errors({"wheels": [{"size": "1"}], "spare": {"size": True}}),
            [
                (("wheels", 0, "size"), "must be a whole number, not the text '1'"),
                (("spare", "size"), "must be a whole number, not true"),
            ],
        )

    def test_each_level_knows_its_keys(self) -> None:
        """
        Unknown keys are explained by the model that they are in.
        """
        self.assertEqual(
            self.errors({"wheels": [{"size": 1, "siz": 2}], "klass": "x"}),
            [
                (
                    ("wheels", 0, "siz"),
                    "no key is called 'siz'; there are: size, wait (did you mean 'size'?)",
                ),
                (
                    ("klass",),
                    "no key is called 'klass'; there are: class, spare, wheels (did you mean 'class'?)",
                ),
            ],
        )

    def test_missing(self) -> None:
        """
        A missing key is named.
        """
        self.assertEqual(self.errors({}), [(("wheels",), "is missing")])

    def test_braces_in_values(self) -> None:
        """
        What is in a value is never taken for a part of the message's form.
        """
        self.assertEqual(
            self.errors({"wheels": [{"size": "{size}"}]}),
            [(("wheels", 0, "size"), "must be a whole number, not the text '{size}'")],
        )
