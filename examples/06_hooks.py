"""Hooks: refuse what your own rules forbid, and hear of what was committed."""

from typing import Any

import relgraph

WORDS = relgraph.vocabulary(
    relgraph.entity_type("Company", fields={"name": {"type": "text", "required": True}}),
    relgraph.predicate("owns", inverse="owned_by", attributes={"share": "percent"}),
)


class NeedsReason(relgraph.RelgraphError):
    """A change of owners without a reason."""

    code = "needs-reason"


def ask_for_reason(proposal: Any) -> None:
    """Refuse ownership that nobody gives a reason for."""
    if proposal.type == "owns" and not proposal.reason:
        raise NeedsReason("owners are told with a reason", hint="graph.transaction(reason=...)")


def main() -> None:
    """Try without a reason, then with one."""
    heard: list[str] = []
    with relgraph.open(vocabulary=WORDS, actor="ana") as graph:
        graph.before("relation.*", ask_for_reason)
        graph.on("relation.*", lambda change: heard.append(f"{change.actor}: {change.words}"))
        acme, bolt = graph.add("Company", name="ACME"), graph.add("Company", name="Bolt")
        try:
            graph.relate(acme, "owns", bolt, share="60%")
        except NeedsReason as error:
            print(f"refused: {error.message}")
        with graph.transaction(reason="annual report") as tx:
            tx.relate(acme, "owns", bolt, share="60%")
    print(*heard, sep="\n")


if __name__ == "__main__":
    main()
