"""
Imports point down only.

A module may import its own layer and those under it.  Some parts stand aside of
the layers: they import what the core may import, and only those named here
import them.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parent.parent

LAYERS = (
    {"tap", "embed"},
    {"service", "catalog", "cli"},
    {"operate", "edge", "embedded", "discovery"},
    {"flow"},
    {"exchange", "interfaces", "receivers", "registry", "config"},
    {"wire", "reactor"},
    {"errors", "compiled"},
)
DEPTH = {part: depth for depth, layer in enumerate(LAYERS) for part in layer}
CORE = DEPTH["interfaces"]

ASIDE: dict[str, set[str]] = {
    "components": {"catalog"},
    "testing": set(),
}
"""
Who may import each part that stands aside.
"""

PLACED = DEPTH.keys() | ASIDE.keys()

FIRST = "compiled"
"""
What the package itself imports, as it decides how all other parts are loaded.
"""

IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    if "twisted.internet.reactor" in sys.modules:
        sys.exit(f"{name} brings the global reactor with it")
"""
"""
A program that imports the modules of its arguments.
"""

WIRE_MAY_IMPORT = set(sys.stdlib_module_names) | {"httptools", "typing_extensions", "revproxy"}


def imported_names(source: str, module: str, is_package: bool) -> Iterator[str]:
    """
    Every dotted name that a module's text imports, wherever it does so.

    C{from a import b} gives C{a.b}: whether C{b} is a module cannot be told from
    the text, and does not matter here.
    """
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = absolute(node, package)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def absolute(node: ast.ImportFrom, package: str) -> str:
    """
    The absolute name of what an C{import from} reads from.
    """
    if not node.level:
        return node.module or ""
    parents = package.split(".")
    base = parents[: len(parents) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def part_of(name: str) -> str | None:
    """
    The part of revproxy that a dotted name belongs to; L{None} for what is not
    ours and for the package itself.
    """
    pieces = name.split(".")
    return pieces[1] if pieces[0] == "revproxy" and len(pieces) > 1 else None


def complaint(module: str, name: str) -> str | None:
    """
    Why C{module} must not import C{name}, or L{None} where it may.
    """
    importer, imported = part_of(module), part_of(name)
    if name == "twisted.internet.reactor" and importer != "tap":
        return f"{module} imports the global reactor"
    if importer == "wire" and name.split(".")[0] not in WIRE_MAY_IMPORT:
        return f"{module} imports {name}: wire knows the standard library and parsers only"
    if imported is None or imported == importer:
        return None
    if importer is None and imported == FIRST:
        return None
    if importer is None:
        return f"{module} imports {name}: the package itself imports none of its parts"
    if not PLACED.issuperset((importer, imported)):
        return f"{module} imports {name}: one of them has no place in the layers"
    if importer in ASIDE.get(imported, {importer}) and allowed_depth(importer) <= depth(imported):
        return None
    return f"{module} imports {name}: the arrow points up"


def allowed_depth(importer: str) -> int:
    """
    The highest layer that a part may import.
    """
    return CORE if importer in ASIDE else DEPTH[importer]


def depth(imported: str) -> int:
    """
    The layer that a part is in; who imports what stands aside is decided by name.
    """
    return len(LAYERS) if imported in ASIDE else DEPTH[imported]


def modules() -> Iterator[tuple[str, Path]]:
    """
    Every module of the package and its file.
    """
    for path in sorted((ROOT / "revproxy").rglob("*.py")):
        pieces = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(pieces[:-1] if pieces[-1] == "__init__" else pieces), path


def complaints(files: Iterable[tuple[str, Path]]) -> list[str]:
    """
    All that is wrong with the imports of these modules.
    """
    found = (
        complaint(module, name)
        for module, path in files
        for name in imported_names(path.read_text(), module, path.name == "__init__.py")
    )
    return [text for text in found if text is not None]


class LayerTests(SynchronousTestCase):
    """
    The package as it is.
    """

    def test_imports_point_down(self) -> None:
        """
        No module of the package imports what is above it.
        """
        self.assertEqual(complaints(modules()), [])

    def test_no_module_installs_the_reactor(self) -> None:
        """
        Neither does what our modules import from elsewhere bring the global reactor:
        C{twistd} and other programs choose it.
        """
        names = [module for module, _ in modules() if part_of(module) != "tap"]
        command = [sys.executable, "-c", IMPORT_ALL, *names]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(run.stderr, "")
        self.assertEqual(run.returncode, 0)

    def test_every_part_has_its_place(self) -> None:
        """
        Each module and package at the top of revproxy is in a layer or aside.
        """
        parts = {part_of(module) for module, _ in modules()} - {None}
        self.assertEqual(parts - PLACED, set())

    def test_names_end_where_they_should(self) -> None:
        """
        The package is read whole: the errors, on which all rests, are among what
        was found.
        """
        self.assertIn("revproxy.errors", dict(modules()))


class ComplaintTests(SynchronousTestCase):
    """
    The judge itself, on planted imports.
    """

    def judge(self, module: str, source: str) -> list[str]:
        package = module.endswith(".__init__")
        name = module.removesuffix(".__init__")
        names = imported_names(source, name, package)
        return [text for text in (complaint(name, imported) for imported in names) if text]

    def assertRefused(self, module: str, source: str) -> None:
        self.assertEqual(len(self.judge(module, source)), 1, source)

    def assertLet(self, module: str, source: str) -> None:
        self.assertEqual(self.judge(module, source), [], source)

    def test_upward_arrows(self) -> None:
        """
        An import of a higher layer is found however it is written.
        """
        self.assertRefused("revproxy.wire.fields", "from revproxy.flow.pool import Pool")
        self.assertRefused("revproxy.wire.fields", "import revproxy.exchange")
        self.assertRefused("revproxy.wire.fields", "from ..flow import pool")
        self.assertRefused("revproxy.flow.__init__", "from ..edge.http1 import Channel")
        self.assertRefused("revproxy.exchange", "from revproxy import flow")
        self.assertRefused("revproxy.errors", "def late():\n    from .wire import fields")
        self.assertRefused("revproxy.errors", "if TYPE_CHECKING:\n    from .exchange import Exchange")

    def test_downward_arrows(self) -> None:
        """
        A layer may import those under it, and itself.
        """
        self.assertLet("revproxy.flow.pool", "from ..exchange import Exchange\nfrom .relay import Relay")
        self.assertLet("revproxy.tap", "from revproxy.service import build")
        self.assertLet("revproxy.wire.__init__", "from .fields import check\nfrom ..errors import BadRequest")

    def test_components_stand_aside(self) -> None:
        """
        Components import the core and below, and only the catalog imports them.
        """
        self.assertLet("revproxy.components.balancers.__init__", "from ...interfaces import IBalancer")
        self.assertLet("revproxy.catalog", "from .components.filters import headers")
        self.assertRefused("revproxy.components.filters.headers", "from ...flow import relay")
        self.assertRefused("revproxy.flow.pool", "from ..components.balancers import round_robin")
        self.assertRefused("revproxy.service", "from revproxy.testing import BalancerContract")

    def test_part_without_a_place(self) -> None:
        """
        A new part is found as such by whoever imports it, and by what it imports.
        """
        self.assertRefused("revproxy.tap", "from revproxy.novelty import thing")
        self.assertRefused("revproxy.novelty", "from revproxy.errors import RevproxyError")

    def test_the_package_itself(self) -> None:
        """
        C{revproxy/__init__.py} imports none of its parts: whoever imports one
        module would load them all.  Only what decides how they are loaded comes first.
        """
        self.assertLet("revproxy.__init__", "from revproxy.compiled import use_sources")
        self.assertRefused("revproxy.__init__", "from .errors import RevproxyError")

    def test_global_reactor(self) -> None:
        """
        The global reactor is C{tap}'s alone.
        """
        self.assertRefused("revproxy.edge.http1", "from twisted.internet import reactor")
        self.assertRefused("revproxy.edge.http1", "import twisted.internet.reactor")
        self.assertLet("revproxy.tap", "from twisted.internet import reactor")

    def test_wire_has_no_io(self) -> None:
        """
        The rules of the protocols know no Twisted, only parsers.
        """
        self.assertRefused("revproxy.wire.target", "from twisted.web import http")
        self.assertLet("revproxy.wire.target", "import re\nfrom httptools import HttpRequestParser")
