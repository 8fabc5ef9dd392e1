package atelier.trainer.optimizer;

/** The update rules that optimizer.name chooses from. */
public enum OptimizerName {
    ADAMW,
    ADAMW_8BIT,
    ADAFACTOR,
    PRODIGY,
    LION,
    SGD,
    MUON,
    SCHEDULE_FREE_ADAMW
}
