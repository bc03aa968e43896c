"""A real Neo4j Community server for tests, benchmarks and developers.

>>> with running("5.26.30") as server:  # doctest: +SKIP
...     print(server.uri, server.auth)

The server listens on a free port of the loopback address, keeps everything in a temporary folder and stops with the
block. Its jars come from Maven once per version and stay in the user's cache folder. With ``NEO4J_URI`` set
(``NEO4J_USER``, ``NEO4J_PASSWORD``, ``NEO4J_DATABASE`` beside it) that server is used instead and none is started.

Run ``python -m tests.servers.neo4j [VERSION]`` to have one in the foreground until Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
LONG_TERM = "5.26.30"
CALENDAR = "2026.08.1"
STARTING = 180.0
"""Seconds a server may take to answer: seven on an idle machine, far more beside a full test run."""
STOPPING = 30.0
KEPT_PLANS = {"dbms.cypher.min_replan_interval": "10m"}
"""Tests empty and fill one database again and again, which would have the server plan anew, after ten seconds, what it
has planned for other counts. Benchmarks have what users have."""


class ServerError(Exception):
    """A test server that cannot be had on this machine, with what to do about it."""


@dataclass(slots=True)
class Server:
    """A server that answers; ``process`` is None where it was there before and is not ours to stop."""

    uri: str
    auth: tuple[str, str]
    version: str
    database: str = "neo4j"
    home: Path | None = None
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    warm: bool = False
    """Whether its code is compiled in full, for benchmarks: a start costs twice the processor time."""

    @property
    def ours(self) -> bool:
        """Whether the server was started here, so that tests may stop it and erase what it holds."""
        return self.home is not None

    def start(self) -> None:
        """Start the server over its home folder and wait until it answers."""
        if self.home is None:
            raise ServerError(f"the server at {self.uri} was not started here")
        # a server that was killed may leave its port unusable for a while, so the port is fixed but retried
        log = (self.home / "console.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [
                    str(java(needed_java(self.version))),
                    f"-Xmx{os.environ.get('NEO4J_HEAP', '600m')}",
                    "-XX:+UseSerialGC",
                    *([] if self.warm else ["-XX:TieredStopAtLevel=1"]),
                    "-cp",
                    f"{jars(self.version) / 'classes'}{os.pathsep}{jars(self.version)}/*",
                    "Neo4jServer",
                    str(self.home),
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C for the tests is not for the server: they stop it themselves
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTING
        while True:
            if self.process is None or self.process.poll() is not None:
                raise ServerError(f"Neo4j {self.version} ended while it started:\n{self.console()}")
            try:
                sign_in(self.uri, self.auth)
            except ConnectionError as error:
                if time.monotonic() > deadline:
                    raise ServerError(
                        f"Neo4j {self.version} did not answer within {STARTING:.0f} s: {error}"
                    ) from error
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        """Stop the server in an orderly way; one that does not come to an end is killed."""
        if self.process is None:
            return
        self._hang_up()
        try:
            self.process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self._hang_up()
            self.process = None

    def _hang_up(self) -> None:
        # the server ends with its input; a broken pipe says that it has ended already
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def pause(self) -> None:
        """Freeze the server: connections stay open and nothing answers."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def console(self) -> str:
        """Return the last lines of what the server printed."""
        if self.home is None:
            return ""
        text = (self.home / "console.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-20:])


def sign_in(uri: str, auth: tuple[str, str]) -> None:
    """Connect, giving a fresh server its password; ConnectionError while it does not answer yet."""
    from neo4j import GraphDatabase  # noqa: PLC0415 - the module's own name is the driver's
    from neo4j.exceptions import AuthError, DriverError, Neo4jError  # noqa: PLC0415

    try:
        with GraphDatabase.driver(uri, auth=auth) as driver:
            driver.verify_connectivity()
    except AuthError:
        with GraphDatabase.driver(uri, auth=("neo4j", "neo4j")) as driver:
            driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new", new=auth[1], database_="system"
            )
    except (DriverError, Neo4jError, OSError) as error:
        raise ConnectionError(str(error)) from error


def holds_anything(server: Server) -> bool:
    """Return whether the database of a server has a node."""
    from neo4j import GraphDatabase  # noqa: PLC0415

    with GraphDatabase.driver(server.uri, auth=server.auth) as driver:
        found = driver.execute_query("MATCH (n) RETURN n LIMIT 1", database_=server.database)
    return bool(found.records)


def erase(server: Server, *, indexes: bool = False) -> None:
    """Empty the database of a server; ``indexes`` takes off relgraph's own constraints and indexes too.

    Making them anew takes seconds, so tests leave them; those of anybody else always go.
    """
    from neo4j import GraphDatabase  # noqa: PLC0415

    with GraphDatabase.driver(server.uri, auth=server.auth) as driver, driver.session(database=server.database) as run:
        run.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 500 ROWS").consume()
        kept = "true" if indexes else "NOT name STARTS WITH 'relgraph_'"
        for name in run.run(f"SHOW CONSTRAINTS YIELD name WHERE {kept} RETURN name").value():
            run.run(f"DROP CONSTRAINT `{name}` IF EXISTS").consume()
        for name in run.run(f"SHOW INDEXES YIELD name, type WHERE {kept} AND type <> 'LOOKUP' RETURN name").value():
            run.run(f"DROP INDEX `{name}` IF EXISTS").consume()


def needed_java(version: str) -> int:
    """Return the oldest Java that a version of the server runs on."""
    return 21 if version.startswith("20") else 17


@cache
def javas() -> Mapping[int, Path]:
    """Return the Java development kits found on this machine, by their major version."""
    found: dict[int, Path] = {}
    places = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    if on_path:
        places.append(Path(on_path).resolve().parent.parent)
    for root in ("/usr/lib/jvm", "/opt/java", "/Library/Java/JavaVirtualMachines"):
        if Path(root).is_dir():
            places += sorted(Path(root).iterdir())
    for place in places:
        # the compiler is needed too, for the server's main class
        if not (place / "bin" / "java").is_file() or not (place / "bin" / "javac").is_file():
            continue
        said = subprocess.run([place / "bin" / "java", "-version"], capture_output=True, text=True, check=False).stderr
        match = re.search(r'"(\d+)', said)
        if match:
            found.setdefault(int(match[1]), place / "bin" / "java")
    return found


def java(least: int) -> Path:
    """Return the oldest Java found that is new enough; ServerError where there is none and none can be installed."""
    if least == 17 and not any(version >= least for version in javas()):
        install("default-jdk-headless", f"a Java development kit, {least} or later")
        javas.cache_clear()
    fitting = sorted(version for version in javas() if version >= least)
    if not fitting:
        raise ServerError(f"Java {least} or later was not found: install a JDK, or set JAVA_HOME to one")
    return javas()[fitting[0]]


def maven() -> str:
    """Return Maven's command; ServerError where there is none and none can be installed."""
    if shutil.which("mvn") is None:
        install("maven", "Maven, which fetches the server")
    found = shutil.which("mvn")
    if found is None:
        raise ServerError("Maven was not found: install it and have `mvn` on the PATH")
    return found


def install(package: str, what: str) -> None:
    """Install a Debian package where that is possible and allowed; ServerError with what to do where not."""
    manual = f"install it yourself (Debian and Ubuntu: sudo apt-get install {package}), or set NEO4J_URI to a server"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise ServerError(f"the test server needs {what}: {manual}")
    sys.stderr.write(f"installing {package}: the test server needs {what}\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", package],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerError(f"`{' '.join(command)}` failed ({done.stderr.strip()[-500:]}): {manual}")


def jars(version: str) -> Path:
    """Return the folder with the jars of a version, fetched by Maven the first time."""
    cached = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "relgraph" / "neo4j"
    folder = cached / version
    cached.mkdir(parents=True, exist_ok=True)
    with (cached / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            sys.stderr.write(f"fetching Neo4j {version} with Maven into {folder}, once\n")
            java(17)
            done = subprocess.run(
                [
                    maven(),
                    "-B",
                    "-q",
                    "-f",
                    str(HERE / "pom.xml"),
                    f"-Dneo4j.version={version}",
                    "dependency:copy-dependencies",
                    "-DincludeScope=runtime",
                    f"-DoutputDirectory={folder}",
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise ServerError(f"Maven could not fetch Neo4j {version}:\n{(done.stdout + done.stderr)[-2000:]}")
            (folder / "complete").touch()
        source, compiled = HERE / "Neo4jServer.java", folder / "classes" / "Neo4jServer.class"
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            compiler = java(needed_java(version)).with_name("javac")
            done = subprocess.run(
                [compiler, "-cp", f"{folder}/*", "-d", compiled.parent, source],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise ServerError(f"the test server's main class cannot be compiled:\n{done.stderr[-2000:]}")
    return folder


def versions() -> tuple[str, ...]:
    """Return the versions that tests run on here: the long-term one, and the calendar one where Java allows it.

    ``NEO4J_VERSIONS`` (separated by commas) chooses others; with ``NEO4J_URI`` there is one, called ``existing``.
    """
    if os.environ.get("NEO4J_URI"):
        return ("existing",)
    chosen = os.environ.get("NEO4J_VERSIONS")
    if chosen:
        return tuple(one.strip() for one in chosen.split(",") if one.strip())
    return (LONG_TERM, CALENDAR) if any(version >= 21 for version in javas()) else (LONG_TERM,)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    version: str = LONG_TERM, *, settings: Mapping[str, str] | None = None, warm: bool = False
) -> Iterator[Server]:
    """Have a server of a version answer for the length of a block; ``settings`` are added to its neo4j.conf.

    With ``warm`` its code is compiled in full, as benchmarks need it.
    """
    if version == "existing" or os.environ.get("NEO4J_URI"):
        yield existing()
        return
    with tempfile.TemporaryDirectory(prefix="relgraph-neo4j-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        server = Server(
            uri=f"bolt://127.0.0.1:{port}",
            auth=("neo4j", secrets.token_urlsafe(12)),
            version=version,
            home=Path(folder),
            port=port,
            settings=settings or {},
            warm=warm,
        )
        configure(server)
        server.start()
        try:
            yield server
        finally:
            # what it holds goes with its folder, so there is nothing to wait for
            server.kill()


def configure(server: Server) -> None:
    """Write the settings of a server into its home folder, to be read when it next starts."""
    if server.home is None:
        raise ServerError(f"the server at {server.uri} was not started here")
    address = f"127.0.0.1:{server.port}"
    chosen = {
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": address,
        "server.bolt.advertised_address": address,
        "dbms.security.auth_enabled": "true",
        # wrong passwords are tried on purpose
        "dbms.security.auth_lock_time": "0s",
        "server.memory.pagecache.size": "128m",
        "dbms.usage_report.enabled": "false",
        **({} if server.warm else KEPT_PLANS),
        **server.settings,
    }
    text = "".join(f"{key}={value}\n" for key, value in chosen.items())
    (server.home / "neo4j.conf").write_text(text)


def existing() -> Server:
    """Return the server that the environment names."""
    uri = os.environ.get("NEO4J_URI")
    if not uri:
        raise ServerError("NEO4J_URI names no server")
    auth = (os.environ.get("NEO4J_USER", "neo4j"), os.environ.get("NEO4J_PASSWORD", "neo4j"))
    try:
        sign_in(uri, auth)
    except ConnectionError as error:
        raise ServerError(f"the server that NEO4J_URI names does not answer: {error}") from error
    return Server(uri=uri, auth=auth, version="existing", database=os.environ.get("NEO4J_DATABASE", "neo4j"))


def main() -> int:
    """Run a server in the foreground until Ctrl-C or a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.neo4j", description=main.__doc__)
    parser.add_argument("version", nargs="?", default=LONG_TERM, help=f"{LONG_TERM} (default), {CALENDAR}, ...")
    version = parser.parse_args().version
    for one in (signal.SIGINT, signal.SIGTERM):
        # set for both: a shell starts what runs in the background with an interrupt that is ignored
        signal.signal(one, signal.default_int_handler)
    try:
        with running(version) as server:
            user, password = server.auth
            sys.stdout.write(f"Neo4j {server.version} answers\n")
            sys.stdout.write(f"export NEO4J_URI={server.uri} NEO4J_USER={user} NEO4J_PASSWORD={password}\n")
            sys.stdout.flush()
            if server.process is not None:
                server.process.wait()
    except KeyboardInterrupt:
        return 0
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
