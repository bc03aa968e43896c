"""What the API answers is what its OpenAPI document says, for requests made from that document: good ones and bad."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import settings as trying
from relgraph_web import Accounts, Settings, create_app
from schemathesis.config import SchemathesisConfig

import relgraph
from tests.web.conftest import Place, make

EXAMPLES = 2000 if "RELGRAPH_FUZZ" in os.environ else 12
# what fits the document can be refused for what it means: a day that is none, a type that there is not, a rule
UNDERSTOOD = ["2xx", "304", "400", "403", "404", "409", "412", "422", "428", "501"]
# what does not fit is refused as that, or before anyone looks whether it fits: 413 where it is too large
REFUSED = ["4xx", "501"]
CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": UNDERSTOOD},
        "negative_data_rejection": {"expected-statuses": REFUSED},
    },
    "phases": {"stateful": {"enabled": False}},
}


@dataclass(frozen=True)
class Real:
    """Names and ids that are there, so that requests come further than to what is missing."""

    place: Place
    entities: list[str]
    relations: list[str]

    def put_in(self, case: schemathesis.Case[Any]) -> None:
        """Put some of them in the place of what was made up: which, follows from what was made up."""
        words = self.place.graph.vocabulary
        for values in (case.path_parameters, case.query, case.body):
            if not isinstance(values, dict):
                continue
            for name, value in list(values.items()):
                chosen = zlib.crc32(repr(value).encode())
                if chosen % 4 == 0:
                    continue
                match name:
                    case "entity_id" | "subject" | "object" | "other":
                        values[name] = self.entities[chosen % len(self.entities)]
                    case "relation_id":
                        values[name] = self.relations[chosen % len(self.relations)]
                    case "type":
                        values[name] = sorted(words.types)[chosen % len(words.types)]
                    case "predicate":
                        values[name] = sorted(words.readings)[chosen % len(words.readings)]
                    case "as_of" | "since" | "until" | "on":
                        values[name] = f"20{chosen % 30:02}-0{chosen % 9 + 1}-1{chosen % 10}"
                    case "known_at":
                        values[name] = "2100-01-01T00:00:00Z"
                    case "text":
                        values[name] = QUESTIONS[chosen % len(QUESTIONS)]
                    case "yaml":
                        values[name] = words.to_yaml()
                    case "transaction" | "after":
                        values[name] = str(chosen % 9)
                    case "fields":
                        values[name] = {"name": f"Made {chosen}", **(value if chosen % 3 else {})}
                    case "types":
                        values[name] = ["Company"]
                    case "tags" | "keys" | "attributes" | "parameters" | "id" | "cursor" if chosen % 3:
                        del values[name]


QUESTIONS = (
    "find Company",
    "find Company owned_by 1..3 anything as a show name, a order by name limit 5",
    "how many Person",
    'paths from "ACME" to "MySQL"',
    "find Company group by sector show sector, count() as n",
)


@pytest.fixture(scope="module")
def real(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    path = shutil.copy(loaded, tmp_path_factory.mktemp("described") / "market.db")
    with relgraph.open(path) as graph:
        yield Real(
            make(graph),
            [one.id for one in graph.entities("Company")][:20],
            [one.id for one in graph.relations("owns")][:20],
        )


@pytest.fixture(scope="module")
def token(real: Real) -> str:
    return real.place.accounts.give_secret(real.place.accounts.named("admin"), "token", hours=9)


class Served:
    """The application of the moment: the document, which is the same over any network, is read from an empty one."""

    def __init__(self) -> None:
        self.app: Any = None

    def __call__(self, environ: Any, start: Any) -> Any:
        return self.app(environ, start)


served = Served()


def described() -> Any:
    with relgraph.open() as graph:
        accounts = Accounts(":memory:")
        served.app = create_app(graph, accounts=accounts, settings=Settings())
        secret = accounts.give_secret(accounts.add("reader", "reader"), "token", hours=1)
        return schemathesis.openapi.from_wsgi(
            "/api/v1/openapi.json",
            served,
            config=SchemathesisConfig.from_dict(CONFIG),
            headers={"Authorization": f"Bearer {secret}"},
        )


document = described()


@document.parametrize()  # type: ignore[untyped-decorator]  # the library decorates without types
@trying(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="RELGRAPH_FUZZ" not in os.environ,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: schemathesis.Case[Any], real: Real, token: str) -> None:
    served.app = real.place.app
    headers = {"Authorization": f"Bearer {token}"}
    if case.meta is None or case.meta.generation.mode.is_positive:
        real.put_in(case)
    case.call_and_validate(headers=headers)
