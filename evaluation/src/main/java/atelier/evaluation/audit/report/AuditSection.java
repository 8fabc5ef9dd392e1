package atelier.evaluation.audit.report;

import atelier.common.image.Pixels;
import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.audit.detect.Detector;
import atelier.evaluation.audit.detect.ImageVerdict;
import atelier.evaluation.audit.detect.Measured;
import atelier.evaluation.audit.detect.Share;
import atelier.evaluation.audit.detect.SplitRole;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/** An audit's result for people: a part of an HTML page that needs nothing beside it. */
public final class AuditSection {
    /** Pictures shown of each role at most; all that count as memorised are shown, whatever their number. */
    private static final int SHOWN = 8;

    private AuditSection() {}

    /** A {@code section} element. */
    public static String html(AuditResult result) {
        StringBuilder out = new StringBuilder();
        out.append("<section id=\"audit\">\n<h2>What comes back</h2>\n<p class=\"verdict ")
                .append(result.passed() ? "good" : "bad")
                .append("\">")
                .append(escaped(result.summary()))
                .append(".</p>\n");
        result.shortfall()
                .ifPresent(reason -> out.append("<p>").append(escaped(reason)).append(".</p>\n"));
        out.append(
                "<p>Each picture's own caption was drawn with the adapter, with the base model and under extrapolated"
                        + " guidance, from the same noise. A picture counts as given back when at least "
                        + result.settings().agreement()
                        + " of four detectors pass their threshold. Thresholds come from the base"
                        + " model's generations and from held-out pictures; held-out pictures that count as given back are false"
                        + " alarms. In each frame, from the left: the picture itself, the adapter's, the base's, and the one"
                        + " under extrapolated guidance.</p>\n");
        shares(result, out);
        if (result.sscd() != null) {
            out.append("<p>")
                    .append(escaped(result.sscd().summary()))
                    .append(String.format(
                            Locale.ROOT,
                            ". Training pictures and their nearest other one: %.2f in the middle, %.2f at 95 %%.</p>\n",
                            result.background(0.5),
                            result.background(0.95)));
        }
        for (SplitRole role : SplitRole.values()) {
            List<ImageVerdict> shown = shown(result.of(role));
            if (!shown.isEmpty()) {
                out.append("<h3>").append(title(role)).append("</h3>\n<div class=\"audit\">\n");
                shown.forEach(verdict -> figure(verdict, result, out));
                out.append("</div>\n");
            }
        }
        return out.append("</section>\n").toString();
    }

    private static List<ImageVerdict> shown(List<ImageVerdict> verdicts) {
        List<ImageVerdict> shown = new ArrayList<>();
        for (int i = 0; i < verdicts.size(); i++) {
            if (i < SHOWN || verdicts.get(i).memorised()) {
                shown.add(verdicts.get(i));
            }
        }
        return shown;
    }

    private static String title(SplitRole role) {
        return switch (role) {
            case TRAINING -> "Training pictures, most suspicious first";
            case HELD_OUT -> "Held-out pictures, for comparison";
            case EXCLUDED -> "Excluded pictures, by caption and by creator's name";
        };
    }

    private static void shares(AuditResult result, StringBuilder out) {
        out.append("<table><thead><tr><th>pictures</th><th>given back</th>");
        for (Detector detector : Detector.values()) {
            out.append("<th>").append(result.label(detector)).append("</th>");
        }
        out.append("</tr></thead><tbody>\n");
        for (SplitRole role : SplitRole.values()) {
            if (result.of(role).isEmpty()) {
                continue;
            }
            out.append("<tr><td>")
                    .append(role.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .append("</td>");
            share(result.memorised(role), out);
            for (Detector detector : Detector.values()) {
                share(result.flagged(role, detector), out);
            }
            out.append("</tr>\n");
        }
        out.append("</tbody></table>\n");
    }

    private static void share(Share share, StringBuilder out) {
        out.append(String.format(
                Locale.ROOT,
                "<td title=\"exact 95 %% interval\">%d of %d<br><small>%.1f to %.1f %%</small></td>",
                share.count(),
                share.of(),
                100 * share.interval().low(),
                100 * share.interval().high()));
    }

    private static void figure(ImageVerdict verdict, AuditResult result, StringBuilder out) {
        Measured evidence = verdict.evidence();
        out.append("<figure")
                .append(verdict.memorised() ? " class=\"bad\"" : "")
                .append(">\n");
        picture("the picture", verdict.subject().pixels(), out);
        picture("adapted model", evidence.adapted().nearest(), out);
        picture("base model", evidence.base().nearest(), out);
        picture("extrapolated", evidence.worst(), out);
        String flagged = verdict.flagged().isEmpty()
                ? "no detector"
                : verdict.flagged().stream().sorted().map(result::label).collect(Collectors.joining(", "));
        out.append("<figcaption><b>")
                .append(escaped(verdict.prompt()))
                .append("</b> ")
                .append(escaped(verdict.subject().name()))
                .append(
                        verdict.subject().creator().isEmpty()
                                ? ""
                                : ", " + escaped(verdict.subject().creator()))
                .append("<br>")
                .append(flagged)
                .append(String.format(
                        Locale.ROOT,
                        "<br>tiled l2 %.3f (base %.3f, extrapolated %.3f), similarity %.3f (base %.3f), PDQ %d bits,"
                                + " magnitude %.2f of the base's",
                        evidence.adapted().distance(),
                        evidence.base().distance(),
                        evidence.worstDistance(),
                        evidence.adapted().similarity(),
                        evidence.base().similarity(),
                        evidence.adapted().bits(),
                        evidence.magnitude() / evidence.baseMagnitude()))
                .append(verdict.clique() == 0 ? "" : ", clique of " + verdict.clique())
                .append("</figcaption>\n</figure>\n");
    }

    private static void picture(String label, Pixels pixels, StringBuilder out) {
        BufferedImage image = new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < pixels.height(); y++) {
            for (int x = 0; x < pixels.width(); x++) {
                image.setRGB(x, y, pixels.at(x, y, 0) << 16 | pixels.at(x, y, 1) << 8 | pixels.at(x, y, 2));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.append("<img alt=\"")
                .append(label)
                .append("\" title=\"")
                .append(label)
                .append("\" width=\"128\" src=\"data:image/png;base64,")
                .append(Base64.getEncoder().encodeToString(bytes.toByteArray()))
                .append("\">\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
