package atelier.cli.command;

import atelier.cli.config.InlineKeys;
import atelier.evaluation.audit.AuditSettings;
import atelier.trainer.run.TrainingSettings;

/**
 * The keys of {@code train}.
 *
 * @param training all of training
 * @param audit of what was trained before it is exported, where audit.required says so
 */
public record GatedTraining(@InlineKeys TrainingSettings training, AuditSettings audit) {}
