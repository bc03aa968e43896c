"""The canvas as an SVG file: colors as attributes, so that it looks the same anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import escape
from relgraph_web.pictures.text import shortened

_TYPES: Final = ("#2592D0", "#CC6E00", "#828D9C", "#40112A", "#126857", "#653BBA", "#574E0F")
_FAMILIES: Final = {
    "own": "#7A3300",
    "work": "#39404D",
    "people": "#247B93",
    "money": "#7A38A9",
    "supply": "#5D7430",
    "other": "#747C89",
}


def drawing(told: Mapping[str, Any]) -> str:
    """Return nodes, edges and names of what :func:`relgraph_web.canvas.network` told, as SVG."""
    nodes = {node["id"]: node for node in told["nodes"]}
    xs = [node["x"] for node in nodes.values()] or [0]
    ys = [node["y"] for node in nodes.values()] or [0]
    left, top = min(xs) - 120, min(ys) - 60
    wide, high = max(xs) - left + 120, max(ys) - top + 70
    begin = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.0f} {top:.0f} {wide:.0f} {high:.0f}" '
        f'width="{wide:.0f}" height="{high:.0f}" font-family="sans-serif"><rect x="{left:.0f}" y="{top:.0f}" '
        f'width="{wide:.0f}" height="{high:.0f}" fill="#FFFFFF"/>'
    )
    out = [begin]
    for edge in told["edges"]:
        one, other = nodes[edge["source"]], nodes[edge["target"]]
        rows = edge["relations"]
        first = next((row for row in rows if row.get("holds", True)), rows[0])
        look = told["predicates"][first["predicate"]]
        word = look["words"] if len(rows) == 1 else f"{len(rows)} relations"
        dashed = "" if first.get("holds", True) else ' stroke-dasharray="5 4"'
        out.append(
            f'<line x1="{one["x"]}" y1="{one["y"]}" x2="{other["x"]}" y2="{other["y"]}" '
            f'stroke="{_FAMILIES[look["family"]]}" stroke-width="{1.4 + 3.2 * edge.get("share", 0):.1f}" '
            f'stroke-opacity="0.7"{dashed}>'
            f"<title>{escape(one['name'])} {escape(word)} {escape(other['name'])}</title></line>"
        )
    for node in nodes.values():
        color = _TYPES[told["types"][node["type"]]["color"] - 1]
        radius = max(11.0, min(25.0, 8 + 3.2 * (1 + node["shown"]).bit_length()))
        x, y = node["x"], node["y"]
        shape = told["types"][node["type"]]["shape"]
        mark = (
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{color}"/>'
            if shape == "ellipse"
            else f'<rect x="{x - radius}" y="{y - radius}" width="{radius * 2}" height="{radius * 2}" '
            f'rx="{4 if shape == "round-rectangle" else 0}" fill="{color}"/>'
        )
        weight = ' font-weight="700"' if node["focus"] else ""
        out.append(
            f'{mark}<text x="{x}" y="{y + radius + 13}" font-size="12" text-anchor="middle" fill="#1A2230" '
            f'stroke="#FFFFFF" stroke-width="3" paint-order="stroke"{weight}>'
            f"{escape(shortened(node['name'], 28))}</text>"
        )
    return "".join([*out, "</svg>"])
