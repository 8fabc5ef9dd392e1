package atelier.trainer.run;

import atelier.trainer.prepare.RunInputs;

/**
 * A run of which nothing has been written yet.
 *
 * @param inputs what it reads
 * @param cost what it takes of memory and disk, which there is room for
 */
public record OpenedRun(RunInputs inputs, RunCost cost) {}
