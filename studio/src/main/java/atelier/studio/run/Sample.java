package atelier.studio.run;

/**
 * A grid that a run drew.
 *
 * @param step after which; 0 for the grid that shows the base above and the adapter below
 * @param file its name in samples/
 * @param title for people
 */
public record Sample(long step, String file, String title) {}
