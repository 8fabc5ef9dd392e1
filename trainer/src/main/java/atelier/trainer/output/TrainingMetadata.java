package atelier.trainer.output;

import static atelier.trainer.output.RunMetadata.truth;
import static atelier.trainer.output.RunMetadata.word;

import atelier.diffusion.adapter.file.AdapterMetadata;
import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.settings.AdapterMethodName;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.loop.TrainSettings;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.schedule.ScheduleSettings;
import java.util.Collections;
import java.util.Comparator;

/**
 * How an adapter was trained.
 *
 * @param name the run's
 * @param precision what the frozen networks computed in
 */
public record TrainingMetadata(
        String name,
        AdapterSettings adapter,
        OptimizerSettings optimizer,
        ScheduleSettings schedule,
        TrainSettings train,
        Precision precision) {
    /** An adapter that began as a file's is what that file was, of the largest rank that it has. */
    void network(AdapterMetadata metadata, AdapterState state) {
        if (state.modules().isEmpty()) {
            return;
        }
        if (adapter.initFrom() == null) {
            metadata.network(algorithm(adapter.method()), adapter.rank(), adapter.alpha());
            return;
        }
        ModuleState widest = Collections.max(state.modules().values(), Comparator.comparingInt(ModuleState::rank));
        boolean lengths = widest.method() == AdapterMethod.LORA && widest.decomposed();
        metadata.network(lengths ? "dora" : word(widest.method()), widest.rank(), widest.alpha());
    }

    /** LyCORIS's name of the method. */
    private static String algorithm(AdapterMethodName method) {
        return method == AdapterMethodName.OFT ? "diag-oft" : word(method);
    }

    void write(AdapterMetadata metadata, long steps, long stepsPerEpoch) {
        if (adapter.textEncoders()) {
            Double own = optimizer.textEncoderLr();
            metadata.figure("ss_text_encoder_lr", own == null ? optimizer.lr() : own);
        }
        long epochs = (steps + stepsPerEpoch - 1) / Math.max(1, stepsPerEpoch);
        metadata.text("ss_output_name", name)
                .figure("ss_learning_rate", optimizer.lr())
                .figure("ss_unet_lr", optimizer.lr())
                .figure("ss_max_train_steps", train.steps())
                .figure("ss_steps", steps)
                .figure("ss_epoch", epochs)
                .figure("ss_num_epochs", epochs)
                .figure("ss_num_batches_per_epoch", stepsPerEpoch)
                .figure("ss_batch_size_per_device", train.batchSize())
                .figure("ss_total_batch_size", train.picturesPerStep())
                .figure("ss_gradient_accumulation_steps", train.gradientAccumulation())
                .text("ss_gradient_checkpointing", truth(train.gradientCheckpointing()))
                .figure("ss_max_grad_norm", train.maxGradNorm())
                .figure("ss_seed", train.seed())
                .figure("ss_lr_warmup_steps", schedule.warmup())
                .text("ss_lr_scheduler", word(schedule.name()))
                .text("ss_optimizer", word(optimizer.name()))
                .text("ss_mixed_precision", mixed())
                .text("ss_full_fp16", "False")
                .text("ss_cache_latents", "True")
                .text("ss_lowram", "False")
                .text("ss_clip_skip", "None")
                .figure("ss_network_dropout", adapter.dropout())
                .text("ss_scale_weight_norms", adapter.maxNorm() > 0 ? Double.toString(adapter.maxNorm()) : "None");
    }

    private String mixed() {
        return switch (precision) {
            case FP32 -> "no";
            case FP16 -> "fp16";
            case BF16, INT8 -> "bf16";
        };
    }
}
