"""The house: imports point down, nothing hides inside a function, no file grows past a noun or two."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "glossary"
FILES = [path for path in sorted(GLOSSARY.rglob("*.py")) if "migrations" not in path.parts]
FLOORS = {"domain": 0, "models": 1, "services": 2}
DOORS = 3
DOOR_TO_DOOR = {
    ("urls", "views"),
    ("urls", "feeds"),
    ("urls", "sitemaps"),
    ("views", "forms"),
    ("admin", "forms"),
    ("admin", "desk"),
}


def part(module: str) -> str:
    """Return the floor's folder or the door's module of `glossary.<part>…`."""
    return module.split(".")[1] if "." in module else ""


def imported(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_keeps_the_rules_of_the_house(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    here = path.relative_to(GLOSSARY).parts[0].removesuffix(".py")
    floor = FLOORS.get(here, DOORS)
    for name in imported(tree):
        if name.startswith("glossary."):
            there = part(name)
            above = FLOORS.get(there, DOORS)
            assert above <= floor, f"{name} lies above {here}"
            if floor == above == DOORS:
                assert here == there or (here, there) in DOOR_TO_DOOR, f"{here} imports the door {name}"
        if floor == 0:
            assert not name.startswith("django"), "the rules know no Django"
        assert "signals" not in name
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            inside = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
            assert not inside, f"{node.name} imports inside"
            assert (node.end_lineno or 0) - node.lineno < 65, f"{node.name} is long"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None and getattr(node.type, "id", "") not in {"Exception", "BaseException"}
    if "mark_safe(" in source:
        assert path.name == "reading.py" and source.count("mark_safe(") == 1
    assert source.count("\n") <= 500
    assert not source.strip() or source.lstrip().startswith('"""'), "a module opens with what it is for"
