package atelier.common.console;

/**
 * How much there is to do, counted in passes of a network over one picture's noise, and how much of it is done. What is
 * expected may be corrected on the way.
 */
public final class Progress {
    private final Listener listener;
    private long done;
    private long all;

    /** Hears what happens. */
    public interface Listener {
        /** A line about what begins or has ended. */
        void says(String line);

        /**
         * Called after every few passes.
         *
         * @param done passes, of which there will be {@code all} as far as is known
         */
        void at(long done, long all);
    }

    public Progress(Listener listener) {
        this.listener = listener;
    }

    /** Tells nobody. */
    public static Progress silent() {
        return new Progress(new Listener() {
            @Override
            public void says(String line) {}

            @Override
            public void at(long done, long all) {}
        });
    }

    /** Says a line. */
    public void says(String line) {
        listener.says(line);
    }

    /** More passes are to be made, or fewer where it is negative. */
    public void expect(long passes) {
        all += passes;
    }

    /** Passes have been made. */
    public void did(long passes) {
        done += passes;
        listener.at(done, Math.max(all, done));
    }
}
