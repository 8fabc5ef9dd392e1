package atelier.trainer.state;

/** Something that is part of a saved state, so that a resumed run goes on from it. */
public interface Checkpointed {
    /** Writes all that a resume needs. */
    void save(StateWriter state);

    /** Takes back what {@link #save} wrote, in the same order of names or another. */
    void load(StateReader state);
}
