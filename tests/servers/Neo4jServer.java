import java.nio.file.Path;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/**
 * One Neo4j Community server for tests: {@code Neo4jServer HOME}.
 *
 * <p>All settings come from {@code HOME/neo4j.conf}. The server runs until its standard input ends, so that it never
 * outlives the program that started it, or until it is asked to stop by a signal.
 */
public final class Neo4jServer {
    private Neo4jServer() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        var service = new DatabaseManagementServiceBuilder(home)
                .loadPropertiesFromFile(home.resolve("neo4j.conf"))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        System.out.println("started");
        while (System.in.read() >= 0) {
            // whatever is said is ignored; only the end of input matters
        }
        System.exit(0);
    }
}
