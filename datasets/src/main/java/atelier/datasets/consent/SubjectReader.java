package atelier.datasets.consent;

import atelier.datasets.Pair;
import atelier.datasets.consent.embedded.EmbeddedSignals;
import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.keys.WebAddress;
import atelier.datasets.consent.web.Captured;
import atelier.datasets.consent.web.Signal;
import atelier.datasets.hash.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Reads each picture once: its digest, and what the file and the row's further columns say about consent. The columns
 * {@code page} and {@code page_url} count as addresses besides the source.
 */
final class SubjectReader {
    private static final int IMAGE_ORDER = 1 << 29;
    private static final int ROW_ORDER = 1 << 28;
    private static final long MAX_DIGESTED_TABLE = 1L << 30;

    private final boolean strict;
    private final Map<Path, SourceFile> tables = new ConcurrentHashMap<>();

    SubjectReader(boolean strict) {
        this.strict = strict;
    }

    List<Subject> read(List<Pair> pairs) {
        return IntStream.range(0, pairs.size())
                .parallel()
                .mapToObj(i -> read(i, pairs.get(i)))
                .toList();
    }

    private Subject read(int index, Pair pair) {
        SourceFile row = tables.computeIfAbsent(pair.origin().file(), SubjectReader::table);
        byte[] bytes;
        try {
            bytes = pair.content().read();
        } catch (IOException e) {
            Subject subject = new Subject(index, pair, "", List.of(), said(pair.creator()), said(pair.licence()), row);
            subject.fail("the image cannot be read: " + e.getMessage());
            return subject;
        }
        String sha256 = Sha256.of(bytes);
        EmbeddedSignals embedded = EmbeddedSignals.of(bytes);
        List<Said> creators = new ArrayList<>(said(pair.creator()));
        creators.addAll(embedded.creators());
        List<Said> licences = new ArrayList<>(said(pair.licence()));
        licences.addAll(embedded.licences());
        List<String> unread = new ArrayList<>();
        Subject subject = new Subject(index, pair, sha256, addresses(pair, unread), creators, licences, row);
        if (!EmbeddedSignals.isImage(bytes)) {
            subject.fail("the file is no image of a known format (JPEG, PNG, WebP, TIFF, GIF, BMP)");
        }
        SourceFile image = new SourceFile(IMAGE_ORDER, pair.image().toString(), sha256);
        for (EmbeddedSignals.Objection objection : embedded.objections()) {
            subject.object(new Objection(rule(objection.protocol()), objection.reason(), image, 0));
        }
        for (String reason : unread) {
            subject.object(new Objection(Rule.URL, reason, row, pair.origin().line()));
        }
        columns(subject, row);
        return subject;
    }

    /** A source that claims to be an address but cannot be read cannot be looked up either: that objects. */
    private static List<WebAddress> addresses(Pair pair, List<String> unread) {
        List<String> texts = new ArrayList<>();
        if (pair.source() != null) {
            texts.add(pair.source());
        }
        pair.extra().forEach((name, value) -> {
            if (name.equalsIgnoreCase("page") || name.equalsIgnoreCase("page_url")) {
                texts.add(value);
            }
        });
        List<WebAddress> addresses = new ArrayList<>();
        for (String text : texts) {
            if (!WebAddress.claimed(text)) {
                continue;
            }
            try {
                addresses.add(WebAddress.parse(text));
            } catch (IllegalArgumentException e) {
                unread.add("its source cannot be looked up: " + e.getMessage());
            }
        }
        return addresses;
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
        } catch (IllegalArgumentException e) {
            subject.object(new Objection(Rule.NOAI, String.valueOf(e.getMessage()), row, line));
        }
    }

    private static List<Said> said(@org.jspecify.annotations.Nullable String column) {
        return column == null || column.isBlank() ? List.of() : List.of(new Said("the row", column.strip()));
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
