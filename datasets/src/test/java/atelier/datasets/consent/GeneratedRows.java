package atelier.datasets.consent;

import atelier.common.file.Sha256;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.licence.LicenceMode;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.datasets.consent.licence.TermPolicy;
import atelier.datasets.consent.list.OptOutCompiler;
import atelier.datasets.hash.Pdq;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Rows as a crawl writes them, a function of their number, with lists, grants and captured files that decide about some of
 * them: every kind of verdict occurs. Two in a hundred rows are of a kind; the others are clean, and nothing may object to
 * them.
 */
public final class GeneratedRows {
    /** The day by which grants are judged. */
    public static final LocalDate TODAY = LocalDate.of(2026, 6, 1);

    private static final int EVERY = 1000;
    private static final int HOSTS = 50_000;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final Path folder;
    private final long rows;

    /** What is planted in a row, and what must become of it. */
    public enum Kind {
        URL(Outcome.EXCLUDED, Rule.URL),
        SHA256(Outcome.EXCLUDED, Rule.SHA256),
        /** A host below a listed domain. */
        DOMAIN(Outcome.EXCLUDED, Rule.DOMAIN),
        CREATOR(Outcome.EXCLUDED, Rule.CREATOR),
        CAPTION(Outcome.EXCLUDED, Rule.CREATOR),
        /** A licence that licence.allow does not name. */
        LICENCE(Outcome.EXCLUDED, Rule.LICENCE),
        NOAI(Outcome.EXCLUDED, Rule.NOAI),
        TDMREP(Outcome.EXCLUDED, Rule.TDMREP),
        BROKEN_DIGEST(Outcome.FAILED, Rule.UNUSABLE),
        BROKEN_ADDRESS(Outcome.EXCLUDED, Rule.URL),
        /** A listed address for which there is a grant. */
        GRANT(Outcome.INCLUDED, Rule.GRANT),
        /** 31 bits from a listed digest. */
        PDQ_NEAR(Outcome.EXCLUDED, Rule.PDQ),
        /** 32 bits from a listed digest. */
        PDQ_FAR(Outcome.INCLUDED, Rule.LICENCE),
        NO_LICENCE(Outcome.INCLUDED, Rule.OPEN),
        /** A host below a domain that is listed without its subdomains. */
        SUBDOMAIN(Outcome.INCLUDED, Rule.LICENCE),
        AI_TXT(Outcome.EXCLUDED, Rule.AI_TXT),
        SEVERAL(Outcome.EXCLUDED, Rule.SHA256),
        LISTED_LICENCE(Outcome.EXCLUDED, Rule.LICENCE),
        /** A listed address on the page column. */
        PAGE(Outcome.EXCLUDED, Rule.URL),
        CLEAN(Outcome.INCLUDED, Rule.LICENCE);

        private final Outcome outcome;
        private final Rule rule;

        Kind(Outcome outcome, Rule rule) {
            this.outcome = outcome;
            this.rule = rule;
        }

        public Outcome outcome() {
            return outcome;
        }

        public Rule rule() {
            return rule;
        }
    }

    /** @param folder holds the files, or will */
    public GeneratedRows(Path folder, long rows) {
        this.folder = folder;
        this.rows = rows;
    }

    /** The kind of a row, counted from 0. */
    public static Kind kind(long row) {
        int of = (int) (row % EVERY) - 7;
        Kind[] kinds = Kind.values();
        return of >= 0 && of < kinds.length - 1 ? kinds[of] : Kind.CLEAN;
    }

    /** The table. */
    public Path table() {
        return folder.resolve("rows.parquet");
    }

    /** The compiled list. */
    public Path list() {
        return folder.resolve("rows.optout");
    }

    /** Judged by the list, the grants and the captured files, all in the folder. */
    public ConsentSettings settings() {
        return settings(true);
    }

    ConsentSettings settings(boolean perceptual) {
        OptOutSettings optout = new OptOutSettings(
                List.of(list()), List.of(folder.resolve("sites")), List.of(), false, perceptual, Pdq.MATCH, true);
        return new ConsentSettings(
                optout,
                new LicenceSettings(
                        LicenceMode.OPEN,
                        List.of("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0"),
                        TermPolicy.EXCLUDE,
                        TermPolicy.EXCLUDE,
                        List.of(folder.resolve("grants.jsonl"))));
    }

    private static long mixed(long row) {
        long x = (row + 1) * MIX;
        return (x ^ x >>> 29) * 0xBF58476D1CE4E5B9L;
    }

    private static String url(long row) {
        long x = mixed(row);
        return "https://img" + (x & 15) + ".host" + Math.floorMod(x >>> 8, HOSTS) + ".example.com/works/"
                + Long.toHexString(x) + "/picture-" + row + ".jpg";
    }

    private static String source(long row) {
        return switch (kind(row)) {
            case DOMAIN -> "https://cdn.a" + row + ".shielded.org/x.png";
            case BROKEN_ADDRESS -> "https:// /" + row;
            case SUBDOMAIN -> "https://sub.single" + row + ".org/x.png";
            case AI_TXT -> "https://site.example.net/" + row + ".png";
            default -> url(row);
        };
    }

    private static String digest(long row) {
        return Sha256.of(Long.toString(row).getBytes(StandardCharsets.US_ASCII));
    }

    private static Pdq pdq(long row) {
        Random random = new Random(row);
        return new Pdq(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(), 100);
    }

    private static Pdq changed(Pdq digest, long row, int bits) {
        Random random = new Random(~row);
        long[] words = digest.words();
        java.util.BitSet set = new java.util.BitSet(Pdq.BITS);
        while (set.cardinality() < bits) {
            int bit = random.nextInt(Pdq.BITS);
            if (!set.get(bit)) {
                set.set(bit);
                words[bit / 64] ^= 1L << (bit % 64);
            }
        }
        return Pdq.of(words, 100);
    }

    private static String creator(long row) {
        return switch (kind(row)) {
            case CREATOR -> "Painter" + row + ", Ms";
            default -> "Artist " + Math.floorMod(mixed(row), 20_000) + " Smith";
        };
    }

    private static String caption(long row) {
        return switch (kind(row)) {
            case CAPTION -> "a landscape in the manner of Maler" + row + " Berg, oil on canvas";
            default ->
                "A photograph of thing number " + row + " in front of a red brick house, " + (row % 97) + " mm lens";
        };
    }

    private static @Nullable String licence(long row) {
        return switch (kind(row)) {
            case LICENCE -> "CC-BY-NC-4.0";
            case LISTED_LICENCE -> "CC-BY-SA-4.0";
            case NO_LICENCE -> null;
            default -> "CC-BY-4.0";
        };
    }

    /** Writes the table. */
    public void writeTable() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement run = connection.createStatement()) {
            run.execute("SET memory_limit='1GB'");
            run.execute("SET threads=1");
            run.execute("CREATE TABLE r (url VARCHAR, sha256 VARCHAR, pdq VARCHAR, caption VARCHAR, creator VARCHAR,"
                    + " licence VARCHAR, x_robots_tag VARCHAR, tdm_reservation VARCHAR, page VARCHAR, width INTEGER)");
            try (DuckDBAppender appender =
                    connection.unwrap(DuckDBConnection.class).createAppender("r")) {
                for (long row = 0; row < rows; row++) {
                    append(appender, row);
                }
            }
            run.execute("COPY r TO '" + table() + "' (FORMAT PARQUET)");
        }
    }

    private static void append(DuckDBAppender to, long row) throws SQLException {
        Kind kind = kind(row);
        to.beginRow();
        to.append(source(row));
        to.append(kind == Kind.BROKEN_DIGEST ? "none" : digest(row));
        to.append(
                kind == Kind.PDQ_NEAR || kind == Kind.PDQ_FAR
                        ? changed(pdq(row), row, kind == Kind.PDQ_NEAR ? 31 : 32)
                                .hex()
                        : pdq(row).hex());
        to.append(caption(row));
        to.append(creator(row));
        to.append(licence(row));
        to.append(kind == Kind.NOAI ? "noai" : (String) null);
        to.append(kind == Kind.TDMREP ? "1" : (String) null);
        to.append(kind == Kind.PAGE ? "https://gallery.example.org/page/" + row : (String) null);
        to.append(640);
        to.endRow();
    }

    /**
     * Writes and compiles the list: what is planted, and further entries that no row matches.
     *
     * @param others addresses, and as many digests of files
     * @param others perceptual digests, a tenth of it, and names, a hundredth
     */
    public void writeLists(long others) throws IOException {
        Files.createDirectories(folder.resolve("sites/site.example.net"));
        Files.writeString(folder.resolve("sites/site.example.net/ai.txt"), "User-Agent: *\nDisallow: *.png\n");
        Path plain = folder.resolve("rows.jsonl");
        try (BufferedWriter list = Files.newBufferedWriter(plain);
                BufferedWriter grants = Files.newBufferedWriter(folder.resolve("grants.jsonl"))) {
            entry(list, "licence", "CC-BY-SA-4.0", "");
            for (long row = 0; row < rows; row++) {
                planted(list, grants, row);
            }
            for (long i = 0; i < others; i++) {
                entry(list, "url", "https://other" + i % 9973 + ".example.com/" + Long.toHexString(mixed(~i)), "");
                entry(list, "sha256", digest(~i), "");
                if (i % 10 == 0) {
                    entry(list, "pdq", pdq(~i).hex(), "");
                }
                if (i % 100 == 0) {
                    entry(list, "creator", "Nobody" + Long.toHexString(mixed(~i)) + " Known", "");
                    entry(list, "domain", "elsewhere" + i + ".org", "");
                }
            }
        }
        new OptOutCompiler().compile(List.of(plain), list());
    }

    private static void planted(BufferedWriter list, BufferedWriter grants, long row) throws IOException {
        switch (kind(row)) {
            case URL -> entry(list, "url", url(row), "");
            case SHA256 -> entry(list, "sha256", digest(row), "");
            case DOMAIN -> entry(list, "domain", "a" + row + ".shielded.org", "");
            case CREATOR -> entry(list, "creator", "ms painter" + row, "");
            case CAPTION -> entry(list, "creator", "MALER" + row + "  Berg", "");
            case PDQ_NEAR, PDQ_FAR -> entry(list, "pdq", pdq(row).hex(), "");
            case SUBDOMAIN -> entry(list, "domain", "single" + row + ".org", ",\"subdomains\":false");
            case SEVERAL -> {
                entry(list, "url", url(row), "");
                entry(list, "sha256", digest(row), "");
            }
            case PAGE -> entry(list, "url", "https://gallery.example.org/page/" + row, "");
            case GRANT -> {
                entry(list, "url", url(row), "");
                grants.write(
                        "{\"id\":\"G-" + row + "\",\"kind\":\"url\",\"value\":\"" + url(row)
                                + "\",\"licence\":\"LicenseRef-G\",\"grantor\":\"A\",\"date\":\"2026-01-01\",\"evidence\":\"c.pdf\"}\n");
            }
            case LICENCE, NOAI, TDMREP, BROKEN_DIGEST, BROKEN_ADDRESS, NO_LICENCE, AI_TXT, LISTED_LICENCE, CLEAN -> {}
        }
    }

    private static void entry(BufferedWriter list, String kind, String value, String more) throws IOException {
        list.write("{\"kind\":\"" + kind + "\",\"value\":\"" + value + "\"" + more + "}\n");
    }
}
