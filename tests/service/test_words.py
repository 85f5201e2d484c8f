"""The page's catalogue has a word for everything the page can be asked to say."""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from pathlib import Path

import pytest

from pipelines.incident import Grade, Kind, Role
from service.pages import load_words
from service.review import RejectReason, Status

RULES = Path(__file__).resolve().parents[2] / "pipelines" / "rules"
PAGES = Path(__file__).resolve().parents[2] / "service" / "pages"
WORDS = load_words("en")

SOURCES = sorted((PAGES / "static").glob("*.js")) + sorted((PAGES / "templates").glob("*.html"))


@pytest.mark.parametrize(
    ("group", "codes"), [("kinds", Kind), ("grades", Grade), ("roles", Role), ("statuses", Status)]
)
def test_every_code_of_an_incident_has_a_word(group: str, codes: type[StrEnum]) -> None:
    assert set(WORDS[group]) == {code.value for code in codes}


def missing_items() -> set[str]:
    """What rules say is missing. They write it as words in tuples and lists, or append it to `missing`."""
    words: set[str] = set()
    for path in RULES.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "missing=" in text:
            for node in ast.walk(ast.parse(text)):
                words |= {one.value for one in missing_in(node) if isinstance(one, ast.Constant)}
    return {word for word in words if isinstance(word, str) and word.isidentifier()}


def missing_in(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return items
        case ast.Assign(targets=[ast.Name(id="missing")], value=ast.IfExp(body=one, orelse=other)):
            return [one, other]
        case ast.Call(func=ast.Attribute(value=ast.Name(id="missing"), attr="append"), args=items):
            return items
    return []


def test_every_missing_element_of_proof_has_a_word() -> None:
    assert set(WORDS["missing"]) == missing_items()


def test_every_kind_is_also_named_in_chinese() -> None:
    assert all(re.search(r"[\u4e00-\u9fff]", kind["local"]) for kind in WORDS["kinds"].values())


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_what_page_code_says_is_in_the_catalogue(source: Path) -> None:
    said = re.findall(r'\bui\("(\w+)"|\bui\.(\w+) \}\}', source.read_text(encoding="utf-8"))
    assert {call or field for call, field in said} <= set(WORDS["ui"])


def test_the_catalogue_holds_no_word_that_nothing_says() -> None:
    text = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
    assert [key for key in WORDS["ui"] if not re.search(rf"\b{key}\b", text)] == []


def test_every_reject_reason_is_offered_but_duplicate_which_is_a_verdict_of_its_own() -> None:
    assert set(WORDS["reject_reasons"]) == {reason.value for reason in RejectReason} - {"duplicate"}


def test_reject_reasons_offered_first_are_at_most_nine_and_known() -> None:
    for order in WORDS["reject_order"].values():
        assert len(order) <= 9
        assert set(order) <= set(WORDS["reject_reasons"])
