package atelier.datasets.consent;

import atelier.common.error.RefusedException;
import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.list.OptOutCompiler;
import atelier.datasets.consent.list.PdqIndex;
import atelier.datasets.hash.Pdq;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Measures consent at the size of registries: {@code part=exact|addresses|pdq|broken entries=N images=N folder=SCRATCH
 * list=FILE}. The last line is JSON. scripts/bench/consent runs it.
 */
public final class ConsentBench {
    private ConsentBench() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> options = new java.util.HashMap<>();
        for (String arg : args) {
            options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
        }
        long entries = Long.parseLong(options.getOrDefault("entries", "100000"));
        int images = Integer.parseInt(options.getOrDefault("images", "10000"));
        Path folder = Path.of(options.get("folder"));
        String facts = switch (options.get("part")) {
            case "write" -> write(entries, folder.resolve("addresses.jsonl"));
            case "compile" -> compile(folder);
            case "exact" -> exact((int) entries, folder);
            case "addresses" -> addresses(entries, images, folder.resolve("addresses.optout"));
            case "pdq-write" -> writePdq(entries, folder);
            case "pdq" -> pdq(entries, images, folder.resolve("pdq.optout"));
            case "broken" -> broken(entries, folder.resolve("broken.jsonl"));
            default ->
                throw new IllegalArgumentException(
                        "part is write, compile, exact, addresses, pdq-write, pdq or" + " broken");
        };
        System.out.println("{" + facts + ", \"peak_resident_mib\": " + peak() + "}");
    }

    private static String seconds(String name, long since) {
        return String.format(java.util.Locale.ROOT, "\"%s\": %.2f", name, (System.nanoTime() - since) / 1e9);
    }

    /** The largest resident size of this process so far, mapped files included. */
    private static long peak() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(-1);
    }

    private static String address(long i) {
        return "https://img" + i % 997 + ".example.com/works/" + Long.toHexString(i * 0x9E3779B97F4A7C15L) + ".png";
    }

    private static String write(long entries, Path list) throws IOException {
        long start = System.nanoTime();
        try (BufferedWriter out = Files.newBufferedWriter(list)) {
            for (long i = 0; i < entries; i++) {
                out.write("{\"kind\":\"url\",\"value\":\"" + address(i) + "\"}\n");
            }
        }
        return "\"entries\": " + entries + ", \"list_bytes\": " + Files.size(list) + ", " + seconds("seconds", start);
    }

    private static String compile(Path folder) throws IOException {
        long start = System.nanoTime();
        Path out = folder.resolve("addresses.optout");
        new OptOutCompiler().compile(List.of(folder.resolve("addresses.jsonl")), out);
        return "\"bytes\": " + Files.size(out) + ", " + seconds("seconds", start);
    }

    /** Pictures without files: what the lists are matched against. */
    private static List<Subject> subjects(int count, java.util.function.IntFunction<String> sources) {
        SourceFile row = new SourceFile(0, "captions.csv", "");
        List<Subject> subjects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path image = Path.of(i + ".png");
            String source = sources.apply(i);
            Pair pair = new Pair(
                    image,
                    List.of("a picture of thing number " + i + " in front of a house"),
                    "Person " + i,
                    "CC-BY-4.0",
                    source,
                    1,
                    1,
                    Map.of(),
                    new Origin(Path.of("captions.csv"), i + 2),
                    ImageBytes.of(image));
            subjects.add(new Subject(
                    pair,
                    digest(i),
                    List.of(WebAddress.parse(source)),
                    List.of(new Said("the row", "Person " + i)),
                    List.of(new Said("the row", "CC-BY-4.0")),
                    row));
        }
        return subjects;
    }

    private static String digest(int i) {
        return atelier.common.file.Sha256.of(("image " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static ListMatcher matcher(List<Subject> subjects, PdqIndex index) {
        return new ListMatcher(
                new TrainingKeys(subjects, true, List.of()), subjects, index == null ? null : () -> index, Pdq.MATCH);
    }

    private static long objecting(List<Subject> subjects, int from, int to, Rule rule) {
        return subjects.subList(from, to).stream()
                .filter(s -> s.objection() != null && s.objection().rule() == rule)
                .count();
    }

    /** A quarter of the entries each of sha256, url, domain and creator, all planted, beside as many clean pictures. */
    private static String exact(int planted, Path folder) throws IOException {
        Path list = folder.resolve("exact.jsonl");
        try (BufferedWriter out = Files.newBufferedWriter(list)) {
            for (int i = 0; i < planted; i++) {
                String[] entry = switch (i % 4) {
                    case 0 -> new String[] {"sha256", digest(i)};
                    case 1 -> new String[] {"url", "http://www.host" + i + ".example:80/a/../a/" + i + ".png#x"};
                    case 2 -> new String[] {"domain", "HOST" + i + ".example"};
                    default -> new String[] {"creator", "PERSON  " + i};
                };
                out.write("{\"kind\":\"" + entry[0] + "\",\"value\":\"" + entry[1] + "\"}\n");
            }
        }
        Path compiled = folder.resolve("exact.optout");
        new OptOutCompiler().compile(List.of(list), compiled);
        StringBuilder facts = new StringBuilder("\"planted\": " + planted);
        for (Path way : List.of(list, compiled)) {
            // Made anew for each way, and let go before the next: they are most of the memory.
            List<Subject> fresh = subjects(2 * planted, i -> "https://host" + i + ".example/a/" + i + ".png");
            long start = System.nanoTime();
            matcher(fresh, null).match(way);
            String name = way == list ? "streamed" : "compiled";
            long found = fresh.subList(0, planted).stream()
                    .filter(s -> s.objection() != null)
                    .count();
            long falsely = fresh.subList(planted, 2 * planted).stream()
                    .filter(s -> s.objection() != null)
                    .count();
            facts.append(", \"found_").append(name).append("\": ").append(found);
            facts.append(", \"false_").append(name).append("\": ").append(falsely);
            facts.append(", ").append(seconds("seconds_" + name, start));
        }
        return facts.toString();
    }

    /** Half of the pictures are listed. */
    private static String addresses(long entries, int images, Path compiled) {
        List<Subject> subjects = subjects(
                images, i -> i % 2 == 0 ? address(i * (entries / images)) : "https://clean.example/" + i + ".png");
        long start = System.nanoTime();
        matcher(subjects, null).match(compiled);
        String took = seconds("check_seconds", start);
        return "\"images\": " + images + ", \"found\": " + objecting(subjects, 0, images, Rule.URL) + ", " + took;
    }

    private static Pdq random(Random random) {
        return new Pdq(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(), 100);
    }

    private static String writePdq(long entries, Path folder) throws IOException {
        Path list = folder.resolve("pdq.jsonl");
        Random random = new Random(1);
        try (BufferedWriter out = Files.newBufferedWriter(list)) {
            for (long i = 0; i < entries; i++) {
                out.write("{\"kind\":\"pdq\",\"value\":\"" + random(random).hex() + "\"}\n");
            }
        }
        long start = System.nanoTime();
        new OptOutCompiler().compile(List.of(list), folder.resolve("pdq.optout"));
        return seconds("compile_seconds", start);
    }

    /** A hundred pictures are planted, each with 31 bits changed; digests of pictures are as random ones here. */
    private static String pdq(long entries, int images, Path compiled) {
        Random listed = new Random(1);
        Random own = new Random(2);
        List<List<Pdq>> digests = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            List<Pdq> eight = new ArrayList<>();
            for (int k = 0; k < Pdq.DIHEDRAL; k++) {
                eight.add(i < 100 && k == i % 8 ? changed(random(listed), own) : random(own));
            }
            digests.add(eight);
        }
        List<Subject> subjects = subjects(images, i -> "https://clean.example/" + i + ".png");
        long start = System.nanoTime();
        PdqIndex index = new PdqIndex(digests);
        String built = seconds("index_seconds", start);
        digests.clear();
        start = System.nanoTime();
        matcher(subjects, index).match(compiled);
        String took = seconds("check_seconds", start);
        return "\"entries\": " + entries + ", \"images\": " + images + ", \"found\": "
                + objecting(subjects, 0, Math.min(100, images), Rule.PDQ) + ", \"false\": "
                + objecting(subjects, Math.min(100, images), images, Rule.PDQ) + ", " + built + ", " + took;
    }

    private static Pdq changed(Pdq digest, Random random) {
        java.util.Set<Integer> bits = new java.util.TreeSet<>();
        while (bits.size() < Pdq.MATCH) {
            bits.add(random.nextInt(Pdq.BITS));
        }
        long[] words = digest.words();
        bits.forEach(bit -> words[bit / 64] ^= 1L << (bit % 64));
        return Pdq.of(words, 100);
    }

    /** A list with one broken line in its middle; written first if it is not there. */
    private static String broken(long entries, Path list) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(list)) {
            for (long i = 0; i < entries; i++) {
                out.write(
                        i == entries / 2
                                ? "{\"kind\":\"url\",\"value\":\n"
                                : "{\"kind\":\"url\",\"value\":\"" + address(i) + "\",\"source\":\"a registry\"}\n");
            }
        }
        List<Subject> subjects = subjects(1000, i -> "https://clean.example/" + i + ".png");
        long start = System.nanoTime();
        try {
            matcher(subjects, null).match(list);
        } catch (RefusedException e) {
            boolean named = String.valueOf(e.getMessage()).contains("line " + (entries / 2 + 1) + ":");
            return "\"list_bytes\": " + Files.size(list) + ", \"broken_line\": " + (entries / 2 + 1) + ", \"named\": "
                    + named + ", " + seconds("seconds", start);
        }
        return "\"named\": false";
    }
}
