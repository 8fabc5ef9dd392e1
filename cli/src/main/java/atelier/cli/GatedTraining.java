package atelier.cli;

import atelier.cli.config.Inline;
import atelier.evaluation.audit.AuditSettings;
import atelier.trainer.TrainingSettings;

/**
 * The keys of {@code train}.
 *
 * @param training all of training
 * @param audit of what was learnt before it is exported, where audit.required says so
 */
public record GatedTraining(@Inline TrainingSettings training, AuditSettings audit) {}
