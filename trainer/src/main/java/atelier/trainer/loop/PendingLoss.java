package atelier.trainer.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Upload;
import java.util.ArrayList;
import java.util.List;

/** The loss of passes: a number, and parts that a device is still at work on. */
public final class PendingLoss implements AutoCloseable {
    private final NDList parts = new NDList();
    /** What passes sent and may still be on its way. */
    private final List<Upload> sent = new ArrayList<>();

    private double known;

    private PendingLoss(double known) {
        this.known = known;
    }

    /** A loss that is known already. */
    public static PendingLoss of(double value) {
        return new PendingLoss(value);
    }

    /**
     * A loss on a device.
     *
     * @param value [] fp32; closed with this
     * @param from what it was made of
     */
    static PendingLoss of(NDArray value, Upload from) {
        PendingLoss loss = new PendingLoss(0);
        loss.parts.add(value);
        loss.sent.add(from);
        return loss;
    }

    /** Adds a loss of the same device, which this takes over. */
    void add(PendingLoss other) {
        known += other.known;
        parts.addAll(other.parts);
        sent.addAll(other.sent);
    }

    /** What is known of it. */
    double known() {
        return known;
    }

    /** The rest, numbers on one device. */
    NDList parts() {
        return parts;
    }

    /** Waits for all of it and gives the sum; closed afterwards. */
    double await() {
        try (this) {
            double sum = known;
            for (NDArray part : parts) {
                sum += HostCopy.number(part);
            }
            return sum;
        }
    }

    /** To be called once something later was read back. */
    @Override
    public void close() {
        parts.forEach(NDArray::close);
        parts.clear();
        sent.forEach(Upload::close);
        sent.clear();
    }
}
