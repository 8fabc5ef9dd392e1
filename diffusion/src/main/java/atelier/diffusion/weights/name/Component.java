package atelier.diffusion.weights.name;

/** A pipeline's networks, with their folders and file names in the diffusers layout. */
public enum Component {
    UNET("unet", "diffusion_pytorch_model"),
    VAE("vae", "diffusion_pytorch_model"),
    TEXT_ENCODER("text_encoder", "model"),
    TEXT_ENCODER_2("text_encoder_2", "model");

    private final String folder;
    private final String file;

    Component(String folder, String file) {
        this.folder = folder;
        this.file = file;
    }

    /** The folder's name, which is also the component's name in model_index.json. */
    public String folder() {
        return folder;
    }

    /** The weight file's name without variant and ending. */
    public String file() {
        return file;
    }

    /** True for the two text encoders. */
    public boolean isTextEncoder() {
        return this == TEXT_ENCODER || this == TEXT_ENCODER_2;
    }

    /** The folder of a text encoder's tokenizer: {@code tokenizer} or {@code tokenizer_2}. */
    public String tokenizerFolder() {
        return this == TEXT_ENCODER_2 ? "tokenizer_2" : "tokenizer";
    }
}
