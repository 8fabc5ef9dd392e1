package atelier.studio.sdapi;

import atelier.common.file.JsonText;
import atelier.studio.draw.Drawing;
import atelier.studio.draw.DrawingState;
import atelier.studio.draw.Drawings;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;

/** How far the drawing at work is, with what it looks like now. */
final class SdProgress {
    private static final ObjectMapper JSON = JsonText.mapper();
    private static final long PREVIEW_WAIT_MS = 2_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT);
    private static final String NO_JOB = "0";

    private final Drawings drawings;

    SdProgress(Drawings drawings) {
        this.drawings = drawings;
    }

    void tell(Context context) throws IOException, InterruptedException {
        Optional<Drawing> current = drawings.current();
        ObjectNode answer = JSON.createObjectNode();
        answer.put("progress", current.map(Drawing::progress).orElse(0.0));
        answer.put("eta_relative", current.map(Drawing::secondsLeft).orElse(0.0));
        ObjectNode state = answer.putObject("state");
        state.put("skipped", current.map(Drawing::isSkipped).orElse(false));
        state.put("interrupted", current.map(Drawing::isInterrupted).orElse(false));
        state.put("stopping_generation", current.map(Drawing::isInterrupted).orElse(false));
        state.put("job", current.map(drawing -> job(drawing)).orElse(""));
        state.put("job_count", current.map(Drawing::count).orElse(0));
        state.put(
                "job_timestamp",
                current.map(drawing -> TIME.format(drawing.asked().atZone(ZoneId.systemDefault())))
                        .orElse(NO_JOB));
        state.put("job_no", current.map(drawing -> drawing.pictures().size()).orElse(0));
        state.put("sampling_step", current.map(Drawing::step).orElse(0));
        state.put("sampling_steps", current.map(Drawing::steps).orElse(0));
        boolean wanted = !Boolean.parseBoolean(context.queryParam("skip_current_image"));
        Optional<BufferedImage> picture =
                wanted && current.isPresent() ? current.get().preview(PREVIEW_WAIT_MS) : Optional.empty();
        if (picture.isPresent()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(picture.get(), "png", bytes);
            answer.put("current_image", Base64.getEncoder().encodeToString(bytes.toByteArray()));
        } else {
            answer.putNull("current_image");
        }
        if (current.isPresent() && current.get().state() == DrawingState.WAITING) {
            answer.put("textinfo", "a run trains; this is drawn once it has ended");
        } else {
            answer.putNull("textinfo");
        }
        SdRoutes.send(context, answer);
    }

    private static String job(Drawing drawing) {
        return drawing.count() > 1
                ? "Batch " + (drawing.pictures().size() + 1) + " out of " + drawing.count()
                : drawing.id();
    }
}
