package atelier.trainer;

import atelier.datasets.consent.Ledger;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.AdapterFiles;
import atelier.diffusion.adapter.Merge;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.TokenizerFolders;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.DType;
import atelier.diffusion.weights.FolderWriter;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.adapter.AdapterMetadata;
import atelier.diffusion.weights.adapter.AdapterState;
import atelier.diffusion.weights.adapter.KohyaWriter;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** What a run leaves for other programs: the adapter in kohya's format, and base and adapter merged. */
final class RunExport {
    private RunExport() {}

    static void write(
            TrainingSettings settings, RunFolder folder, StableDiffusion model, Adapter adapter, Ledger ledger)
            throws IOException {
        Checkpoint base = model.checkpoint();
        AdapterState state = AdapterFiles.state(adapter, Component.UNET);
        ModuleNames names = ModuleNames.of(base.component(Component.UNET).config());
        DType type = dtype(settings.export().adapterDtype());
        KohyaWriter.write(state, folder.adapter(), type, base.family(), names, metadata(settings, base, ledger));
        if (settings.export().merged()) {
            Checkpoint merged = Merge.into(base, Component.UNET, adapter, 1, model.kernels());
            FolderWriter.write(
                    merged,
                    folder.merged(),
                    dtype(settings.export().mergedDtype()),
                    FolderWriter.SHARD_BYTES,
                    TokenizerFolders.of(base));
        }
    }

    private static DType dtype(Precision precision) {
        return switch (precision) {
            case FP32 -> DType.F32;
            case FP16 -> DType.F16;
            case BF16 -> DType.BF16;
        };
    }

    private static Map<String, String> metadata(TrainingSettings settings, Checkpoint base, Ledger ledger) {
        int side = settings.data().resolution();
        String method = settings.adapter().method().name().toLowerCase(Locale.ROOT);
        return new AdapterMetadata(base.family(), base.predictsV(), side, side)
                .network(method, settings.adapter().rank(), settings.adapter().alpha())
                .text("ss_output_name", settings.run().name())
                .figure("ss_steps", settings.train().steps())
                .figure("ss_learning_rate", settings.optimizer().lr())
                .text("ss_optimizer", settings.optimizer().name().name().toLowerCase(Locale.ROOT))
                .figure("ss_seed", settings.train().seed())
                .figure("ss_num_train_images", ledger.included().size())
                .text("modelspec.title", settings.run().name())
                .text("modelspec.trigger_phrase", settings.data().triggerWord())
                .text("atelier.ledger_sha256", ledger.digest())
                .build();
    }
}
