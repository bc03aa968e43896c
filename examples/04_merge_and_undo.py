"""Two records that are one company: merge them, and think better of it."""

import relgraph

WORDS = relgraph.vocabulary(
    relgraph.entity_type("Company", fields={"name": {"type": "text", "required": True}, "city": "text"}),
    relgraph.predicate("supplies", inverse="supplied_by"),
)


def show(graph: relgraph.Graph) -> None:
    """Print each company and whom it supplies."""
    for company in graph.entities("Company"):
        whom = ", ".join(one.entity.name for one in graph.related(company, "supplies")) or "nobody"
        print(f"  {company.name} ({company['city'] or 'somewhere'}) supplies {whom}; keys {dict(company.keys)}")


def main() -> None:
    """Merge, look, undo, look."""
    with relgraph.open(vocabulary=WORDS, actor="keeper") as graph:
        acme = graph.add("Company", name="ACME", keys={"crm": "17"})
        double = graph.add("Company", name="A.C.M.E.", city="Lyon", keys={"erp": "a-9"})
        bolt, cargo = graph.add("Company", name="Bolt"), graph.add("Company", name="Cargo")
        graph.relate(acme, "supplies", bolt, since="2019-01-01", until="2021-01-01")
        graph.relate(double, "supplies", bolt, since="2020-01-01")
        graph.relate(double, "supplies", cargo)

        with graph.transaction(reason="the same VAT number") as tx:
            tx.merge(keep=acme, other=double)
        print("merged:")
        show(graph)
        print(f"the old id leads to {graph.get(double.id).name}")
        period = graph.related(acme.id, "supplies")[0].relation
        print(f"one relation, since {period.since}")

        graph.undo(graph.transactions(limit=1)[0].id)
        print("undone:")
        show(graph)


if __name__ == "__main__":
    main()
