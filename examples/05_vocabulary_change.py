"""Change a vocabulary while it has data: first the plan, then what happens to data that breaks it."""

import relgraph

BEFORE = relgraph.Vocabulary.from_text("""
vocabulary: accounts
types: {Person: {fields: {name: text}}, Company: {fields: {name: text}}}
predicates:
  handles: {inverse: handled_by, subject: [Person], object: [Company]}
""")
AFTER = relgraph.Vocabulary.from_text("""
vocabulary: accounts
types: {Person: {fields: {name: text}}, Company: {fields: {name: text}}}
predicates:
  looks_after: {was: handles, inverse: looked_after_by, subject: [Person], object: [Company], max_subjects: 1}
""")


def main() -> None:
    """Rename a predicate and allow one account manager."""
    with relgraph.open(vocabulary=BEFORE) as graph:
        ana, leo = graph.add("Person", name="Ana"), graph.add("Person", name="Leo")
        acme, bolt = graph.add("Company", name="ACME"), graph.add("Company", name="Bolt")
        for who, whom in ((ana, acme), (leo, acme), (leo, bolt)):
            graph.relate(who, "handles", whom)

        plan = graph.plan(AFTER)
        print(plan)
        try:
            graph.apply(plan)
        except relgraph.RelgraphError as error:
            print(f"refused: {error.message.splitlines()[0]}")
        graph.apply(plan, policy="keep")
        print([one.predicate for one in graph.related(bolt)])
        for finding in graph.check():
            print(f"to be mended: {finding.message.split(':')[0]}")


if __name__ == "__main__":
    main()
