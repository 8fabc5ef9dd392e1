package atelier.trainer.state;

import ai.djl.ndarray.NDArray;

/** Gives back what a {@link StateWriter} took. */
public interface StateReader {
    /**
     * A number of the state.
     *
     * @param otherwise for a state that was saved without it
     */
    double number(String name, double otherwise);

    /**
     * A number of the state.
     *
     * @throws atelier.common.error.WrongCommandException when the state has none of that name
     */
    double number(String name);

    /**
     * Fills an array with the state's bits.
     *
     * @throws atelier.common.error.WrongCommandException when the state has none of that name and shape
     */
    void tensor(String name, NDArray into);
}
