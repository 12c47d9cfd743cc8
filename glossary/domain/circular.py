"""Definitions that lead back to themselves: what stands after the verb is what explains."""

from glossary.domain.wording.findings import DEFINING
from glossary.domain.wording.patterns import tokens_of

STEPS = 6  # definitions followed from one to the next; a longer loop misleads nobody


def after_verb(definition: str) -> str:
    """Return what a definition says its term is: the words after its first defining verb, or all without one."""
    tokens = tokens_of(definition)
    for place, token in enumerate(tokens):
        if place and token.norm in DEFINING:
            return definition[token.end :]
    return definition
