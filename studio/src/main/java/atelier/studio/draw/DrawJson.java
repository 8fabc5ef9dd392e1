package atelier.studio.draw;

import atelier.common.file.JsonText;
import atelier.inference.picture.GenerationParameters;
import atelier.inference.picture.PictureFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** A drawing as {@code /api/v1} tells it. */
final class DrawJson {
    private static final ObjectMapper JSON = JsonText.mapper();

    private DrawJson() {}

    /** State and progress alone, for events. */
    static ObjectNode brief(Drawing drawing) {
        ObjectNode node = JSON.createObjectNode();
        node.put("id", drawing.id());
        node.put("origin", drawing.origin());
        node.put("state", drawing.state().key());
        node.put("asked", drawing.asked().truncatedTo(ChronoUnit.MILLIS).toString());
        drawing.started()
                .ifPresent(time ->
                        node.put("started", time.truncatedTo(ChronoUnit.MILLIS).toString()));
        drawing.finished()
                .ifPresent(time ->
                        node.put("ended", time.truncatedTo(ChronoUnit.MILLIS).toString()));
        node.put("picture", drawing.pictures().size());
        node.put("pictures", drawing.count());
        node.put("step", drawing.step());
        node.put("steps", drawing.steps());
        node.put("progress", drawing.progress());
        node.put("seconds_left", drawing.secondsLeft());
        drawing.fault().ifPresent(fault -> {
            DrawFault told = DrawFault.of(fault);
            node.putObject("error").put("status", told.status()).put("message", told.message());
        });
        return node;
    }

    /** All of it, each picture's record too. */
    static ObjectNode whole(Drawing drawing) throws IOException {
        ObjectNode node = brief(drawing);
        node.set("set", JSON.valueToTree(drawing.set()));
        ArrayNode notices = node.putArray("notices");
        drawing.notices().forEach(notices::add);
        ArrayNode files = node.putArray("files");
        List<DrawnPicture> pictures = drawing.pictures();
        for (DrawnPicture picture : pictures) {
            files.add(picture(drawing, picture));
        }
        Optional<GridLayout> grid = drawing.grid();
        if (grid.isPresent()) {
            node.set("grid", grid(drawing, grid.get(), pictures));
        }
        return node;
    }

    static ObjectNode picture(Drawing drawing, DrawnPicture picture) throws IOException {
        ObjectNode node = JSON.createObjectNode();
        node.put("name", picture.name());
        node.put("url", "/api/v1/draws/" + drawing.id() + "/files/" + picture.name());
        node.put("seed", picture.seed());
        node.put("prompt", picture.prompt());
        node.put("negative_prompt", picture.negativePrompt());
        node.put("strength", picture.strength());
        Optional<GenerationParameters> record =
                PictureFile.texts(picture.file()).own();
        if (record.isPresent()) {
            node.set("record", tree(record.get().toJson()));
        }
        return node;
    }

    private static ObjectNode grid(Drawing drawing, GridLayout grid, List<DrawnPicture> pictures) throws IOException {
        ObjectNode node = JSON.createObjectNode();
        ArrayNode rows = node.putArray("rows");
        grid.rows().forEach(rows::add);
        ArrayNode columns = node.putArray("columns");
        grid.columns().forEach(columns::add);
        ArrayNode cells = node.putArray("cells");
        for (int row = 0; row < grid.rows().size(); row++) {
            ArrayNode line = cells.addArray();
            for (int column = 0; column < grid.columns().size(); column++) {
                int number = grid.picture(row, column);
                if (number < pictures.size()) {
                    line.add(pictures.get(number).name());
                } else {
                    line.addNull();
                }
            }
        }
        if (drawing.state().ended()) {
            ArrayNode equal = node.putArray("equal");
            for (List<int[]> group : grid.equal(pictures)) {
                ArrayNode same = equal.addArray();
                group.forEach(cell -> same.addObject().put("row", cell[0]).put("column", cell[1]));
            }
        }
        return node;
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was written as JSON is read as JSON", e);
        }
    }
}
