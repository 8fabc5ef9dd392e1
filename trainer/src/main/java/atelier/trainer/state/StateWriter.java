package atelier.trainer.state;

import ai.djl.ndarray.NDArray;

/** Takes what is saved of a run. Names are unique in the run: "loss_scale.value", "parameter.PATH.lora_up". */
public interface StateWriter {
    /** @param name the owner's name, a dot, and its own */
    void number(String name, double value);

    /** @param value fp32, uint8 or int64; read when the state is written, after all has been handed over */
    void tensor(String name, NDArray value);
}
