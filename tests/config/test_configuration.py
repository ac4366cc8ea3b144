"""
The file that shows every option, C{etc/revproxy.yaml}, and the models it shows.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pydantic.fields import FieldInfo
from typing_extensions import override

from revproxy.catalog import BUILT_IN
from revproxy.config.configuration import Configuration
from revproxy.config.document import Document, read_document
from revproxy.config.load import load_configuration
from revproxy.config.positions import Path as Keys
from revproxy.config.settings import Settings
from revproxy.registry import ComponentSpec
from tests.config.files import MINIMAL, FileTestCase

EVERY_OPTION = Path(__file__).resolve().parent.parent.parent / "etc" / "revproxy.yaml"


class Shown(NamedTuple):
    """
    An option as a file gives it.

    @ivar model: the settings that have the option.
    @ivar value: as it is written.
    """

    model: type[Settings]
    key: str
    path: Keys
    value: object


def models(annotation: object) -> Iterator[type[Settings]]:
    """
    Every model that settings of a type hold, itself included.
    """
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for argument in get_args(annotation):
        yield from models(argument)


def shown(settings: object, written: Any, path: Keys = ()) -> Iterator[Shown]:
    """
    Every option that is written, by what became of it.
    """
    if isinstance(settings, ComponentSpec):
        if isinstance(written, dict):
            options = {key: value for key, value in written.items() if key != "type"}
            yield from shown(settings.settings, options, path)
    elif isinstance(settings, Settings):
        if not isinstance(written, dict):
            return  # a short form
        for key, value in written.items():
            yield Shown(type(settings), key, (*path, key), value)
            yield from shown(getattr(settings, attribute(type(settings), key)), value, (*path, key))
    elif isinstance(settings, dict) and isinstance(written, dict):
        for inner, (key, value) in zip(settings.values(), written.items(), strict=True):
            yield from shown(inner, value, (*path, key))
    elif isinstance(settings, list):
        for index, inner in enumerate(settings):
            yield from shown(inner, written[index], (*path, index))


def attribute(model: type[Settings], key: str) -> str:
    """
    The attribute that holds the value of a key.
    """
    return next(name for name, field in model.model_fields.items() if key in (name, field.alias))


def owner(model: type[Settings], key: str) -> type[Settings]:
    """
    The settings that have the key first: what all health checks have in common is shown
    with one of them.
    """
    bases = [base for base in model.__mro__ if issubclass(base, Settings) and key in base.known_keys()]
    return bases[-1]


def field_of(option: Shown) -> FieldInfo:
    return option.model.model_fields[attribute(option.model, option.key)]


def comment_of(option: Shown, document: Document, lines: list[str]) -> str:
    """
    The comment right above an option.
    """
    end = document.position(option.path).line - 1
    start = end
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return " ".join(line.strip(" #") for line in lines[start:end])


class EveryOptionTests(FileTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        shutil.copy(EVERY_OPTION, self.path)
        self.directory.joinpath("tls").mkdir()
        self.directory.joinpath("static").mkdir()
        self.directory.joinpath("checks").mkdir()
        self.directory.joinpath("checks", "job").touch(0o755)
        for name in ("example.pem", "example.key", "clients.pem", "upstream.pem", "proxy.pem", "proxy.key"):
            self.directory.joinpath("tls", name).write_text("not looked into here")
        self.directory.joinpath("country.mmdb").write_text("not looked into here")
        self.directory.joinpath("servers.yaml").write_text("[]")
        self.directory.joinpath("tls", "sticky.secret").write_text("0123456789abcdef" * 2)
        self.configuration = load_configuration(self.path, self.registry)
        self.document = read_document(self.path.read_text())
        self.options = list(shown(self.configuration, self.document.value))

    def test_no_option_is_missing(self) -> None:
        """
        Every option of every model, those of the built-in components included, is in
        the file.
        """
        components = {factory.settings for _, _, factory in BUILT_IN}
        everywhere = {*models(Configuration), *(model for top in components for model in models(top))}
        expected = {(owner(model, key), key) for model in everywhere for key in model.known_keys()}
        written = {(owner(option.model, option.key), option.key) for option in self.options}
        self.assertEqual(expected - written, set())
        self.assertGreater(len(expected), 60)

    def test_defaults(self) -> None:
        """
        What an option is when it is left out is its value, or said right above it.
        """
        for option in self.options:
            field = field_of(option)
            if field.is_required() or option.value == field.default or isinstance(field.default, dict | list):
                continue
            default = field.default if isinstance(field.default, str) else json.dumps(field.default)
            comment = comment_of(option, self.document, self.path.read_text().splitlines())
            self.assertIn(f"Default: {default}", comment, option.path)

    def test_comments(self) -> None:
        """
        Every option has a comment right above it, in one of the places where it is.
        """
        lines = self.path.read_text().splitlines()
        commented = {
            (option.model, option.key) for option in self.options if comment_of(option, self.document, lines)
        }
        self.assertEqual({(option.model, option.key) for option in self.options} - commented, set())


class DefaultTests(FileTestCase):
    def test_least_file(self) -> None:
        """
        The least that a file may say trusts no proxy, logs nothing, and tells upstreams
        who the client is.
        """
        configuration = self.load(MINIMAL)
        self.assertEqual(configuration.trusted_proxies, [])
        self.assertIsNone(configuration.access_log)
        self.assertEqual(
            configuration.forwarded.model_dump(), {"x_forwarded": True, "forwarded": True, "via": b"revproxy"}
        )
        self.assertEqual(configuration.drain_timeout, 30.0)
