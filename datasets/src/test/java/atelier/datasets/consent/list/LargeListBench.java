package atelier.datasets.consent.list;

import atelier.common.file.Sha256;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.key.KeyIndex;
import atelier.datasets.hash.Pdq;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures lists larger than memory, made of keys that nobody owns: {@code part=write|search|bloom|pdq list=FILE
 * entries=N block=N blocks=N}. The last line is JSON. scripts/bench/cluster --lists runs it.
 */
public final class LargeListBench {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private LargeListBench() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> options = new HashMap<>();
        for (String arg : args) {
            options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
        }
        long entries = Long.parseLong(options.getOrDefault("entries", "10000000"));
        int block = Integer.parseInt(options.getOrDefault("block", "250000"));
        int blocks = Integer.parseInt(options.getOrDefault("blocks", "4"));
        Path list = Path.of(options.getOrDefault("list", ""));
        String facts = switch (options.get("part")) {
            case "write" -> write(list, entries);
            case "search" -> search(list, entries, block, blocks, false);
            case "bloom" -> search(list, entries, block, blocks, true);
            case "pdq" -> pdq((int) entries, block);
            default -> throw new IllegalArgumentException("part is write, search, bloom or pdq");
        };
        System.out.println("{" + facts + ", \"peak_resident_mib\": " + status("VmHWM") + ", \"anonymous_mib\": "
                + status("RssAnon") + "}");
    }

    private static long status(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(-1);
    }

    /** Keys ascend in even steps with random rests, as sorted digests do. */
    private static long high(long entry, long entries) {
        long step = Long.divideUnsigned(-1L, entries);
        return entry * step + Math.floorMod(entry * 0x9E3779B97F4A7C15L, step);
    }

    private static long low(long entry) {
        long x = (entry + 1) * 0xBF58476D1CE4E5B9L;
        return (x ^ x >>> 31) * 0x94D049BB133111EBL;
    }

    private static String write(Path file, long entries) throws IOException {
        long start = System.nanoTime();
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(CompiledFormat.BEGIN));
            List<CompiledFormat.Section> sections = new ArrayList<>();
            SectionWriter urls = new SectionWriter(EntryKind.URL, channel);
            for (long entry = 0; entry < entries; entry++) {
                long high = high(entry, entries);
                ByteBuffer record = urls.opens(CompiledFormat.KEY_RECORD)
                        ? urls.keyed(CompiledFormat.KEY_RECORD, new Key128(high, low(entry)).toString())
                        : urls.record(CompiledFormat.KEY_RECORD);
                record.putLong(high).putLong(low(entry)).putLong(CompiledFormat.place(0, 0, entry + 1));
            }
            sections.add(urls.end());
            for (EntryKind kind : EntryKind.values()) {
                if (kind != EntryKind.URL) {
                    sections.add(new SectionWriter(kind, channel).end());
                }
            }
            byte[] json = CompiledFormat.JSON.writeValueAsBytes(
                    new CompiledFormat.Footer(1, List.of(new ListDigest("made", "", entries)), sections));
            ByteBuffer tail = ByteBuffer.allocate(json.length + CompiledFormat.TAIL);
            tail.put(json).putLong(json.length);
            tail.put(HexFormat.of().parseHex(Sha256.of(json)))
                    .put(CompiledFormat.END)
                    .flip();
            channel.write(tail);
        }
        return String.format(
                Locale.ROOT,
                "\"entries\": %d, \"bytes\": %d, \"seconds\": %.1f",
                entries,
                Files.size(file),
                (System.nanoTime() - start) / 1e9);
    }

    /** One key in a thousand is listed. */
    private static String search(Path file, long entries, int size, int blocks, boolean bloom) throws IOException {
        StringBuilder facts = new StringBuilder();
        try (CompiledOptOutList list = CompiledOptOutList.open(file)) {
            if (bloom) {
                long cpu = SYSTEM.getProcessCpuTime();
                Path made = list.makeFilter(null);
                facts.append(String.format(
                        Locale.ROOT,
                        "\"filter_bytes\": %d, \"filter_cpu_s\": %.1f, ",
                        Files.size(made),
                        (SYSTEM.getProcessCpuTime() - cpu) / 1e9));
                list.filterBy(made);
            }
            SplittableRandom random = new SplittableRandom(7);
            AtomicLong found = new AtomicLong();
            List<String> costs = new ArrayList<>();
            long planted = 0;
            for (int b = 0; b < blocks; b++) {
                KeyIndex.Builder keys = new KeyIndex.Builder(size);
                for (int i = 0; i < size; i++) {
                    long entry = random.nextLong(entries);
                    boolean listed = i % 1000 == 0;
                    planted += listed ? 1 : 0;
                    keys.add(
                            listed
                                    ? new Key128(high(entry, entries), low(entry))
                                    : new Key128(random.nextLong(), random.nextLong()),
                            i);
                }
                long cpu = SYSTEM.getProcessCpuTime();
                KeyIndex index = keys.build();
                list.search(EntryKind.URL, index, (key, flag, at, line) -> found.incrementAndGet());
                costs.add(String.format(Locale.ROOT, "%.2f", (SYSTEM.getProcessCpuTime() - cpu) / 1e3 / size));
            }
            facts.append(String.format(
                    Locale.ROOT,
                    "\"planted\": %d, \"found\": %d, \"us_a_row_by_block\": [%s]",
                    planted,
                    found.get(),
                    String.join(", ", costs)));
        }
        return facts.toString();
    }

    private static String pdq(int entries, int size) {
        SplittableRandom random = new SplittableRandom(3);
        List<List<Pdq>> own = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            own.add(List.of(digest(random)));
        }
        long cpu = SYSTEM.getProcessCpuTime();
        PdqIndex index = new PdqIndex(own);
        double built = (SYSTEM.getProcessCpuTime() - cpu) / 1e9;
        AtomicLong found = new AtomicLong();
        cpu = 0;
        PdqEntries block = new PdqEntries();
        for (int i = 0; i < entries; i++) {
            block.add(digest(random), -1, 0, i);
            if (block.full() || i == entries - 1) {
                long start = SYSTEM.getProcessCpuTime();
                index.find(block, Pdq.MATCH, (entry, owner, distance) -> found.incrementAndGet());
                cpu += SYSTEM.getProcessCpuTime() - start;
                block.clear();
            }
        }
        return String.format(
                Locale.ROOT,
                "\"block\": %d, \"entries\": %d, \"index_cpu_s\": %.2f, \"find_cpu_s\": %.2f,"
                        + " \"pairs_per_core_second\": %.2e, \"near\": %d",
                size,
                entries,
                built,
                cpu / 1e9,
                (double) size * entries / (cpu / 1e9),
                found.get());
    }

    private static Pdq digest(SplittableRandom random) {
        return new Pdq(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(), 100);
    }
}
