"""The tables of a network file, in words that any SQLite tool shows."""

from __future__ import annotations

APPLICATION_ID = 0x72656C67
"""What marks a file as one of ours: 'relg' in ASCII."""

FORMAT = 1
"""The version of the layout below; :mod:`.migrations` brings older files up to it."""

NAMES = """
CREATE TABLE vocabulary (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL
);
CREATE TABLE predicates (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0,
    renamed_in INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE entity_types (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE tag_names (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX predicates_name ON predicates (name) WHERE NOT gone;
CREATE UNIQUE INDEX entity_types_name ON entity_types (name) WHERE NOT gone;
CREATE UNIQUE INDEX tag_names_name ON tag_names (name) WHERE NOT gone;
CREATE TABLE transactions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    recorded_at INTEGER NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    actor TEXT,
    reason TEXT,
    batch TEXT,
    undoes TEXT,
    vocabulary INTEGER NOT NULL REFERENCES vocabulary (version),
    detail TEXT NOT NULL
);
CREATE INDEX transactions_batch ON transactions (batch) WHERE batch IS NOT NULL;
CREATE INDEX transactions_purge ON transactions (number) WHERE kind = 'purge';
"""

# the past twins have no foreign keys: what they speak of may be gone
ENTITIES = """
CREATE TABLE entities (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    type INTEGER NOT NULL REFERENCES entity_types (number),
    caption TEXT NOT NULL,
    folded TEXT NOT NULL,
    fields TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'trashed', 'merged')),
    merged_into INTEGER,
    told_in INTEGER NOT NULL REFERENCES transactions (number) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE entities_past (
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    type INTEGER NOT NULL,
    caption TEXT NOT NULL,
    folded TEXT NOT NULL,
    fields TEXT NOT NULL,
    state TEXT NOT NULL,
    merged_into INTEGER,
    told_in INTEGER NOT NULL,
    replaced_in INTEGER NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (number, told_in)
);
CREATE INDEX entities_past_id ON entities_past (id);
CREATE INDEX entities_past_type ON entities_past (type, caption, id);
CREATE INDEX entities_past_folded ON entities_past (folded);
CREATE INDEX entities_past_told_in ON entities_past (told_in);
CREATE INDEX entities_past_replaced_in ON entities_past (replaced_in);
CREATE INDEX entities_past_merged_into ON entities_past (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE tags (
    entity INTEGER NOT NULL REFERENCES entities (number) DEFERRABLE INITIALLY DEFERRED,
    tag INTEGER NOT NULL REFERENCES tag_names (number),
    told_in INTEGER NOT NULL REFERENCES transactions (number) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (entity, tag)
) WITHOUT ROWID;
CREATE INDEX tags_told_in ON tags (told_in);
CREATE INDEX tags_tag ON tags (tag, entity);
CREATE TABLE tags_past (
    entity INTEGER NOT NULL,
    tag INTEGER NOT NULL,
    told_in INTEGER NOT NULL,
    replaced_in INTEGER NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (entity, tag, told_in)
) WITHOUT ROWID;
CREATE INDEX tags_past_told_in ON tags_past (told_in);
CREATE INDEX tags_past_replaced_in ON tags_past (replaced_in);
CREATE TABLE external_keys (
    entity INTEGER NOT NULL REFERENCES entities (number) DEFERRABLE INITIALLY DEFERRED,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    told_in INTEGER NOT NULL REFERENCES transactions (number) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (source, key)
) WITHOUT ROWID;
CREATE INDEX external_keys_entity ON external_keys (entity);
CREATE INDEX external_keys_told_in ON external_keys (told_in);
CREATE TABLE external_keys_past (
    entity INTEGER NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    told_in INTEGER NOT NULL,
    replaced_in INTEGER NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (source, key, told_in)
) WITHOUT ROWID;
CREATE INDEX external_keys_past_entity ON external_keys_past (entity);
CREATE INDEX external_keys_past_told_in ON external_keys_past (told_in);
CREATE INDEX external_keys_past_replaced_in ON external_keys_past (replaced_in);
CREATE TABLE field_values (
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    entity INTEGER NOT NULL REFERENCES entities (number) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (field, value, entity)
) WITHOUT ROWID;
CREATE INDEX field_values_entity ON field_values (entity);
"""

ENTITY_INDEXES = {
    "entities_id": "CREATE UNIQUE INDEX entities_id ON entities (id)",
    "entities_type": "CREATE INDEX entities_type ON entities (type, caption, id)",
    "entities_folded": "CREATE INDEX entities_folded ON entities (folded)",
    "entities_told_in": "CREATE INDEX entities_told_in ON entities (told_in)",
    "entities_hidden": "CREATE INDEX entities_hidden ON entities (number) WHERE state <> 'live'",
    "entities_merged_into": (
        "CREATE INDEX entities_merged_into ON entities (merged_into) WHERE merged_into IS NOT NULL"
    ),
}

RELATIONS = """
CREATE TABLE relations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    predicate INTEGER NOT NULL REFERENCES predicates (number),
    subject INTEGER NOT NULL REFERENCES entities (number) DEFERRABLE INITIALLY DEFERRED,
    object INTEGER NOT NULL REFERENCES entities (number) DEFERRABLE INITIALLY DEFERRED,
    since TEXT,
    until TEXT,
    since_precision INTEGER NOT NULL,
    until_precision INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    confidence REAL,
    told_in INTEGER NOT NULL REFERENCES transactions (number) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE relations_past (
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    predicate INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    object INTEGER NOT NULL,
    since TEXT,
    until TEXT,
    since_precision INTEGER NOT NULL,
    until_precision INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    confidence REAL,
    told_in INTEGER NOT NULL,
    replaced_in INTEGER NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (number, told_in)
);
CREATE INDEX relations_past_id ON relations_past (id);
CREATE INDEX relations_past_subject ON relations_past (subject, predicate, object);
CREATE INDEX relations_past_object ON relations_past (object, predicate, subject);
CREATE INDEX relations_past_told_in ON relations_past (told_in);
CREATE INDEX relations_past_replaced_in ON relations_past (predicate, replaced_in);
CREATE TABLE relation_sources (
    relation INTEGER NOT NULL REFERENCES relations (number) DEFERRABLE INITIALLY DEFERRED,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    says TEXT,
    told_in INTEGER NOT NULL REFERENCES transactions (number) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (relation, source, key)
) WITHOUT ROWID;
CREATE INDEX relation_sources_source ON relation_sources (source, key);
CREATE INDEX relation_sources_told_in ON relation_sources (told_in);
CREATE TABLE relation_sources_past (
    relation INTEGER NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    says TEXT,
    told_in INTEGER NOT NULL,
    replaced_in INTEGER NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (relation, source, key, told_in)
) WITHOUT ROWID;
CREATE INDEX relation_sources_past_source ON relation_sources_past (source, key);
CREATE INDEX relation_sources_past_told_in ON relation_sources_past (told_in);
CREATE INDEX relation_sources_past_replaced_in ON relation_sources_past (replaced_in);
"""

RELATION_INDEXES = {
    "relations_id": "CREATE UNIQUE INDEX relations_id ON relations (id)",
    "relations_subject": "CREATE INDEX relations_subject ON relations (subject, predicate, object)",
    "relations_object": "CREATE INDEX relations_object ON relations (object, predicate, subject)",
    "relations_predicate": "CREATE INDEX relations_predicate ON relations (predicate, told_in)",
}
"""Apart from the tables, because a large load drops them and builds them again behind it."""

# words are folded and told apart before they come here (see search.py); this tokenizer takes everything beyond
# ASCII as a letter, where unicode61 knows the letters of 2012 only
BESIDE = """
CREATE TABLE adjacency (
    predicate INTEGER NOT NULL,
    part TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (predicate, part, chunk)
);
CREATE TABLE purged (
    told_in INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('entity', 'relation')),
    number INTEGER NOT NULL,
    predicate INTEGER,
    PRIMARY KEY (told_in, kind, number)
) WITHOUT ROWID;
CREATE TABLE saved_documents (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE VIEW saved_questions AS SELECT name, document FROM saved_documents WHERE kind = 'question';
CREATE VIEW duplicate_decisions AS SELECT name, document FROM saved_documents WHERE kind = 'decision';
CREATE VIRTUAL TABLE search USING fts5 (caption, words, tokenize = 'ascii', prefix = '1 2 3');
CREATE VIEW relations_in_words AS
    SELECT r.id AS id, s.caption AS subject, p.name AS predicate, o.caption AS object, r.since AS since,
           r.until AS until, r.attributes AS attributes, r.confidence AS confidence,
           datetime(t.recorded_at / 1000000, 'unixepoch') AS recorded_at, t.actor AS recorded_by
    FROM relations r
    JOIN predicates p ON p.number = r.predicate
    JOIN entities s ON s.number = r.subject
    JOIN entities o ON o.number = r.object
    JOIN transactions t ON t.number = r.told_in;
"""


def statements() -> tuple[str, ...]:
    """Return every statement that makes an empty file, in order."""
    scripts = (NAMES, ENTITIES, RELATIONS, BESIDE)
    parts = [part.strip() for script in scripts for part in script.split(";")]
    return (*[part for part in parts if part], *ENTITY_INDEXES.values(), *RELATION_INDEXES.values())


def columns(table: str) -> tuple[str, ...]:
    """Return the columns that a table shares with its past twin, in order."""
    return _COLUMNS[table]


_COLUMNS = {
    "entities": ("number", "id", "type", "caption", "folded", "fields", "state", "merged_into", "told_in"),
    "relations": (
        "number",
        "id",
        "predicate",
        "subject",
        "object",
        "since",
        "until",
        "since_precision",
        "until_precision",
        "attributes",
        "confidence",
        "told_in",
    ),
    "tags": ("entity", "tag", "told_in"),
    "external_keys": ("entity", "source", "key", "told_in"),
    "relation_sources": ("relation", "source", "key", "says", "told_in"),
}
