package atelier.diffusion.adapter.settings;

/** The key {@code adapter.method}: how a layer's update is written. */
public enum AdapterMethodName {
    /** W + alpha / rank * up down (Hu et al. 2021), on convolutions too where adapter.targets names them. */
    LORA,
    /** LoRA, and with it all convolutions of residual blocks and samplers, of a rank of their own. */
    LOCON,
    /** LoRA with trained row lengths (Liu et al. 2024). */
    DORA,
    /** An elementwise product of two low-rank products (Hyeon-Woo et al. 2022). */
    LOHA,
    /** A Kronecker product (Edalati et al. 2022). */
    LOKR,
    /** The whole difference of the weight. */
    FULL;

    /** Whether a forward pass goes through a hidden state of the rank's width. */
    boolean lowRank() {
        return this == LORA || this == LOCON || this == DORA;
    }
}
