"""Links at the desk: what becomes of the names in a card, and which pages would link to its new ones."""

from typing import Any

from glossary.domain.autolink import Why
from glossary.domain.errors import BadText
from glossary.forms.term import TermForm, typed_aliases
from glossary.models import Term
from glossary.services.lexicon import mentions_on, new_names, pages_to_link

TOLD = {Why.LINKED, Why.SUGGESTED, Why.AMBIGUOUS}


def links_on(form: TermForm, formset: Any, term: Term | None) -> dict[str, Any]:
    """Return the links that the words in the writing form would get, and the pages that would link to its new names.

    A constant few queries; of the form as it was typed, or of what was saved last where nothing was typed.
    """
    draft = None
    if form.is_bound:
        if form.is_valid() & formset.is_valid():
            try:
                draft = form.draft(typed_aliases(formset)).cleaned()
            except BadText:
                draft = None
    elif term is not None:
        draft = term.draft()
    if draft is None:
        return {"links": None}
    names = new_names(term, draft)
    own = term.pk if term is not None else 0
    mentions = mentions_on(draft.words(), own=own, also=names).every
    pages, more = pages_to_link(names, own=own)
    found: dict[tuple[Why, tuple[str, ...]], str] = {}
    for one in mentions:
        if one.why in TOLD:
            found.setdefault((one.why, tuple(name.slug for name in one.names)), one.names[0].text)
    return {
        "links": [(text, slugs) for (why, slugs), text in found.items() if why == Why.LINKED],
        "unlinked": [(text, why, slugs) for (why, slugs), text in found.items() if why != Why.LINKED],
        "linking_pages": pages,
        "more_pages": more,
    }
