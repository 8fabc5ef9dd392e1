package atelier.trainer.run;

import static atelier.common.error.Checks.check;

import atelier.common.error.WrongCommandException;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.MaskSource;
import atelier.datasets.consent.OptOutSettings;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.diffusion.adapter.settings.AdapterMethodName;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.EmbeddingSettings;
import atelier.trainer.folder.RunSettings;
import atelier.trainer.listen.SampleSettings;
import atelier.trainer.listen.ValidationSettings;
import atelier.trainer.loop.TrainSettings;
import atelier.trainer.objective.InpaintingMasks;
import atelier.trainer.objective.ObjectiveSettings;
import atelier.trainer.optimizer.OptimizerName;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.output.ExportFormat;
import atelier.trainer.output.ExportSettings;
import atelier.trainer.schedule.ScheduleSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the train command reads.
 *
 * @param device where the arithmetic runs: auto, cpu, cuda or cuda:N
 * @param resume a run's folder to go on from
 */
public record TrainingSettings(
        String device,
        @Nullable Path resume,
        ModelSettings model,
        DataSettings data,
        OptOutSettings optout,
        LicenceSettings licence,
        AdapterSettings adapter,
        EmbeddingSettings embedding,
        OptimizerSettings optimizer,
        ScheduleSettings schedule,
        ObjectiveSettings objective,
        TrainSettings train,
        ValidationSettings validation,
        SampleSettings sample,
        ExportSettings export,
        RunSettings run) {
    public TrainingSettings {
        if (!device.matches("auto|cpu|cuda(:\\d{1,3})?")) {
            throw new WrongCommandException("device must be auto, cpu, cuda or cuda:N, got '" + device + "'");
        }
        check(
                !(adapter.textEncoders() || embedding.isTrained()) || data.captionWindows() == 1,
                "data.max_token_length must be 75 with adapter.text_encoders and with embedding.tokens: gradients go"
                        + " through the text encoders for captions of one window");
        check(
                embedding.vectorsLr() == null || optimizer.name() != OptimizerName.PRODIGY,
                "embedding.vectors_lr must be null with prodigy, which finds one rate for all, got %s",
                embedding.vectorsLr());
        check(
                !embedding.alone() || (adapter.initFrom() == null && !adapter.textEncoders()),
                "embedding.alone trains no adapter: adapter.init_from must be null and adapter.text_encoders false");
        check(
                !embedding.alone()
                        || export.formats().stream()
                                .noneMatch(format -> format == ExportFormat.PEFT || format == ExportFormat.DIFFUSERS),
                "export.formats must name neither peft nor diffusers with embedding.alone: the run's folder embeddings/"
                        + " has what they read");
        check(
                !objective.maskedLoss() || data.mask() != MaskSource.NONE,
                "objective.masked_loss needs masks: set data.mask = alpha or file");
        check(
                objective.inpaintingMasks() != InpaintingMasks.OWN || data.mask() != MaskSource.NONE,
                "objective.inpainting_masks = own needs masks: set data.mask = alpha or file");
        if (!train.fullFinetune() && adapter.initFrom() == null && !embedding.alone()) {
            checkForms(adapter, export);
        }
        if (train.fullFinetune()) {
            check(
                    model.dtype() == Precision.FP32,
                    "model.dtype must be fp32 with train.full_finetune: steps of the usual size vanish in narrower"
                            + " weights");
            check(
                    !adapter.textEncoders() && adapter.initFrom() == null && !embedding.isTrained(),
                    "adapter.text_encoders must be false, adapter.init_from null and embedding.tokens empty with"
                            + " train.full_finetune: the UNet's own weights are trained, and nothing else");
            check(
                    export.formats().stream().noneMatch(ExportFormat::isAdapter),
                    "export.formats must name no adapter with train.full_finetune: merged and single_file are what"
                            + " such a run can give");
            check(
                    export.merged(),
                    "export.merged must be true with train.full_finetune: merged/ is all that such a run gives");
        }
    }

    /** Refuses now what would only be refused once all steps are made. */
    private static void checkForms(AdapterSettings adapter, ExportSettings export) {
        boolean pairs = adapter.method() == AdapterMethodName.LORA
                || adapter.method() == AdapterMethodName.LOCON
                || adapter.method() == AdapterMethodName.DORA;
        boolean peft = pairs
                || adapter.method() == AdapterMethodName.LOHA
                || adapter.method() == AdapterMethodName.LOKR
                || adapter.method() == AdapterMethodName.IA3;
        String method = adapter.method().name().toLowerCase(Locale.ROOT);
        check(
                peft || !export.formats().contains(ExportFormat.PEFT),
                "export.formats: peft has no form for adapter.method = %s; name kohya, merged or single_file",
                method);
        check(
                pairs || !export.formats().contains(ExportFormat.DIFFUSERS),
                "export.formats: diffusers has no form for adapter.method = %s; name kohya, merged or single_file",
                method);
        boolean vectors =
                adapter.targets().contains(Group.NORMS) || adapter.targets().contains(Group.BIASES);
        check(
                !vectors || !export.formats().contains(ExportFormat.DIFFUSERS),
                "export.formats: diffusers has no form for norms and biases among adapter.targets; name kohya or peft,"
                        + " got %s",
                adapter.targets());
    }

    /** Whether gradients go back through the text encoders: for their adapters, or for new tokens. */
    boolean trainsText() {
        return adapter.textEncoders() || embedding.isTrained();
    }

    /** The groups that the result depends on as a whole, but for the places of files. */
    Map<String, Record> groups() {
        Map<String, Record> groups = new LinkedHashMap<>();
        groups.put("data", data);
        groups.put("adapter", adapter);
        groups.put("embedding", embedding);
        groups.put("optimizer", optimizer);
        groups.put("schedule", schedule);
        groups.put("objective", objective);
        return groups;
    }
}
