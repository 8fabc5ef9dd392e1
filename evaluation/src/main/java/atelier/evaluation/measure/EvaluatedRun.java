package atelier.evaluation.measure;

import atelier.common.file.NamedPath;
import atelier.datasets.batch.DataSettings;
import atelier.diffusion.model.ModelSettings;
import java.nio.file.Path;
import java.util.Map;

/**
 * The run that is judged.
 *
 * @param name as people know it
 * @param folder that holds ledger.csv and takes the evaluation
 * @param model the base that it started from
 * @param adapter what it trained
 * @param data as it had them
 * @param facts further settings that the report and the model card quote, in order
 */
public record EvaluatedRun(
        String name, Path folder, ModelSettings model, Path adapter, DataSettings data, Map<String, String> facts) {
    /** The base model's name, which says nothing of the folders that it lies in. */
    public String modelName() {
        return NamedPath.name(model.requirePath());
    }

    /** The run's table of verdicts. */
    public Path ledger() {
        return folder.resolve("ledger.csv");
    }
}
