package atelier.cli.moving;

/** Takes back what cannot stand together here though it can elsewhere, and says so. */
final class Limits {
    private Limits() {}

    static void apply(Translation ours) {
        String method = ours.plain("adapter.method");
        boolean plain = method == null || method.equals("lora") || method.equals("locon") || method.equals("dora");
        if (!plain && isSet(ours, "adapter.dropout")) {
            ours.take(
                    "adapter.dropout",
                    "dropout of the hidden state is that of lora, locon and dora;"
                            + " adapter.rank_dropout is that of the others");
        }
        if ("prodigy".equals(ours.plain("optimizer.name"))) {
            ours.take("optimizer.text_encoder_lr", "Prodigy finds one rate for all");
            ours.take("optimizer.lora_plus_ratio", "Prodigy finds one rate for all");
        }
        if ("true".equals(ours.plain("adapter.text_encoders"))
                && isSet(ours, "data.max_token_length")
                && !"75".equals(ours.plain("data.max_token_length"))) {
            ours.take(
                    "data.max_token_length",
                    "text encoders are trained on captions of 75 tokens; leave them out"
                            + " (adapter.text_encoders=false) for longer ones");
        }
        if ("true".equals(ours.plain("train.full_finetune"))) {
            ours.put("model.dtype", "fp32", "full fine-tuning needs fp32");
        }
    }

    private static boolean isSet(Translation ours, String key) {
        String value = ours.plain(key);
        return value != null && !value.equals("0");
    }
}
