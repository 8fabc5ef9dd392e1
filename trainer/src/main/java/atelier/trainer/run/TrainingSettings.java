package atelier.trainer.run;

import static atelier.common.error.Checks.check;

import atelier.common.error.WrongCommandException;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.MaskSource;
import atelier.datasets.consent.OptOutSettings;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.folder.RunSettings;
import atelier.trainer.listen.SampleSettings;
import atelier.trainer.listen.ValidationSettings;
import atelier.trainer.loop.TrainSettings;
import atelier.trainer.objective.ObjectiveSettings;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.output.ExportFormat;
import atelier.trainer.output.ExportSettings;
import atelier.trainer.schedule.ScheduleSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
                !adapter.textEncoders() || data.captionWindows() == 1,
                "data.max_token_length must be 75 with adapter.text_encoders: encoders are trained on captions of one"
                        + " window");
        check(
                !objective.maskedLoss() || data.mask() != MaskSource.NONE,
                "objective.masked_loss needs masks: set data.mask = alpha or file");
        if (train.fullFinetune()) {
            check(
                    model.dtype() == Precision.FP32,
                    "model.dtype must be fp32 with train.full_finetune: steps of the usual size vanish in narrower"
                            + " weights");
            check(
                    !adapter.textEncoders() && adapter.initFrom() == null,
                    "adapter.text_encoders must be false and adapter.init_from null with train.full_finetune: the"
                            + " UNet's own weights are trained, and no adapter");
            check(
                    export.formats().stream().noneMatch(ExportFormat::isAdapter),
                    "export.formats must name no adapter with train.full_finetune: merged and single_file are what"
                            + " such a run can give");
            check(
                    export.merged(),
                    "export.merged must be true with train.full_finetune: merged/ is all that such a run gives");
        }
    }

    /** The groups that the result depends on as a whole, but for the places of files. */
    Map<String, Record> groups() {
        Map<String, Record> groups = new LinkedHashMap<>();
        groups.put("data", data);
        groups.put("adapter", adapter);
        groups.put("optimizer", optimizer);
        groups.put("schedule", schedule);
        groups.put("objective", objective);
        return groups;
    }
}
