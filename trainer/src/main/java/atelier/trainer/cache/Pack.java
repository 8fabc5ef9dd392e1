package atelier.trainer.cache;

import atelier.common.file.Sha256;
import atelier.common.file.StagedFile;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of cached arrays: safetensors, each tensor in fp32 under the SHA-256 of its key. The metadata {@value #SUMS}
 * holds a CRC-32C of each tensor's shape and bytes, eight hexadecimal digits each, in the order of the names. It is mapped,
 * so an array is read from the disk when it is asked for, and a file that another process replaces stays readable.
 */
final class Pack {
    static final String ENDING = ".safetensors";

    private static final String SUMS = "crc32c";
    private static final int DIGITS = 8;

    private final Path file;
    private final SafetensorsFile tensors;
    private final Map<String, Integer> sums;

    private Pack(Path file, SafetensorsFile tensors, Map<String, Integer> sums) {
        this.file = file;
        this.tensors = tensors;
        this.sums = sums;
    }

    /**
     * Opens a file.
     *
     * @throws WeightsException saying what is wrong with it when it is no whole pack
     */
    static Pack open(Path file) throws IOException {
        SafetensorsFile tensors = SafetensorsFile.open(file);
        NavigableMap<String, TensorView> sorted = new TreeMap<>(tensors.tensors());
        String digits = tensors.metadata().getOrDefault(SUMS, "");
        if (digits.length() != sorted.size() * DIGITS || !digits.matches("[0-9a-f]*")) {
            throw new WeightsException(file + " does not hold a checksum of each of its tensors");
        }
        Map<String, Integer> sums = new TreeMap<>();
        int at = 0;
        for (Map.Entry<String, TensorView> each : sorted.entrySet()) {
            if (each.getValue().dtype() != DType.F32) {
                throw new WeightsException(
                        file + " holds a tensor of type " + each.getValue().dtype());
            }
            sums.put(each.getKey(), HexFormat.fromHexDigits(digits, at, at + DIGITS));
            at += DIGITS;
        }
        return new Pack(file, tensors, sums);
    }

    Path file() {
        return file;
    }

    /** SHA-256 of the keys of all arrays. */
    Set<String> digests() {
        return tensors.tensors().keySet();
    }

    /** Bytes of the file. */
    long size() throws IOException {
        return Files.size(file);
    }

    /** The array under a key's digest; empty where it is not as it was written, or not there. */
    Optional<TensorCache.Entry> read(String digest) {
        TensorView view = sound(digest);
        if (view == null) {
            return Optional.empty();
        }
        TensorCache.Entry entry = new TensorCache.Entry(view.toFloats(), view.shape());
        NativeMemory.release(view.data());
        return Optional.of(entry);
    }

    /** The array's bytes in the mapped file; empty as with {@link #read}. */
    Optional<TensorSource> source(String digest) {
        return Optional.ofNullable(sound(digest));
    }

    private @Nullable TensorView sound(String digest) {
        TensorView view = tensors.find(digest);
        return view == null || !Integer.valueOf(sum(view)).equals(sums.get(digest)) ? null : view;
    }

    /** A name that arrays of the same keys have in common, so that writing them again replaces the file. */
    static String name(Set<String> digests) {
        String all = String.join("\n", digests.stream().sorted().toList());
        return Sha256.of(all.getBytes(StandardCharsets.UTF_8)).substring(0, 32);
    }

    /**
     * Writes a file, which appears whole or not at all.
     *
     * @param arrays fp32, by the digests of their keys
     */
    static Pack write(Path folder, String name, Map<String, ? extends TensorSource> arrays) throws IOException {
        Files.createDirectories(folder);
        StringBuilder sums = new StringBuilder();
        for (TensorSource array : new TreeMap<>(arrays).values()) {
            sums.append(HexFormat.of().toHexDigits(sum(array)));
        }
        Path file = folder.resolve(name + ENDING);
        try (StagedFile staged = StagedFile.of(file)) {
            SafetensorsWriter.write(Channels.newChannel(staged.out()), arrays, Map.of(SUMS, sums.toString()));
            staged.sync();
            staged.move();
        }
        return open(file);
    }

    private static int sum(TensorSource array) {
        CRC32C crc = new CRC32C();
        crc.update(TensorView.describe(array.shape()).getBytes(StandardCharsets.US_ASCII));
        ByteBuffer data = array.data();
        crc.update(data);
        return (int) crc.getValue();
    }

    /** All packs in a folder, in the order of their names; none where there is no folder. */
    static List<Path> in(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().endsWith(ENDING))
                    .sorted()
                    .toList();
        }
    }
}
