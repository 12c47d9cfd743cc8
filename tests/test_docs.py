"""The README stays true."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = set(
    re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "deckproject" / "settings.py").read_text(encoding="utf-8"))
)


def test_every_setting_is_documented_and_no_other():
    example = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    table = README.partition("## Settings")[2].partition("\n## ")[0]
    documented = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert SETTINGS == example == documented


def test_every_command_is_documented():
    for path in (ROOT / "glossary" / "management" / "commands").glob("[a-z]*.py"):
        assert f"{path.stem} --" in README, path.stem


def test_both_commands_of_the_set_up_stand_in_the_readme():
    assert (
        "python3 -m venv .venv && .venv/bin/pip install -q uv && .venv/bin/uv run manage.py demo\n"
        ".venv/bin/uv run pytest\n" in README
    )


def test_every_picture_of_the_readme_is_there():
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file(), picture
