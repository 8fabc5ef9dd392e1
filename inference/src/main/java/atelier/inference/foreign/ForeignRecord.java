package atelier.inference.foreign;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a picture of another program was made from. Adapters stand as tags in the prompt, {@code <lora:name:weight>}.
 *
 * @param program that wrote it, for messages
 * @param prompt the words
 * @param negativePrompt the words to stay away from; empty for none
 * @param pairs settings in their order; those that AUTOMATIC1111's web UI knows under its names, others under their own
 */
public record ForeignRecord(String program, String prompt, String negativePrompt, Map<String, String> pairs) {
    public ForeignRecord {
        pairs = Collections.unmodifiableMap(new LinkedHashMap<>(pairs));
    }
}
