"""The display name of an entity, made of the fields that its type says."""

from __future__ import annotations

from collections.abc import Mapping

from relgraph.vocabulary.fields import load
from relgraph.vocabulary.model import Field, Vocabulary

CaptionParts = tuple[tuple[Field, bool], ...]
"""The fields that make the display name of a type, and whether each is shown as it is stored."""


def caption_of(vocabulary: Vocabulary, type_name: str, fields: Mapping[str, object]) -> str:
    """Return the display name that stored fields make, '' where none of the caption's fields is present."""
    return joined_caption(caption_parts(vocabulary, type_name), fields)


def caption_parts(vocabulary: Vocabulary, type_name: str) -> CaptionParts:
    """Return the fields that make the display name of a type, and whether each is shown as it is stored."""
    declared = vocabulary.fields(type_name)
    return tuple(
        (field, field.kind in {"text", "choice", "url", "email", "phone", "country"})
        for field in [declared[name] for name in vocabulary.caption(type_name)]
    )


def joined_caption(caption: CaptionParts, fields: Mapping[str, object]) -> str:
    """Return the display name that stored fields make of the parts of a caption."""
    parts = []
    for one, plain in caption:
        stored = fields.get(one.name)
        if stored is None:
            continue
        if plain and isinstance(stored, str):
            parts.append(stored)
        else:
            value = load(one, stored)
            parts.append(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))
    name = " ".join(parts)
    return name if name.strip() else ""
