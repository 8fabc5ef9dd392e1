package atelier.datasets.consent.web;

import atelier.common.error.MalformedException;
import atelier.common.error.RefusedException;
import atelier.common.file.Sha256;
import atelier.common.file.TextFile;
import atelier.datasets.consent.key.Domains;
import atelier.datasets.consent.key.WebAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What hosts serve about the use of their content, captured into a folder a host:
 * {@code example.com/robots.txt, ai.txt, tdmrep.json} (or {@code .well-known/tdmrep.json}) and RSL documents
 * ({@code *.xml}, {@code *.rsl}). A leading {@code www.} does not tell hosts apart. ai.txt holds for the hosts under its
 * own too; where the run is strict, every file holds for the whole registered domain. A file that cannot be read objects
 * for its host.
 */
public final class Sites {
    private static final long MAX_FILE = 16 << 20;

    private final Map<String, List<SiteFile>> files = new HashMap<>();
    private final Map<String, List<SiteFile>> domains = new HashMap<>();
    private final Set<String> withAiTxt = new HashSet<>();

    /** An objection and the file that makes it. */
    public record Sourced(Signal signal, String file, String sha256) {}

    private enum Kind {
        ROBOTS,
        AI_TXT,
        TDMREP,
        RSL
    }

    private record SiteFile(
            Kind kind,
            String name,
            String sha256,
            @Nullable RobotsFile robots,
            @Nullable AiTxt aiTxt,
            @Nullable TdmRep tdmRep,
            @Nullable Rsl rsl,
            @Nullable String fault) {}

    private Sites() {}

    /** @throws RefusedException when a folder is missing or holds something that is not known */
    public static Sites load(List<Path> folders) {
        Sites sites = new Sites();
        for (Path folder : folders) {
            List<Path> hosts = children(folder);
            if (hosts.isEmpty()) {
                throw new RefusedException(
                        folder + " is empty; capture robots.txt, ai.txt, tdmrep.json or RSL into a folder"
                                + " a host, or take it out of optout.sites");
            }
            for (Path host : hosts) {
                sites.host(host);
            }
        }
        return sites;
    }

    public boolean isEmpty() {
        return files.isEmpty();
    }

    /** Whether an RSL document was captured for a host. */
    public boolean hasRsl(String host) {
        return files.getOrDefault(Domains.withoutWww(host), List.of()).stream().anyMatch(f -> f.kind() == Kind.RSL);
    }

    /** All objections to the use of what lies at an address. */
    public List<Sourced> signals(WebAddress address, boolean strict) {
        String host = Domains.withoutWww(address.host());
        List<Sourced> signals = new ArrayList<>();
        if (strict) {
            signals(domains.getOrDefault(Domains.registrable(host), List.of()), address, true, signals);
            return signals;
        }
        signals(files.getOrDefault(host, List.of()), address, false, signals);
        for (String parent : hasAiTxtAbove(host) ? Domains.withParents(host) : List.<String>of()) {
            if (!parent.equals(host)) {
                List<SiteFile> above = files.getOrDefault(parent, List.of());
                signals(above.stream().filter(f -> f.kind() == Kind.AI_TXT).toList(), address, false, signals);
            }
        }
        return signals;
    }

    /** Whether a name above the host's has an ai.txt, whoever owns it: few have, and owners are dear to find. */
    private boolean hasAiTxtAbove(String host) {
        for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
            if (withAiTxt.contains(host.substring(dot + 1))) {
                return true;
            }
        }
        return false;
    }

    private void signals(List<SiteFile> captured, WebAddress address, boolean strict, List<Sourced> signals) {
        for (SiteFile file : captured) {
            List<Signal> found = new ArrayList<>();
            if (file.fault() != null) {
                found.add(new Signal(protocol(file.kind()), file.fault(), 0));
            }
            if (file.robots() != null) {
                robots(file.robots(), address, strict, found);
            }
            add(found, file.aiTxt() == null ? null : file.aiTxt().signal(address.path()));
            add(found, file.tdmRep() == null ? null : file.tdmRep().signal(address.path()));
            add(found, file.rsl() == null ? null : file.rsl().signal(address));
            found.forEach(s -> signals.add(new Sourced(s, file.name(), file.sha256())));
        }
    }

    private void robots(RobotsFile robots, WebAddress address, boolean strict, List<Signal> found) {
        List<RobotsFile.Line> lines = robots.lines(agent -> strict || agent.equals("*") || agent.equals("atelier"));
        found.addAll(UsagePreference.robots(lines, address.path()));
        if (strict) {
            add(found, AiTxt.robots(robots, address.path()));
        }
        if (!hasRsl(address.host())) {
            robots.lines(agent -> true).stream()
                    .filter(line -> line.name().equals("license"))
                    .findFirst()
                    .ifPresent(line -> found.add(new Signal(
                            Signal.Protocol.RSL,
                            "robots.txt points to the licence '" + line.value()
                                    + "', which was not captured; save it as license.xml beside it",
                            line.number())));
        }
    }

    private void host(Path folder) {
        String host;
        try {
            host = Domains.withoutWww(Domains.host(String.valueOf(folder.getFileName())));
        } catch (MalformedException e) {
            throw new RefusedException(
                    folder + " is not named after a host; rename it, for instance to example.com", e);
        }
        List<SiteFile> captured = files.computeIfAbsent(host, h -> new ArrayList<>());
        for (Path file : children(folder)) {
            if (Files.isDirectory(file) && String.valueOf(file.getFileName()).equals(".well-known")) {
                children(file).forEach(f -> captured.add(read(f)));
            } else {
                captured.add(read(file));
            }
        }
        if (captured.stream().anyMatch(file -> file.kind() == Kind.AI_TXT)) {
            withAiTxt.add(host);
        }
        domains.computeIfAbsent(Domains.registrable(host), d -> new ArrayList<>())
                .addAll(captured);
    }

    private static SiteFile read(Path path) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        Kind kind = switch (name) {
            case "robots.txt" -> Kind.ROBOTS;
            case "ai.txt" -> Kind.AI_TXT;
            case "tdmrep.json" -> Kind.TDMREP;
            default -> {
                if (name.endsWith(".xml") || name.endsWith(".rsl")) {
                    yield Kind.RSL;
                }
                throw new RefusedException(
                        path + " is no signal that is known; a host's folder holds robots.txt, ai.txt,"
                                + " tdmrep.json and RSL documents (*.xml)");
            }
        };
        try {
            if (Files.size(path) > MAX_FILE) {
                throw new RefusedException(path + " is larger than " + MAX_FILE + " bytes; no server's rules are");
            }
            byte[] bytes = Files.readAllBytes(path);
            return parse(kind, path.toString(), Sha256.of(bytes), bytes);
        } catch (IOException e) {
            throw new RefusedException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static SiteFile parse(Kind kind, String name, String sha256, byte[] bytes) {
        String text = TextFile.marked(bytes, StandardCharsets.UTF_8);
        try {
            return switch (kind) {
                case ROBOTS -> new SiteFile(kind, name, sha256, RobotsFile.parse(text, false), null, null, null, null);
                case AI_TXT -> new SiteFile(kind, name, sha256, null, AiTxt.parse(text), null, null, null);
                case TDMREP -> new SiteFile(kind, name, sha256, null, null, TdmRep.parse(bytes), null, null);
                case RSL -> new SiteFile(kind, name, sha256, null, null, null, Rsl.parse(bytes), null);
            };
        } catch (MalformedException e) {
            return new SiteFile(kind, name, sha256, null, null, null, null, "it cannot be read: " + e.getMessage());
        }
    }

    private static Signal.Protocol protocol(Kind kind) {
        return switch (kind) {
            case ROBOTS -> Signal.Protocol.ROBOTS;
            case AI_TXT -> Signal.Protocol.AI_TXT;
            case TDMREP -> Signal.Protocol.TDMREP;
            case RSL -> Signal.Protocol.RSL;
        };
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(p -> !String.valueOf(p.getFileName()).startsWith(".") || p.endsWith(".well-known"))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw new RefusedException(folder + " is no folder; restore it, or take it out of optout.sites", e);
        } catch (IOException e) {
            throw new RefusedException(folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    private static void add(List<Signal> signals, @Nullable Signal signal) {
        if (signal != null) {
            signals.add(signal);
        }
    }
}
