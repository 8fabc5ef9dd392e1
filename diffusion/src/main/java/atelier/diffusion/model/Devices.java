package atelier.diffusion.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import atelier.diffusion.tensor.Precision;
import java.util.Locale;

/** Turns the key {@code device} into a device that is there. */
public final class Devices {
    private Devices() {}

    /**
     * The device of a name.
     *
     * @param name auto (a GPU where there is one), cpu, cuda or cuda:N
     * @throws IllegalArgumentException when it is none of these, or no such GPU is there
     */
    public static Device of(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        int gpus = wanted.equals("cpu") ? 0 : Engine.getEngine("PyTorch").getGpuCount();
        if (wanted.equals("cpu") || (wanted.equals("auto") && gpus == 0)) {
            return Device.cpu();
        }
        if (wanted.equals("auto") || wanted.equals("cuda")) {
            return gpu(0, gpus, name);
        }
        if (wanted.matches("cuda:\\d{1,3}")) {
            return gpu(Integer.parseInt(wanted.substring(5)), gpus, name);
        }
        throw new IllegalArgumentException("device must be auto, cpu, cuda or cuda:N, got '" + name + "'");
    }

    /**
     * Refuses a precision that the device cannot compute in.
     *
     * @param key what asks for it, for the message
     */
    static void check(Device device, Precision precision, String key) {
        if (precision == Precision.FP16 && !device.isGpu()) {
            throw new IllegalArgumentException(
                    key + "=fp16 needs a GPU; on the CPU use bf16 (fast where AVX512-BF16 is there) or fp32");
        }
        if (precision == Precision.INT8 && device.isGpu()) {
            throw new IllegalArgumentException(key + "=int8 is for the CPU; on a GPU use bf16 or fp16");
        }
    }

    private static Device gpu(int index, int count, String name) {
        if (index >= count) {
            throw new IllegalArgumentException("device=" + name + " asks for GPU " + index + ", and PyTorch sees "
                    + count + "; use device=cpu, or build with -Pcuda on a machine with a driver");
        }
        return Device.gpu(index);
    }
}
