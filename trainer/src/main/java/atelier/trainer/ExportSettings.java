package atelier.trainer;

import atelier.diffusion.tensor.Precision;

/**
 * The group {@code export} of the configuration: what a run leaves at its end.
 *
 * @param adapterDtype element type of adapter.safetensors
 * @param merged whether merged/ is written: base and adapter in one diffusers folder
 * @param mergedDtype element type of merged/
 */
public record ExportSettings(Precision adapterDtype, boolean merged, Precision mergedDtype) {}
