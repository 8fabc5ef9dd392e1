package atelier.trainer.objective;

/** How timesteps are drawn: objective.timesteps. */
public enum TimestepLaw {
    /** Each alike. */
    UNIFORM,
    /** u = 1 / (1 + exp(-(mean + deviation z))), z normal: more from the middle (Esser et al. 2024). */
    LOGIT_NORMAL,
    /** Example i of n draws from the i-th n-th of the range: a batch covers it evenly. */
    STRATIFIED
}
