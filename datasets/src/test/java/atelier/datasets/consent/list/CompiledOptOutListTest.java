package atelier.datasets.consent.list;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.common.file.Sha256;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.key.KeyIndex;
import atelier.datasets.hash.Pdq;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompiledOptOutListTest {
    @TempDir
    Path folder;

    private Path addresses(String name, int from, int to) throws IOException {
        return Files.write(
                folder.resolve(name),
                IntStream.range(from, to)
                        .mapToObj(i -> "{\"kind\":\"url\",\"value\":\"https://example.com/" + i + ".png\"}")
                        .toList());
    }

    private static Map<Integer, String> found(CompiledOptOutList list, EntryKind kind, Key128[] keys) {
        Map<Integer, String> found = new ConcurrentHashMap<>();
        KeyIndex.Builder index = new KeyIndex.Builder(keys.length);
        for (int i = 0; i < keys.length; i++) {
            index.add(keys[i], i);
        }
        list.search(kind, index.build(), (key, flag, source, line) -> found.put(key, source + ":" + line + ":" + flag));
        return found;
    }

    private static Key128[] keys(Stream<String> texts) {
        return texts.map(Key128::of).sorted().toArray(Key128[]::new);
    }

    @Test
    void everyListedKeyIsFoundWithItsLineAndNoOther() throws IOException {
        Path a = addresses("a.jsonl", 0, 6_000);
        Path b = addresses("b.jsonl", 5_000, 12_000);
        Path out = folder.resolve("lists.optout");

        // 200 records in memory at once: about a fifth of the 64 parts hold more, and are dealt again.
        List<ListDigest> sources = new OptOutCompiler(200).compile(List.of(a, b), out);

        assertThat(sources).extracting(ListDigest::sha256).containsExactly(Sha256.of(a), Sha256.of(b));
        try (CompiledOptOutList list = CompiledOptOutList.open(out)) {
            assertThat(list.count(EntryKind.URL)).isEqualTo(12_000);
            Key128[] planted = keys(IntStream.range(0, 12_000).mapToObj(i -> "example.com/" + i + ".png"));
            assertThat(found(list, EntryKind.URL, planted)).hasSize(12_000);
            Key128[] clean = keys(IntStream.range(0, 12_000).mapToObj(i -> "example.com/" + i + ".jpg"));
            assertThat(found(list, EntryKind.URL, clean)).isEmpty();
            assertThat(found(list, EntryKind.URL, keys(Stream.of("example.com/5500.png"))))
                    .containsEntry(0, "0:5501:false");
            assertThat(found(list, EntryKind.URL, keys(Stream.of("example.com/7000.png"))))
                    .containsEntry(0, "1:2001:false");
            assertThat(list.sources()).isEqualTo(sources);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(new TreeSet<>(left.map(p -> p.getFileName().toString()).toList()))
                    .containsExactly("a.jsonl", "b.jsonl", "lists.optout");
        }
    }

    @Test
    void theMoreRestrictiveEntryOfADomainIsKept() throws IOException {
        Path list = Files.writeString(folder.resolve("a.jsonl"), """
            {"kind":"domain","value":"example.com","subdomains":false}
            {"kind":"domain","value":"example.com","subdomains":true}
            {"kind":"domain","value":"example.com","subdomains":true}
            """);
        Path out = folder.resolve("lists.optout");
        new OptOutCompiler().compile(List.of(list), out);

        try (CompiledOptOutList compiled = CompiledOptOutList.open(out)) {
            assertThat(found(compiled, EntryKind.DOMAIN, keys(Stream.of("example.com"))))
                    .containsEntry(0, "0:2:true");
        }
    }

    @Test
    void hashesNamesAndLicencesStreamPastWithTheirLines() throws IOException {
        String hex = "f".repeat(63) + "0";
        Path list = Files.writeString(
                folder.resolve("a.csv"),
                "kind,value,max_distance\npdq," + hex + ",7\npdq," + hex
                        + ",\ncreator,Jänè Doe,\nlicence,CC-BY-4.0,\n");
        Path out = folder.resolve("lists.optout");
        new OptOutCompiler().compile(List.of(list), out);

        var said = new ConcurrentSkipListSet<String>();
        try (CompiledOptOutList compiled = CompiledOptOutList.open(out)) {
            compiled.eachHash(block -> {
                for (int i = 0; i < block.size(); i++) {
                    Pdq hash = new Pdq(block.word(i, 0), block.word(i, 1), block.word(i, 2), block.word(i, 3), 100);
                    said.add(block.line(i) + " " + hash.hex() + " " + block.maxDistance(i));
                }
            });
            compiled.eachText(EntryKind.CREATOR, (text, source, line) -> said.add(line + " " + text));
            compiled.eachText(EntryKind.LICENCE, (text, source, line) -> said.add(line + " " + text));
        }
        assertThat(said).containsExactly("2 " + hex + " 7", "3 " + hex + " -1", "4 jänè doe", "5 CC-BY-4.0");
    }

    @Test
    void aDamagedFileIsRefused() throws IOException {
        Path out = folder.resolve("lists.optout");
        new OptOutCompiler().compile(List.of(addresses("a.jsonl", 0, 1000)), out);
        byte[] whole = Files.readAllBytes(out);
        Key128[] one = keys(Stream.of("example.com/5.png"));
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            byte[] damaged = whole.clone();
            damaged[8 + random.nextInt(whole.length - 8)] ^= (byte) (1 << random.nextInt(8));
            Files.write(out, damaged);
            assertThatThrownBy(() -> {
                        try (CompiledOptOutList list = CompiledOptOutList.open(out)) {
                            found(list, EntryKind.URL, one);
                        }
                    })
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("optout build");
            Files.write(out, java.util.Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1)));
            assertThatThrownBy(() -> CompiledOptOutList.open(out)).isInstanceOf(RefusedException.class);
        }
    }

    @Test
    void aBrokenListLeavesTheFormerOutputAsItWas() throws IOException {
        Path out = folder.resolve("lists.optout");
        new OptOutCompiler().compile(List.of(addresses("a.jsonl", 0, 10)), out);
        byte[] before = Files.readAllBytes(out);
        Path broken = Files.writeString(folder.resolve("b.jsonl"), "{\"kind\":\"creator\",\"value\":\"x\"}\n{\n");

        assertThatThrownBy(() -> new OptOutCompiler().compile(List.of(broken), out))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("b.jsonl line 2");

        assertThat(Files.readAllBytes(out)).isEqualTo(before);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).hasSize(3);
        }
    }

    @Test
    void compilingTwiceGivesTheSameBytes() throws IOException {
        Path list = addresses("a.jsonl", 0, 3000);
        Path one = folder.resolve("one.optout");
        Path two = folder.resolve("two.optout");
        new OptOutCompiler(55).compile(List.of(list), one);
        new OptOutCompiler().compile(List.of(list), two);
        assertThat(Files.mismatch(one, two)).isEqualTo(-1);
    }
}
