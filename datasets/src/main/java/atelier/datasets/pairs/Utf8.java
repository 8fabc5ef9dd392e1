package atelier.datasets.pairs;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the line at which a text file stops being UTF-8, which a buffered reader cannot tell. */
final class Utf8 {
    private Utf8() {}

    static FindingException fault(Path file, CharacterCodingException cause) throws IOException {
        return new FindingException(
                Finding.error(new Origin(file, firstBadLine(file)), null, "is not UTF-8", "save the file as UTF-8"),
                cause);
    }

    private static long firstBadLine(Path file) throws IOException {
        long line = 1;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (int b = in.read(); ; b = in.read()) {
                if (b >= 0 && b != '\n') {
                    bytes.write(b);
                    continue;
                }
                try {
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
                } catch (CharacterCodingException e) {
                    return line;
                }
                if (b < 0) {
                    return 0;
                }
                bytes.reset();
                line++;
            }
        }
    }
}
