"""The digest that names an edition: the same words give the same digest, one changed word another."""

import hashlib
import json
from typing import Any

from glossary.domain.term import Words

DIGEST_VERSION = 1  # stored beside every digest, so that a later canonical form does not void earlier checks


def digest_of(words: Words) -> str:
    """Return the SHA-256 of the words' canonical JSON (sorted keys, no spaces, UTF-8), in hexadecimal."""
    return hash_of(words.to_json())


def hash_of(data: Any) -> str:
    """Return the SHA-256 of `data` as canonical JSON, in hexadecimal."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
