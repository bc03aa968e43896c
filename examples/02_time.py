"""Two times: when a relation held, and when it was told."""

import relgraph

WORDS = relgraph.vocabulary(
    relgraph.entity_type("Company", fields={"name": {"type": "text", "required": True}}),
    relgraph.predicate("owns", inverse="owned_by", attributes={"share": "percent"}),
)


def owners(view: relgraph.View, company: relgraph.Entity) -> str:
    """Return who owns a company in a view."""
    return (
        ", ".join(f"{one.entity.name} {one.relation['share']}" for one in view.related(company, "owned_by")) or "nobody"
    )


def main() -> None:
    """Tell something, correct it, and ask on both axes."""
    with relgraph.open(vocabulary=WORDS) as graph:
        with graph.transaction(reason="press") as told:
            acme, bolt = told.add("Company", name="ACME"), told.add("Company", name="Bolt")
            stake = told.relate(acme, "owns", bolt, share="60%", since="2020", until="2023-07-01")
        with graph.transaction(reason="the contract") as corrected:
            corrected.update(stake.id, share="55%")

        for day in ("2019-12-31", "2020-01-01", "2023-06-30", "2023-07-01"):
            print(f"as of {day}: {owners(graph.as_of(day), bolt)}")
        then = graph.known_at(told.recorded_at).as_of("2022-01-01")
        print(f"2022, as known after the press: {owners(then, bolt)}")
        print(f"2022, as known today: {owners(graph.as_of('2022-01-01'), bolt)}")


if __name__ == "__main__":
    main()
