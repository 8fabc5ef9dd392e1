package atelier.trainer.run;

import atelier.trainer.listen.SamplePlan;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.prepare.SamplePrompts;
import java.util.List;
import java.util.function.Consumer;

/** What a run draws, and what is said of it. */
final class RunSamples {
    private RunSamples() {}

    /** The prompts that the user gives, or some of the captions. */
    static List<String> prompts(TrainingSettings settings, JudgedPairs pairs, Consumer<String> says) {
        List<String> given = settings.sample().prompts();
        if (given != null) {
            return given;
        }
        SamplePrompts chosen = SamplePrompts.choose(
                pairs, settings.data().still().captions(), settings.train().seed());
        says.accept(chosen.told());
        return chosen.all();
    }

    /** Says how many samples there will be, and where the base model's are not among them. */
    static void tell(SamplePlan plan, boolean fullFinetune, Consumer<String> says) {
        String line = plan.told();
        if (!line.isEmpty()) {
            says.accept(line);
        }
        if (!plan.prompts().isEmpty() && fullFinetune) {
            says.accept("samples show no image of the base model: train.full_finetune changes its own weights");
        }
    }
}
