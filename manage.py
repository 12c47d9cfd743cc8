#!/usr/bin/env python
"""Run Daily Deck's commands: `manage.py help` lists them."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management import execute_from_command_line

from deckproject.demo import demo_environment


def main() -> None:
    """Point Django at the settings and run the command that was typed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deckproject.settings")
    if sys.argv[1:2] == ["demo"]:
        port = ArgumentParser(add_help=False, allow_abbrev=False)
        port.add_argument("--port", default="8000")
        known, _ = port.parse_known_args(sys.argv[2:])
        os.environ.update(demo_environment(Path(__file__).resolve().parent / "var", port=known.port))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
