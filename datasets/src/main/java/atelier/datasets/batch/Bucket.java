package atelier.datasets.batch;

/** A size, in pixels, to which pictures of like proportions are brought so that they can share a batch. */
public record Bucket(int width, int height) {
    public Bucket {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("a bucket is at least 1 x 1, got " + width + " x " + height);
        }
    }

    public double aspect() {
        return (double) width / height;
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
