package atelier.diffusion.adapter.file;

import java.util.Set;

/** The formats of adapter files, told by their tensors' names. */
public enum AdapterFormat {
    KOHYA("kohya's format", "A1111, Forge, ComfyUI, InvokeAI, SD.Next, diffusers"),
    LYCORIS(
            "kohya's format with LyCORIS's methods",
            "A1111, Forge, ComfyUI, InvokeAI, SD.Next, LyCORIS; not diffusers, which drops what is not plain LoRA"),
    DIFFUSERS("diffusers' format", "diffusers, ComfyUI, InvokeAI, SD.Next; not A1111, which splits names at dots"),
    PEFT("PEFT's format", "PEFT, diffusers (load_lora_adapter); not A1111"),
    LDM("the original layout's names", "ComfyUI, Forge");

    /** What the names of embeddings in an adapter's file begin with, in every format. */
    public static final String BUNDLE = "bundle_emb.";

    private final String title;
    private final String readers;

    AdapterFormat(String title, String readers) {
        this.title = title;
        this.readers = readers;
    }

    public String title() {
        return title;
    }

    /** The programs that load it. */
    public String readers() {
        return readers;
    }

    public static AdapterFormat of(Set<String> names) {
        if (any(names, "base_model.model.")) {
            return PEFT;
        }
        if (any(names, "diffusion_model.") || any(names, "text_encoders.") || any(names, "model.diffusion_model.")) {
            return LDM;
        }
        if (any(names, "unet.")
                || any(names, "text_encoder.")
                || any(names, "text_encoder_2.")
                || any(names, "down_blocks.")) {
            return DIFFUSERS;
        }
        boolean plain = names.stream()
                .filter(name -> !name.startsWith(BUNDLE))
                // diffusers drops dora_scale from kohya's files.
                .allMatch(name -> name.endsWith(".alpha") || name.contains(".lora_"));
        return plain ? KOHYA : LYCORIS;
    }

    private static boolean any(Set<String> names, String prefix) {
        return names.stream().anyMatch(name -> name.startsWith(prefix));
    }
}
