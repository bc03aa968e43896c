"""Questions that read like sentences, over the example market."""

from pathlib import Path

import relgraph

MARKET = Path(__file__).parent / "crm-market"
ME, US = ("invented", "claire-fontaine"), [("invented", "nordlicht")]


def main() -> None:
    """Ask as text, with parameters, and see what a slip says."""
    with relgraph.open(vocabulary=MARKET / "vocabulary.yaml", me=ME, us=US) as graph:
        for mapping in ("survey.yaml", "invented.yaml"):
            graph.load(MARKET / mapping)
        market = graph.as_of("2011-12-31")

        print("suppliers:", *market.query('find Company that supplies "ACME"').scalars(), sep="\n  ")
        holders = market.prepare("find anything owns[share > $least]+ $company show name")
        for least in ("20%", "50%"):
            print(f"over {least}:", ", ".join(holders(least=least, company="ACME").scalars()))
        for row in market.query(
            "find Company customer_of[ever] as deal us group by deal.since.year "
            "show deal.since.year as year, count() as customers order by year"
        ):
            print(row.year, row.customers)
        path = market.query(
            'find shortest path from me to (Person employed_by "ACME") via knows|worked_with{1..4}'
        ).one()
        print("introduction:", path)
        try:
            market.query('find Compny that suplies "ACME"')
        except relgraph.QueryError as error:
            print(error)


if __name__ == "__main__":
    main()
