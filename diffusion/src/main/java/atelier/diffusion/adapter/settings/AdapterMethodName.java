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
    /** A product of the weight and a low-rank product, and a low-rank product (Chavan et al. 2023). */
    GLORA,
    /** A factor for each row of the weight, or for each of its inputs (Liu et al. 2022). */
    IA3,
    /** Blocks of the weight's rows rotated (Qiu et al. 2023). */
    OFT,
    /** The weight's rows rotated in stages of a butterfly (Liu et al. 2024). */
    BOFT,
    /** The whole difference of the weight. */
    FULL;

    /** Whether its tensors are products, which all of a size can be scaled down to. */
    boolean scalesDown() {
        return this != OFT && this != BOFT;
    }

    /** Whether trained row lengths can go with it. */
    boolean takesLengths() {
        return this == LORA || this == LOCON || this == LOHA || this == LOKR;
    }

    /** Whether a forward pass goes through a hidden state of the rank's width. */
    boolean lowRank() {
        return this == LORA || this == LOCON || this == DORA;
    }
}
