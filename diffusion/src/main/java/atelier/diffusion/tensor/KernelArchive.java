package atelier.diffusion.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes kernel text as the TorchScript archive that PyTorch loads: a stored zip with the code, an object of the class
 * that holds it, and the format's version. Python takes no part in it.
 */
final class KernelArchive {
    static final String NAME = "kernels";

    // Protocol 2: an object of class __torch__.Kernels whose one attribute is training = False.
    private static final byte[] OBJECT = concat(
            new byte[] {(byte) 0x80, 2, 'c'},
            "__torch__\nKernels\n".getBytes(StandardCharsets.US_ASCII),
            new byte[] {')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0},
            "training".getBytes(StandardCharsets.US_ASCII),
            new byte[] {(byte) 0x89, 'u', 'b', '.'});
    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

    private KernelArchive() {}

    /** Writes {@code folder/kernels.pt} with the methods of all given resources in one class, which can ask how to compute. */
    static void write(Path folder, List<String> resources, Execution execution) throws IOException {
        StringBuilder code = new StringBuilder("class Kernels(Module):\n  training : bool\n");
        code.append(answer("is_fused", execution.fused())).append(answer("is_exact", execution.exact()));
        code.append(answer("has_tiles", execution.tiles()));
        for (String resource : resources) {
            for (String line : read(resource).split("\n", -1)) {
                // The archive's parser takes neither blank lines nor comments between methods for granted.
                if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
                    code.append("  ").append(line).append('\n');
                }
            }
        }
        try (OutputStream out = Files.newOutputStream(folder.resolve(NAME + ".pt"));
                ZipOutputStream zip = new ZipOutputStream(out)) {
            store(zip, "data.pkl", OBJECT);
            store(zip, "code/__torch__.py", code.toString().getBytes(StandardCharsets.UTF_8));
            store(zip, "constants.pkl", EMPTY_TUPLE);
            store(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static String answer(String question, boolean yes) {
        return "  def " + question + "(self) -> bool:\n    return " + (yes ? "True" : "False") + "\n";
    }

    private static String read(String resource) throws IOException {
        try (InputStream in = KernelArchive.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("kernel text " + resource + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(NAME + "/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    private static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
