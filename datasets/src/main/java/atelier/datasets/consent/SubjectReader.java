package atelier.datasets.consent;

import atelier.common.error.MalformedException;
import atelier.common.file.Sha256;
import atelier.common.work.InternedValues;
import atelier.datasets.consent.embedded.EmbeddedSignals;
import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.web.Captured;
import atelier.datasets.consent.web.Signal;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads each picture once: its digest, and what the file and the row's further columns say about consent. The columns
 * {@code page} and {@code page_url} count as addresses besides the source.
 */
final class SubjectReader {
    private static final int IMAGE_ORDER = 1 << 29;
    private static final int ROW_ORDER = 1 << 28;
    private static final long MAX_DIGESTED_TABLE = 1L << 30;
    private static final Place NOWHERE = new Place(List.of(), List.of());

    private final boolean strict;
    private final Map<Path, SourceFile> tables = new ConcurrentHashMap<>();
    /** Several rows may give captions of one picture. */
    private final Map<ImageBytes, FileStatements> files = new ConcurrentHashMap<>();

    private final InternedValues<String, List<Said>> said =
            new InternedValues<>(text -> List.of(new Said("the row", text)));
    private final InternedValues<String, Place> places = new InternedValues<>(SubjectReader::place);

    /** What a text says of where a picture came from: an address, why it cannot be read, or neither. */
    private record Place(List<WebAddress> addresses, List<String> unread) {}

    SubjectReader(boolean strict) {
        this.strict = strict;
    }

    List<Subject> read(List<Pair> pairs) {
        return pairs.parallelStream().map(this::read).toList();
    }

    private Subject read(Pair pair) {
        SourceFile row = tables.computeIfAbsent(pair.origin().file(), SubjectReader::table);
        FileStatements file = files.computeIfAbsent(pair.content(), FileStatements::read);
        EmbeddedSignals embedded = file.signals();
        Place place = file.isRead() ? place(pair) : NOWHERE;
        Subject subject = new Subject(
                pair,
                file.sha256(),
                place.addresses(),
                joined(said(pair.creator()), embedded.creators()),
                joined(said(pair.licence()), embedded.licences()),
                row);
        if (file.failure() != null) {
            subject.fail(file.failure());
        }
        if (!embedded.objections().isEmpty()) {
            SourceFile image = new SourceFile(IMAGE_ORDER, pair.image().toString(), file.sha256());
            for (EmbeddedSignals.Objection objection : embedded.objections()) {
                subject.object(new Objection(rule(objection.protocol()), objection.reason(), image, 0));
            }
        }
        for (String reason : place.unread()) {
            subject.object(new Objection(Rule.URL, reason, row, pair.origin().line()));
        }
        if (file.isRead() && !pair.extra().isEmpty()) {
            columns(subject, row);
        }
        return subject;
    }

    /** A picture whose file is not here: what its row says is all that is known. */
    Subject described(Pair pair, String sha256, SourceFile row) {
        Place place = place(pair);
        Subject subject = new Subject(pair, sha256, place.addresses(), said(pair.creator()), said(pair.licence()), row);
        for (String reason : place.unread()) {
            subject.object(new Objection(Rule.URL, reason, row, pair.origin().line()));
        }
        if (!pair.extra().isEmpty()) {
            columns(subject, row);
        }
        return subject;
    }

    /** A source that claims to be an address but cannot be read cannot be looked up either: that objects. */
    private Place place(Pair pair) {
        Place place = pair.source() == null ? NOWHERE : places.of(pair.source());
        for (Map.Entry<String, String> column : pair.extra().entrySet()) {
            String name = column.getKey();
            if (name.equalsIgnoreCase("page") || name.equalsIgnoreCase("page_url")) {
                Place page = places.of(column.getValue());
                place = new Place(joined(place.addresses(), page.addresses()), joined(place.unread(), page.unread()));
            }
        }
        return place;
    }

    private static Place place(String text) {
        if (!WebAddress.claimed(text)) {
            return NOWHERE;
        }
        try {
            return new Place(List.of(WebAddress.parse(text)), List.of());
        } catch (MalformedException e) {
            return new Place(List.of(), List.of("its source cannot be looked up: " + e.getMessage()));
        }
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        if (first.isEmpty() || second.isEmpty()) {
            return first.isEmpty() ? second : first;
        }
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }

    private void columns(Subject subject, SourceFile row) {
        Pair pair = subject.pair();
        long line = pair.origin().line();
        try {
            Captured captured = Captured.ofColumns(pair.extra());
            if (captured != null) {
                WebAddress address = subject.addresses().isEmpty()
                        ? null
                        : subject.addresses().get(0);
                for (Signal signal : captured.signals(address, strict, false)) {
                    subject.object(
                            new Objection(rule(signal.protocol()), "the row says " + signal.reason(), row, line));
                }
            }
        } catch (MalformedException e) {
            subject.object(new Objection(Rule.NOAI, String.valueOf(e.getMessage()), row, line));
        }
    }

    private List<Said> said(@Nullable String column) {
        return column == null || column.isBlank() ? List.of() : said.of(column.strip());
    }

    private static SourceFile table(Path file) {
        String sha256 = "";
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= MAX_DIGESTED_TABLE) {
                sha256 = Sha256.of(file);
            }
        } catch (IOException e) {
            sha256 = ""; // the table was read a moment ago; without it the verdict still names file and line
        }
        return row(file, sha256);
    }

    /** A table of pairs, whose digest is known. */
    static SourceFile row(Path file, String sha256) {
        return new SourceFile(ROW_ORDER, file.toString(), sha256);
    }

    private static Rule rule(EmbeddedSignals.Protocol protocol) {
        return switch (protocol) {
            case DATA_MINING -> Rule.DATA_MINING;
            case C2PA -> Rule.C2PA;
            case FILE -> Rule.METADATA;
        };
    }

    static Rule rule(Signal.Protocol protocol) {
        return switch (protocol) {
            case NOAI -> Rule.NOAI;
            case TDMREP -> Rule.TDMREP;
            case AIPREF -> Rule.AIPREF;
            case CONTENT_SIGNAL -> Rule.CONTENT_SIGNAL;
            case AI_TXT -> Rule.AI_TXT;
            case RSL -> Rule.RSL;
            case ROBOTS -> Rule.ROBOTS;
        };
    }
}
