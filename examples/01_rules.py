"""Describe relations with rules, and see what a broken rule says.

Each rule has its own class of error, and a refused change leaves nothing behind.
"""

import relgraph

WORDS = relgraph.Vocabulary.from_text("""
vocabulary: rules
types:
  Person: {fields: {name: {type: text, required: true}}}
  Company: {fields: {name: {type: text, required: true}}}
tags:
  embargoed: {types: [Company]}
predicates:
  owns:
    inverse: owned_by
    subject: [Person, Company]
    object: [Company]
    attributes: {share: percent}
    acyclic: true
    sum: {attribute: share, per: object, max: 100%}
  leads: {inverse: led_by, subject: [Person], object: [Company], max_subjects: 1}
  supplies: {inverse: supplied_by, subject: [Company], object: [Company], object_tags: {none: [embargoed]}}
""")


def main() -> None:
    """Try one change for each rule."""
    with relgraph.open(vocabulary=WORDS) as graph:
        ana, leo = graph.add("Person", name="Ana"), graph.add("Person", name="Leo")
        acme, bolt = graph.add("Company", name="ACME"), graph.add("Company", name="Bolt")
        far = graph.add("Company", name="Far", tags=["embargoed"])
        graph.relate(acme, "owns", bolt, share="60%", since="2020-01-01")
        graph.relate(ana, "leads", acme, since="2020-01-01")

        tries = [
            (acme, "owns", ana, {}),
            (bolt, "owns", acme, {"since": "2021-01-01"}),
            (leo, "owns", bolt, {"share": "50%", "since": "2021-01-01"}),
            (acme, "owns", bolt, {"share": "10%", "since": "2022-01-01"}),
            (leo, "leads", acme, {"since": "2023-01-01"}),
            (bolt, "supplies", far, {}),
        ]
        for subject, predicate, target, values in tries:
            try:
                graph.relate(subject, predicate, target, **values)
            except relgraph.RuleError as error:
                print(f"{type(error).__name__}: {error.message}")
        print(f"{len(list(graph.relations()))} relations, as before")


if __name__ == "__main__":
    main()
