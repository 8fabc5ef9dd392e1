package atelier.diffusion.cuda;

/**
 * A card.
 *
 * @param index its number in {@code cuda:N}
 * @param name the maker's name
 * @param major the compute capability's first number, 8 of 8.9
 * @param minor its second
 * @param totalBytes its memory
 * @param freeBytes what no process holds of it
 */
public record Gpu(int index, String name, int major, int minor, long totalBytes, long freeBytes) {
    /** The compute capability, such as 8.9. */
    public String capability() {
        return major + "." + minor;
    }

    /** Whether its units multiply bf16; older cards emulate it, slowly. */
    public boolean computesBf16() {
        return major >= 8;
    }

    /** 10 times the compute capability: 89 for 8.9. */
    int architecture() {
        return 10 * major + minor;
    }
}
