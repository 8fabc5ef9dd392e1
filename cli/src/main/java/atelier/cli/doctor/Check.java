package atelier.cli.doctor;

/**
 * One thing looked at.
 *
 * @param state how it stands
 * @param name what was looked at
 * @param fact what was found
 * @param remedy what to do about it; empty where all is well
 */
public record Check(State state, String name, String fact, String remedy) {
    /** How a thing stands. */
    public enum State {
        /** As it should be. */
        GOOD,
        /** Works, but slower or with less than it could. */
        WEAK,
        /** Does not work. */
        BAD
    }

    static Check good(String name, String fact) {
        return new Check(State.GOOD, name, fact, "");
    }

    static Check weak(String name, String fact, String remedy) {
        return new Check(State.WEAK, name, fact, remedy);
    }

    static Check bad(String name, String fact, String remedy) {
        return new Check(State.BAD, name, fact, remedy);
    }
}
