package atelier.studio.server;

import io.javalin.http.ContentTooLargeResponse;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;

/** A request whose body ends with an error once more has come than is allowed, whatever its length was said to be. */
final class BoundedRequest extends HttpServletRequestWrapper {
    private final long most;

    /** @param most bytes of the body */
    BoundedRequest(HttpServletRequest request, long most) {
        super(request);
        this.most = most;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        ServletInputStream body = super.getInputStream();
        return new ServletInputStream() {
            private long read;

            private void count(int bytes) {
                read += Math.max(0, bytes);
                if (read > most) {
                    throw new ContentTooLargeResponse("the body is larger than " + most + " bytes; send less");
                }
            }

            @Override
            public int read() throws IOException {
                int value = body.read();
                count(value < 0 ? 0 : 1);
                return value;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int bytes = body.read(into, offset, length);
                count(bytes);
                return bytes;
            }

            @Override
            public boolean isFinished() {
                return body.isFinished();
            }

            @Override
            public boolean isReady() {
                return body.isReady();
            }

            @Override
            public void setReadListener(ReadListener listener) {
                body.setReadListener(listener);
            }
        };
    }
}
