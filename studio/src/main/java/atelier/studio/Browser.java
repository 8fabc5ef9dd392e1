package atelier.studio;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Opens an address in the system's browser, by the program that the system has for it; without a desktop not at all. */
final class Browser {
    private Browser() {}

    /** The command that opens an address; empty where there is no desktop. */
    static List<String> command(String system, Map<String, String> environment, String link) {
        String name = system.toLowerCase(Locale.ROOT);
        if (name.contains("mac")) {
            return List.of("open", link);
        } else if (name.contains("windows")) {
            return List.of("rundll32", "url.dll,FileProtocolHandler", link);
        }
        boolean desktop = environment.containsKey("DISPLAY") || environment.containsKey("WAYLAND_DISPLAY");
        return desktop ? List.of("xdg-open", link) : List.of();
    }

    /** Tries to; the printed link is there all the same. */
    static void open(String link) {
        List<String> command = command(System.getProperty("os.name", ""), System.getenv(), link);
        if (command.isEmpty()) {
            return;
        }
        try {
            new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            // No such program: the user opens the link.
            return;
        }
    }
}
