package atelier.diffusion.text;

import atelier.common.error.WrongCommandException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a tokenizer's files hold.
 *
 * @param ids token to id
 * @param merges pairs of symbols, {@code "a b"}, most urgent first
 * @param specials role (bos_token, eos_token, pad_token, unk_token) to token
 * @param added tokens that are found in the text before anything else is done to it, with their ids
 * @param maxLength tokens of an encoded prompt
 */
record Vocabulary(
        Map<String, Integer> ids,
        List<String> merges,
        Map<String, String> specials,
        Map<String, Integer> added,
        int maxLength) {
    Vocabulary {
        if (maxLength < 3) {
            throw new WrongCommandException(
                    "model_max_length in tokenizer_config.json must be at least 3, got " + maxLength);
        }
        Map<String, Integer> all = new LinkedHashMap<>(added);
        for (Map.Entry<String, String> special : specials.entrySet()) {
            Integer id = ids.get(special.getValue());
            if (id != null) {
                all.putIfAbsent(special.getValue(), id);
            } else if (!all.containsKey(special.getValue())) {
                throw new WrongCommandException("vocab.json lacks the " + special.getKey() + " '" + special.getValue()
                        + "' that tokenizer_config.json names; copy both from the model's source");
            }
        }
        added = all;
    }

    /** A special token's id. */
    int special(String role) {
        Integer id = added.get(specials.get(role));
        if (id == null) {
            throw new WrongCommandException(
                    "tokenizer_config.json names no " + role + "; copy it from the model's source");
        }
        return id;
    }
}
