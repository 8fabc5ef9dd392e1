package atelier.evaluation.audit;

import atelier.common.console.Progress;
import atelier.datasets.batch.DataSettings;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.evaluation.audit.detect.AuditSubject;
import atelier.evaluation.audit.detect.PictureEmbedding;
import atelier.inference.draw.MergedModel;
import atelier.inference.draw.PictureSize;
import atelier.inference.request.AdapterChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Audits what a run left: an adapter's file, or a whole model's folder. */
public final class AuditRun {
    private AuditRun() {}

    /**
     * Audits.
     *
     * @param model the base model
     * @param adapted an adapter's file, or a diffusers folder where all weights were taught
     * @param data as the run had it
     * @param ledger the run's ledger.csv
     * @param kernels stay the caller's
     * @param embedding features for likeness
     * @param progress hears what happens
     */
    public static AuditResult of(
            AuditSettings settings,
            ModelSettings model,
            Path adapted,
            DataSettings data,
            Path ledger,
            Kernels kernels,
            PictureEmbedding embedding,
            Progress progress)
            throws IOException {
        try (StableDiffusion base = StableDiffusion.open(model.source(), kernels, model.dtype(), Use.INFERENCE);
                StableDiffusion taught = taught(model, adapted, kernels)) {
            List<AuditSubject> pictures = AuditSubjectReader.of(
                            data, PictureSize.nativeTo(base).width())
                    .read(ledger, settings.heldOut());
            return new MemorisationAudit(settings, base, taught, embedding, progress).run(pictures);
        }
    }

    private static StableDiffusion taught(ModelSettings model, Path adapted, Kernels kernels) throws IOException {
        return Files.exists(adapted.resolve("model_index.json"))
                ? StableDiffusion.open(adapted, kernels, model.dtype(), Use.INFERENCE)
                : MergedModel.open(model.source(), List.of(new AdapterChoice(adapted, 1)), kernels, model.dtype());
    }
}
