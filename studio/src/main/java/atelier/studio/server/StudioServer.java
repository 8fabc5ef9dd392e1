package atelier.studio.server;

import atelier.common.error.WrongCommandException;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.util.JavalinBindException;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.EnumSet;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.server.handler.ErrorHandler;

/** The studio's HTTP server, on 127.0.0.1 alone. There is no way to give it another address. */
public final class StudioServer implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final long LARGEST_BODY = 64 << 20;

    private final Javalin javalin;
    private final AccessKey key;

    private StudioServer(Javalin javalin, AccessKey key) {
        this.javalin = javalin;
        this.key = key;
    }

    /**
     * Starts to listen.
     *
     * @param port 0 for any that is free
     * @param parts what is served
     * @throws WrongCommandException when another program listens on the port
     */
    public static StudioServer start(int port, List<Routes> parts) {
        requireFree(port);
        AccessKey key = AccessKey.random();
        Guard guard = new Guard(key);
        Javalin javalin = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.startup.startupWatcherEnabled = false;
            config.jetty.host = HOST;
            config.jetty.port = port;
            config.http.maxRequestSize = LARGEST_BODY;
            config.http.prefer405over404 = true;
            config.http.compressionStrategy = CompressionStrategy.NONE;
            config.jetty.modifyHttpConfiguration(http -> {
                http.setSendServerVersion(false);
                http.setSendDateHeader(false);
            });
            config.jetty.modifyServer(server -> server.setErrorHandler(bare()));
            config.jetty.modifyServletContextHandler(context -> {
                FilterHolder holder = new FilterHolder(guard);
                holder.setAsyncSupported(true);
                context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST));
            });
            ErrorForm.addTo(config.routes);
            parts.forEach(part -> part.addTo(config.routes));
        });
        try {
            javalin.start();
        } catch (JavalinBindException e) {
            throw taken(port, e);
        }
        guard.listensOn(javalin.port());
        return new StudioServer(javalin, key);
    }

    /** The server itself would print more than one line about a port that is taken. */
    private static void requireFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
        } catch (IOException e) {
            throw taken(port, e);
        }
    }

    private static WrongCommandException taken(int port, Exception e) {
        return new WrongCommandException(
                "studio.port=" + port + " is taken by another program; studio.port=0 takes any that is free", e);
    }

    /** Jetty's own pages, for what is no HTTP, say nothing of what is inside. */
    private static ErrorHandler bare() {
        ErrorHandler handler = new ErrorHandler();
        handler.setShowStacks(false);
        handler.setShowCauses(false);
        handler.setShowMessageInTitle(false);
        return handler;
    }

    /** The page's address, with the key. */
    public String link() {
        return "http://" + HOST + ":" + port() + "/?" + Credentials.PARAMETER + "=" + key.text();
    }

    /** Where it listens. */
    public int port() {
        return javalin.port();
    }

    /** For programs. */
    public AccessKey key() {
        return key;
    }

    /** All that is answered, as METHOD and path. */
    public List<String> routes() {
        return javalin.unsafe.internalRouter.allHttpHandlers().stream()
                .filter(each -> each.endpoint.method.isHttpMethod())
                .map(each -> each.endpoint.method.name() + " " + each.endpoint.path)
                .toList();
    }

    @Override
    public void close() {
        javalin.stop();
    }
}
