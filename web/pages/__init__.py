"""The pages, one module each."""

from __future__ import annotations

from flask import Blueprint
from relgraph_web.pages import (
    alerts,
    assets,
    audit,
    changing,
    compare,
    console,
    designer,
    entities,
    entity,
    explore,
    health,
    home,
    imports,
    merging,
    people,
    related,
    types,
    users,
)


def register(blueprint: Blueprint) -> None:
    """Register every page with the blueprint of a site."""
    for one in (
        people,
        home,
        entities,
        entity,
        related,
        changing,
        merging,
        explore,
        compare,
        health,
        console,
        alerts,
        types,
        designer,
        imports,
        audit,
        users,
        assets,
    ):
        one.register(blueprint)
