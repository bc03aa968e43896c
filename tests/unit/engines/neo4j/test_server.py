from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from tests.servers import neo4j as servers


def test_a_server_of_the_asked_version_answers_on_loopback(neo4j_server: servers.Server) -> None:
    with GraphDatabase.driver(neo4j_server.uri, auth=neo4j_server.auth) as driver:
        record = driver.execute_query("CALL dbms.components() YIELD versions RETURN versions[0]").records[0]
    assert neo4j_server.version in {record[0], "existing"}


def test_the_database_of_a_test_is_empty(neo4j_database: servers.Server) -> None:
    with (
        GraphDatabase.driver(neo4j_database.uri, auth=neo4j_database.auth) as driver,
        driver.session(database=neo4j_database.database) as session,
    ):
        session.run("CREATE CONSTRAINT one FOR (n:Thing) REQUIRE n.id IS UNIQUE").consume()
        session.run("CREATE (:Thing {id: 1})-[:NEAR]->(:Thing {id: 2})").consume()
        servers.erase(neo4j_database)
        assert not servers.holds_anything(neo4j_database)
        assert session.run("SHOW CONSTRAINTS YIELD name WHERE name = 'one'").values() == []


def test_a_server_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from tests.servers import neo4j as servers\n"
        "with servers.running(servers.LONG_TERM) as server:\n"
        "    pathlib.Path(sys.argv[1]).write_text(str(server.process.pid))\n"
        "    os._exit(0)\n"
    )
    written = tmp_path / "pid"
    subprocess.run([sys.executable, "-c", program, str(written)], check=True, timeout=300)
    status = Path(f"/proc/{written.read_text()}/stat")
    for _ in range(300):
        if not status.exists() or ") Z " in status.read_text():
            return
        subprocess.run(["sleep", "0.1"], check=True)
    pytest.fail("the server still runs")


@pytest.mark.skipif("existing" in servers.versions(), reason="none is started beside a given server")
def test_a_server_in_the_background_stops_when_it_is_asked_to() -> None:
    program = [sys.executable, "-m", "tests.servers.neo4j"]
    with subprocess.Popen(
        program,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509 - one thread
    ) as started:
        assert started.stdout is not None
        assert "answers" in started.stdout.readline()
        assert started.stdout.readline().startswith("export NEO4J_URI=bolt://127.0.0.1:")
        started.terminate()
        assert started.wait(60) == 0


def test_without_a_java_that_is_new_enough_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_found() -> dict[int, Path]:
        return {17: Path("/java17")}

    monkeypatch.setattr(servers, "javas", none_found)
    assert servers.java(17) == Path("/java17")
    with pytest.raises(servers.ServerError, match="Java 21 or later was not found"):
        servers.java(21)


def test_where_nothing_may_be_installed_the_error_says_how_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(servers.ServerError, match="sudo apt-get install maven"):
        servers.install("maven", "Maven")
