package atelier.studio.page;

import atelier.studio.run.AdapterInfo;
import atelier.studio.run.EvaluationState;
import atelier.studio.run.RunState;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers, times and states as people read them. */
public final class Words {
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM, HH:mm", Locale.ENGLISH);
    private static final int DAY_SECONDS = 86_400;
    private static final int FEW_STEPS = 5;

    private Words() {}

    /** A part of an address: everything but letters, digits, slashes and some marks is encoded. */
    public static String path(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    /** A loss or a rate: four figures. */
    public static String figure(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size != 0 && size < 1e-3 ? "%.2e" : size >= 100 ? "%.1f" : "%.4f", value);
    }

    /** Steps and counts: 12,000. */
    public static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A size of files or memory. */
    public static String bytes(long bytes) {
        String[] units = {"bytes", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }

    /** A span in the two largest units that matter: 2 h 5 min. */
    public static String span(Duration span) {
        long seconds = Math.max(0, span.toSeconds());
        if (seconds < 60) {
            return "less than a minute";
        }
        long minutes = (seconds + 30) / 60;
        if (minutes < 60) {
            return minutes == 1 ? "1 minute" : minutes + " minutes";
        }
        long hours = minutes / 60;
        if (hours < 24) {
            return hours + " h " + minutes % 60 + " min";
        }
        return hours / 24 + " d " + hours % 24 + " h";
    }

    /** When something was, or will be: the hour alone where it is today. */
    public static String moment(Instant instant, Clock clock) {
        ZonedDateTime at = instant.atZone(clock.getZone());
        boolean today =
                at.toLocalDate().equals(clock.instant().atZone(clock.getZone()).toLocalDate());
        return (today ? HOUR : DAY).format(at);
    }

    /** When something ends, and how long that still takes. */
    public static String ends(Instant instant, Clock clock) {
        return "until about " + moment(instant, clock) + ", " + span(Duration.between(clock.instant(), instant))
                + " left";
    }

    /** How long ago something was. */
    public static String ago(Instant instant, Clock clock) {
        Duration since = Duration.between(instant, clock.instant());
        return since.toSeconds() < 60
                ? "just now"
                : since.toSeconds() < DAY_SECONDS ? span(since) + " ago" : moment(instant, clock);
    }

    /** A sign for a state, beside the word for it. */
    public static String sign(RunState state) {
        return switch (state) {
            case PREPARING -> "◔";
            case TRAINING -> "▶";
            case STOPPING -> "◑";
            case STOPPED -> "❚❚";
            case DONE -> "✓";
            case FAILED -> "✕";
            case WITHHELD -> "⚠";
        };
    }

    /** A sign for an evaluation's state, beside the word for it. */
    public static String sign(EvaluationState state) {
        return switch (state) {
            case NONE -> "–";
            case WAITING -> "◔";
            case RUNNING -> "▶";
            case STOPPING -> "◑";
            case STOPPED -> "❚❚";
            case FAILED -> "✕";
            case DONE -> "✓";
        };
    }

    /** Steps in a line: all of a few, else the first, the last and how many there are. */
    public static String steps(List<Long> steps) {
        return steps.size() <= FEW_STEPS
                ? steps.stream().map(Words::count).collect(Collectors.joining(", "))
                : count(steps.get(0)) + " to " + count(steps.get(steps.size() - 1)) + ", " + steps.size() + " of them";
    }

    /** The name by which an adapter is drawn with: its run's, or RUN/adapter-best and RUN/state/step-000100 for others. */
    public static String adapter(AdapterInfo adapter) {
        String file = adapter.file().replace('\\', '/');
        return file.replaceAll("(/adapter)?\\.safetensors$", "");
    }
}
