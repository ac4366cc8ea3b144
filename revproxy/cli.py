"""
The command C{revproxy}: what is done with a configuration file without running it.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from revproxy import catalog
from revproxy.config.schema import configuration_schema
from revproxy.errors import ConfigurationError
from revproxy.service.check import checked_configuration


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command.

    @param arguments: in place of those of the process.
    @return: the exit status: 0, or 1 where a file has errors.
    @raise SystemExit: after help and version, and with status 2 where the arguments
        are wrong.
    """
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def check(options: Namespace) -> int:
    """
    Tell everything that is wrong with a file.
    """
    try:
        checked_configuration(options.file, catalog.registry())
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.file}: ok")
    return 0


def schema(options: Namespace) -> int:
    """
    Print the JSON schema of the file.
    """
    print(json.dumps(configuration_schema(catalog.registry()), indent=2))
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="revproxy", description="Work with revproxy's configuration.  'twistd revproxy' runs the proxy."
    )
    parser.add_argument("--version", action="version", version=f"revproxy {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    checking = commands.add_parser("check", help="tell everything that is wrong with a configuration file")
    checking.add_argument("file", metavar="FILE", type=Path)
    checking.set_defaults(run=check)
    printing = commands.add_parser("schema", help="print the JSON schema of the file, for editors")
    printing.set_defaults(run=schema)
    return parser


def _version() -> str:
    try:
        return version("revproxy")
    except PackageNotFoundError:
        return "(not installed)"
