package atelier.studio.draw;

import atelier.inference.request.GenerationPlan;
import atelier.inference.request.GenerationPlan.Job;
import java.util.ArrayList;
import java.util.List;

/** A plan for what is left of it, and for other jobs. */
final class RemainingPlan {
    private RemainingPlan() {}

    /** The plan without its first pictures. */
    static GenerationPlan after(GenerationPlan plan, int pictures) {
        List<Job> jobs = new ArrayList<>();
        int left = pictures;
        for (Job job : plan.jobs()) {
            int gone = Math.min(left, job.seeds().size());
            left -= gone;
            if (gone < job.seeds().size()) {
                List<Long> seeds = job.seeds().subList(gone, job.seeds().size());
                jobs.add(new Job(
                        job.prompt(),
                        job.negativePrompt(),
                        seeds,
                        job.adapters(),
                        job.strength(),
                        job.place(),
                        job.number(),
                        job.tags()));
            }
        }
        return of(plan, jobs);
    }

    /** The same plan with other jobs. */
    static GenerationPlan of(GenerationPlan plan, List<Job> jobs) {
        return new GenerationPlan(
                jobs,
                plan.sampling(),
                plan.source(),
                plan.output(),
                plan.embeddings(),
                plan.model(),
                plan.precision(),
                plan.files(),
                plan.notices());
    }
}
