package atelier.inference.foreign;

import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.inference.picture.PictureTexts;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/** Finds out which program wrote a picture, and reads its record. */
public final class ForeignRecords {
    private static final ObjectMapper JSON = JsonText.mapper();

    private ForeignRecords() {}

    /**
     * The record; empty where the texts hold none that is known.
     *
     * @throws WrongCommandException if there is one and it cannot be read
     */
    public static Optional<ForeignRecord> of(PictureTexts texts) {
        Optional<String> parameters = texts.get("parameters").filter(text -> !text.isBlank());
        if (parameters.isPresent()) {
            String text = parameters.get().strip();
            return Optional.of(text.startsWith("{") ? FooocusLog.read(json(text)) : ParametersFormat.read(text));
        }
        Optional<String> prompt = texts.get("prompt").filter(ForeignRecords::isObject);
        Optional<String> workflow = texts.get("workflow").filter(ForeignRecords::isObject);
        if (prompt.isPresent()) {
            return Optional.of(new ComfyGraph(json(prompt.get())).read());
        }
        if (workflow.isPresent()) {
            return Optional.of(new ComfyGraph(ComfyWorkflow.nodes(json(workflow.get()))).read());
        }
        Optional<String> invoke = texts.get("invokeai_metadata").or(() -> texts.get("sd-metadata"));
        if (invoke.isPresent()) {
            return Optional.of(InvokeMetadata.read(json(invoke.get())));
        }
        Optional<String> dream = texts.get("Dream").or(() -> texts.get("dream"));
        if (dream.isPresent()) {
            return Optional.of(InvokeMetadata.dream(dream.get()));
        }
        return texts.get("Comment")
                .filter(ForeignRecords::isObject)
                .map(ForeignRecords::json)
                .filter(comment -> comment.has("prompt") || comment.has("uc"))
                .map(comment ->
                        NovelAiComment.read(comment, texts.get("Description").orElse("")));
    }

    private static boolean isObject(String text) {
        return text.strip().startsWith("{");
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new WrongCommandException("from_image: the picture's record is no whole JSON ("
                    + e.getOriginalMessage() + "); it was cut or changed, so name prompt and settings instead");
        }
    }
}
