from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.config.secrets import LEAST_OCTETS, SecretFile, read_secret
from revproxy.config.settings import Settings, required


class Guarded(Settings):
    """
    Something that has a secret.
    """

    secret: SecretFile = required("Its file.")


class SecretTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute()

    def test_read(self) -> None:
        """
        The line that an editor ends the file with is not part of the secret.
        """
        self.path.write_bytes(b"x" * LEAST_OCTETS + b"\n")
        self.assertEqual(read_secret(self.path), b"x" * LEAST_OCTETS)
        self.assertEqual(Guarded.model_validate({"secret": str(self.path)}).secret, self.path)

    def test_short(self) -> None:
        """
        What could be guessed is refused.
        """
        self.path.write_bytes(b"secret\n")
        error = self.assertRaises(ValidationError, Guarded.model_validate, {"secret": str(self.path)})
        self.assertIn("holds 6 octets; a secret has at least 32", str(error))

    def test_missing(self) -> None:
        """
        So is a file that is not there.
        """
        error = self.assertRaises(ValueError, read_secret, self.path)
        self.assertIn(f"cannot read {self.path}: No such file", str(error))
