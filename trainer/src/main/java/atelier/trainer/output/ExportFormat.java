package atelier.trainer.output;

/** The forms in which a run's result is written for other programs. */
public enum ExportFormat {
    /** One file, read by A1111, Forge, ComfyUI, InvokeAI and SD.Next. */
    KOHYA("adapter-kohya.safetensors"),
    /** PEFT's folder: adapter_model.safetensors and adapter_config.json. */
    PEFT("peft"),
    /** One file for diffusers' load_lora_weights. */
    DIFFUSERS("adapter-diffusers.safetensors"),
    /** Base and adapter in one diffusers folder. */
    MERGED("merged"),
    /** Base and adapter in one file of the original layout. */
    SINGLE_FILE("model.safetensors");

    private final String place;

    ExportFormat(String place) {
        this.place = place;
    }

    /** Name of the file or folder within the folder of exports. */
    public String place() {
        return place;
    }

    /** Whether the adapter stands alone in it, without the base's weights. */
    public boolean isAdapter() {
        return switch (this) {
            case KOHYA, PEFT, DIFFUSERS -> true;
            case MERGED, SINGLE_FILE -> false;
        };
    }
}
