package atelier.trainer.schedule;

/** The learning rate's curves that schedule.name chooses from. */
public enum ScheduleName {
    /** Level. */
    CONSTANT,
    /** A straight line down. */
    LINEAR,
    /** Half a cosine down. */
    COSINE,
    /** Half a cosine down, several times, each from the top (Loshchilov and Hutter 2017, SGDR). */
    RESTARTS,
    /** (1 - x)^power. */
    POLYNOMIAL,
    /** Up and down by half cosines, ending far below the start (Smith and Topin 2018). */
    ONE_CYCLE,
    /** (1 - x) / (1/2 + (1 - x) / 2): level first, steep at the end (Chen et al. 2021). */
    REX
}
