package atelier.diffusion.adapter;

/** The key {@code adapter.method}: how a layer's update is written. */
public enum AdapterMethodName {
    /** W + alpha / rank * up down (Hu et al. 2021). */
    LORA,
    /** LoRA with learnt row lengths (Liu et al. 2024). */
    DORA
}
