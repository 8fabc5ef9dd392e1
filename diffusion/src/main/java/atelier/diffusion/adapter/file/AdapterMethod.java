package atelier.diffusion.adapter.file;

/** How a module's update is made of its tensors. Any of them may also carry a {@code dora_scale}. */
public enum AdapterMethod {
    /** up down, on convolutions with an optional middle (Tucker) tensor: LoRA, LoCon. */
    LORA("LoRA"),
    /** The elementwise product of two low-rank products: LoHa. */
    LOHA("LoHa"),
    /** A Kronecker product: LoKr. */
    LOKR("LoKr"),
    /** The whole difference of the weight. */
    FULL("full difference");

    private final String title;

    AdapterMethod(String title) {
        this.title = title;
    }

    /** The method's name as papers write it. */
    public String title() {
        return title;
    }
}
