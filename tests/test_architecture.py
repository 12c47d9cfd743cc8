"""The house: imports point down, nothing hides inside a function, no file grows past a noun or two."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "glossary"
FILES = [path for path in sorted(GLOSSARY.rglob("*.py")) if "migrations" not in path.parts]
FLOORS = {"domain": 0, "models": 1, "services": 2}
DOORS = 3
MIRRORED = ("domain", "services", "views", "admin", "management/commands")
# Rows are tested by what the database promises (tests/models), QuerySets through the services that ask them, forms and
# template tags through the pages that use them. Of the other folders these modules are tested in the file of another:
ELSEWHERE = {
    "domain/errors.py": "services/test_fact_check.py",  # names of refusals; who raises them is tested
    "domain/subscriber.py": "services/test_subscription.py",  # states; the moves between them are the service's
    "services/claim.py": "services/test_evidence.py",  # verdicts and what they rest on
    "services/deck_quality.py": "domain/test_deck_quality.py",  # the rule measures, the service fetches
    "services/demo.py": "commands/test_demo.py",  # the command is the only way in
    "services/inbox.py": "services/test_notice.py",  # notices are written to be read there
    "services/integrity_term.py": "services/test_integrity_damage.py",  # each damage and the check that finds it
    "services/integrity_words.py": "services/test_integrity_damage.py",
    "services/last_change.py": "test_sitemaps.py",  # its dates are those of the sitemap
    "services/preview.py": "admin/test_brief.py",  # the desk's test mail
    "services/publication.py": "services/test_fact_check.py",  # the end of a check
    "services/runway.py": "domain/test_runway.py",  # the rule looks ahead, the service fetches
    "services/source.py": "services/test_watch.py",  # the library is filled there
    "services/stock.py": "services/test_composition.py",  # what the composer is given
    "services/suppression.py": "services/test_subscription.py",  # who leaves, and who is held back
    "services/trail.py": "services/test_term.py",  # every act leaves an entry
    "views/context.py": "test_pages.py",  # what every page knows
    "views/home.py": "views/test_reading.py",
    "views/ready_page.py": "test_ready_pages.py",
    "views/tag.py": "views/test_reading.py",
    "admin/calendar.py": "admin/test_deck.py",  # a page of the decks
    "admin/claim.py": "admin/test_check_page.py",  # the lines of that page
    "admin/deck_quality.py": "admin/test_deck.py",  # a page of the decks
    "admin/site.py": "admin/test_queue.py",  # the first page of the desk
    "admin/source.py": "admin/test_doubt.py",  # sources are doubted there
    "admin/tag.py": "safety/test_query_counts.py",  # Django's own pages, declared
    "admin/trail.py": "safety/test_permissions.py",  # to be read and never written
}
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
            assert (node.end_lineno or 0) - node.lineno < 55, f"{node.name} is long"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None and getattr(node.type, "id", "") not in {"Exception", "BaseException"}
    if "mark_safe(" in source:
        assert path.name == "reading.py" and source.count("mark_safe(") == 1
    assert source.count("\n") <= 500
    assert not source.strip() or source.lstrip().startswith('"""'), "a module opens with what it is for"


def test_every_module_has_a_test_file_of_its_name_or_one_that_is_named_above():
    modules = {str(path.relative_to(GLOSSARY)) for path in FILES if path.name != "__init__.py"}
    assert set(ELSEWHERE) <= modules
    for module in sorted(one for one in modules if one.startswith(tuple(f"{part}/" for part in MIRRORED))):
        path = Path(module.removeprefix("management/"))
        own = ROOT / "tests" / path.with_name(f"test_{path.name}")
        assert own.exists() != (module in ELSEWHERE), f"{module} has {'two homes' if own.exists() else 'no test'}"
    for test in ELSEWHERE.values():
        assert (ROOT / "tests" / test).exists(), test
