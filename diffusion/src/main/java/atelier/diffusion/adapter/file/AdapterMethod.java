package atelier.diffusion.adapter.file;

/** How a module's update is made of its tensors. Those that do not need the base may also carry a {@code dora_scale}. */
public enum AdapterMethod {
    /** up down, on convolutions with an optional middle (Tucker) tensor: LoRA, LoCon. */
    LORA("LoRA", false),
    /** The elementwise product of two low-rank products: LoHa. */
    LOHA("LoHa", false),
    /** A Kronecker product: LoKr. */
    LOKR("LoKr", false),
    /** The whole difference of the weight, of the bias, or of both. */
    FULL("full difference", false),
    /** W a1 a2 + b1 b2 (Chavan et al. 2023). */
    GLORA("GLoRA", true),
    /** Rows or columns of the weight multiplied (Liu et al. 2022). */
    IA3("IA3", true),
    /** Blocks of rows or columns rotated (Qiu et al. 2023). */
    OFT("OFT", true),
    /** Rows rotated in the stages of a butterfly (Liu et al. 2024). */
    BOFT("BOFT", true),
    /** Another weight in place of the base's. */
    REPLACEMENT("whole weight", true);

    private final String title;
    private final boolean ofBase;

    AdapterMethod(String title, boolean ofBase) {
        this.title = title;
        this.ofBase = ofBase;
    }

    /** The method's name as papers write it. */
    public String title() {
        return title;
    }

    /** Whether the update is a function of the base's weight: such a module has no matrix of its own. */
    public boolean isOfBase() {
        return ofBase;
    }
}
