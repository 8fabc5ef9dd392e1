package atelier.studio.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Sends lines as they stand, which no HTTP client would put right, and gives back what comes. */
public final class RawHttp {
    private static final int PATIENCE_MS = 10_000;

    private final int port;

    public RawHttp(int port) {
        this.port = port;
    }

    /** @param text the whole answer */
    public record Answer(String text) {
        public int status() {
            return text.startsWith("HTTP/1.1 ") ? Integer.parseInt(text.substring(9, 12)) : 0;
        }

        /** Empty where there is none. */
        public String header(String name) {
            return text.substring(0, Math.max(0, text.indexOf("\r\n\r\n")))
                    .lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElse("");
        }

        public String body() {
            int end = text.indexOf("\r\n\r\n");
            return end < 0 ? "" : text.substring(end + 4);
        }
    }

    /** A request without body, Host and an end of the connection added. */
    public Answer send(String request, String... headers) throws IOException {
        return raw(request + " HTTP/1.1", "Host: 127.0.0.1:" + port, headers, "");
    }

    /** A request with a body, its length added. */
    public Answer sendBody(String request, String body, String... headers) throws IOException {
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length;
        return raw(request + " HTTP/1.1", "Host: 127.0.0.1:" + port, all, body);
    }

    /** Lines as they stand. */
    public Answer raw(String requestLine, String host, String[] headers, String body) throws IOException {
        StringBuilder text = new StringBuilder(requestLine).append("\r\n");
        if (!host.isEmpty()) {
            text.append(host).append("\r\n");
        }
        List.of(headers).forEach(header -> text.append(header).append("\r\n"));
        text.append("Connection: close\r\n\r\n").append(body);
        return bytes(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes as they stand. */
    public Answer bytes(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
            socket.setSoTimeout(PATIENCE_MS);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
                socket.getInputStream().transferTo(answer);
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                // The server may end the connection before all of a body has been sent.
                return new Answer(answer.toString(StandardCharsets.UTF_8));
            }
            return new Answer(answer.toString(StandardCharsets.UTF_8));
        }
    }
}
