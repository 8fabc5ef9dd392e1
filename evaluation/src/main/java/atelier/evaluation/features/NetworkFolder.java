package atelier.evaluation.features;

import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Weights of the user's own that {@code scripts/evaluation/convert} wrote: model.safetensors, and network.json, which
 * says what the network is.
 *
 * @param network sscd, csd or inception
 * @param place the setting that names the folder, for messages
 * @param description network.json
 * @param weights model.safetensors
 */
public record NetworkFolder(String network, String place, ObjectNode description, StateDict weights) {
    private static final ObjectMapper JSON = JsonText.mapper();
    private static final int FORMAT = 1;

    /**
     * Opens a folder.
     *
     * @param network that it must hold; the last word of its setting's name too
     * @throws WrongCommandException naming the setting, the fact and the remedy
     */
    public static NetworkFolder open(String network, Path folder) throws IOException {
        String place = "evaluation." + network + "=" + folder;
        Path file = folder.resolve("network.json");
        Path tensors = folder.resolve("model.safetensors");
        String remedy = "; write it with `scripts/evaluation/convert " + network + " WEIGHTS " + folder + "`";
        if (!Files.isRegularFile(file) || !Files.isRegularFile(tensors)) {
            throw new WrongCommandException(
                    place + " holds no network.json and model.safetensors" + remedy + ", or set it to null");
        }
        ObjectNode description;
        try {
            description = JSON.readValue(file.toFile(), ObjectNode.class);
        } catch (JsonProcessingException e) {
            throw new WrongCommandException(
                    place + ": network.json cannot be read, " + e.getOriginalMessage() + remedy + " again", e);
        }
        String found = description.path("network").asText();
        if (!found.equals(network)) {
            throw new WrongCommandException(place + " holds the network '" + found + "', not " + network + remedy);
        }
        if (description.path("format").asInt() != FORMAT) {
            throw new WrongCommandException(
                    place + " has the format " + description.path("format") + ", and " + FORMAT + " is read" + remedy);
        }
        return new NetworkFolder(
                network,
                place,
                description,
                new StateDict(place, SafetensorsFile.open(tensors).tensors(), description));
    }

    /** The file that was converted. */
    String source() {
        JsonNode source = description.path("source");
        return place + ", from " + source.path("file").asText() + ", sha256 "
                + source.path("sha256").asText();
    }

    /** What is wrong inside, with the remedy. */
    WeightsException broken(String fact) {
        return new WeightsException(
                place + ": " + fact + ". Convert the weights again with `scripts/evaluation/convert " + network + "`");
    }
}
