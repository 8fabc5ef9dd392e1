package atelier.cli.config;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What other trainers call our keys, so that who comes from them is told the name and not left to guess. */
final class ForeignNames {
    private static final Map<String, String> OURS = Map.ofEntries(
            Map.entry("pretrained_model_name_or_path", "model.path"),
            Map.entry("mixed_precision", "model.dtype"),
            Map.entry("train_data_dir", "data.images"),
            Map.entry("max_token_length", "data.max_token_length"),
            Map.entry("train_batch_size", "train.batch_size"),
            Map.entry("gradient_accumulation_steps", "train.gradient_accumulation"),
            Map.entry("max_train_steps", "train.steps"),
            Map.entry("save_every_n_steps", "train.save_every"),
            Map.entry("checkpointing_steps", "train.save_every"),
            Map.entry("sample_every_n_steps", "train.sample_every"),
            Map.entry("learning_rate", "optimizer.lr"),
            Map.entry("unet_lr", "optimizer.lr"),
            Map.entry("text_encoder_lr", "optimizer.text_encoder_lr"),
            Map.entry("train_text_encoder", "adapter.text_encoders"),
            Map.entry("network_weights", "adapter.init_from"),
            Map.entry("prediction_type", "objective.prediction_type"),
            Map.entry("zero_terminal_snr", "objective.zero_terminal_snr"),
            Map.entry("optimizer_type", "optimizer.name"),
            Map.entry("network_module", "adapter.method"),
            Map.entry("network_dim", "adapter.rank"),
            Map.entry("network_rank", "adapter.rank"),
            Map.entry("network_alpha", "adapter.alpha"),
            Map.entry("lora_alpha", "adapter.alpha"),
            Map.entry("target_modules", "adapter.targets"),
            Map.entry("output_dir", "run.dir"),
            Map.entry("output_name", "run.name"),
            Map.entry("resume_from_checkpoint", "resume"),
            Map.entry("num_inference_steps", "steps"),
            Map.entry("num_images_per_prompt", "count"),
            Map.entry("cfg_scale", "guidance_scale"),
            Map.entry("scheduler", "sampler"));

    private ForeignNames() {}

    /** Our name of the key that kohya's or diffusers' scripts call {@code name}; null where we know none. */
    static @Nullable String ours(String name) {
        return OURS.get(name.toLowerCase(Locale.ROOT).replace('-', '_'));
    }
}
