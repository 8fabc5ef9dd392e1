package atelier.cli.command;

import atelier.common.console.Progress;
import atelier.common.console.ProgressWatch;
import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import atelier.datasets.batch.DataSettings;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.audit.AuditRun;
import atelier.evaluation.audit.AuditSettings;
import atelier.evaluation.audit.report.AuditJson;
import atelier.evaluation.audit.report.AuditPage;
import atelier.evaluation.features.EfficientNetLite0;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.output.OutputGate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Audits what a run trained before any of it is exported, and keeps it back where training pictures come back. */
final class AuditGate implements OutputGate {
    private final AuditSettings audit;
    private final String device;
    private final ModelSettings model;
    private final DataSettings data;
    private final Invocation invocation;

    AuditGate(AuditSettings audit, String device, ModelSettings model, DataSettings data, Invocation invocation) {
        this.audit = audit;
        this.device = device;
        this.model = model;
        this.data = data;
        this.invocation = invocation;
    }

    /**
     * For whoever would give a run's products away.
     *
     * @throws RefusedException if an audit keeps them back
     */
    static void requireReleased(RunFolder run) {
        if (!Files.exists(run.withheld())) {
            return;
        }
        String again = Files.exists(run.adapter())
                ? "`evaluate run=" + run.path() + " audit.required=true`"
                : "`train resume=" + run.path() + "`";
        try {
            String reason = Files.readString(run.withheld(), StandardCharsets.UTF_8);
            throw new RefusedException(
                    "run=" + run.path() + " is withheld: " + reason + ". " + again + " comes to the audit again");
        } catch (IOException e) {
            throw new UncheckedIOException(run.withheld() + " cannot be read", e);
        }
    }

    @Override
    public void judge(RunFolder run, List<Path> products) throws IOException {
        for (Path product : products) {
            AuditResult result;
            try {
                result = audited(run, product);
            } catch (WrongCommandException | IOException | UncheckedIOException e) {
                throw new RefusedException("the audit cannot be made: " + e.getMessage(), e);
            }
            Path page = write(result, run);
            invocation.err().println("audit of " + product.getFileName() + ": " + result.summary());
            result.refusal().ifPresent(reason -> {
                throw new RefusedException(reason + "; " + page + " shows them");
            });
        }
    }

    private AuditResult audited(RunFolder run, Path product) throws IOException {
        try (Kernels kernels = Kernels.load(Devices.of(device), List.of(EfficientNetLite0.KERNELS));
                EfficientNetLite0 network = EfficientNetLite0.load(kernels);
                ProgressWatch watched = new ProgressWatch("audit", invocation.err(), invocation.terminal())) {
            return AuditRun.of(
                    audit, model, product, data, run.ledger(), kernels, network::embeddings, new Progress(watched));
        }
    }

    private static Path write(AuditResult result, RunFolder run) throws IOException {
        Path folder = Files.createDirectories(run.path().resolve("evaluation"));
        AtomicFile.write(folder.resolve("audit.json"), AuditJson.of(result).toPrettyString());
        Path page = folder.resolve("audit.html");
        AtomicFile.write(page, AuditPage.html(result));
        return page;
    }
}
