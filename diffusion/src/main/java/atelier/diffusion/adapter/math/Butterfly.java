package atelier.diffusion.adapter.math;

/**
 * BOFT's product of sparse rotations (Liu et al. 2024) as LyCORIS multiplies them: stage i turns rows together that lie
 * 2^i half blocks apart.
 */
final class Butterfly {
    private Butterfly() {}

    /**
     * What the stages change of a weight.
     *
     * @param rotations of all stages, one stage's blocks after the other's
     * @param size rows of a block
     */
    static Matrix update(Matrix weight, double[][][] rotations, int stages, int size) {
        int rows = weight.rows();
        int columns = weight.columns();
        int blocks = rows / size;
        double[] now = new double[rows * columns];
        for (int i = 0; i < now.length; i++) {
            now[i] = weight.values()[i];
        }
        for (int stage = 0; stage < stages; stage++) {
            int[] order = order(rows, size / 2 << stage);
            double[] next = new double[now.length];
            for (int row = 0; row < rows; row++) {
                double[] turn = rotations[stage * blocks + row / size][row % size];
                int first = row - row % size;
                for (int n = 0; n < size; n++) {
                    int from = order[first + n] * columns;
                    for (int column = 0; column < columns; column++) {
                        next[order[row] * columns + column] += turn[n] * now[from + column];
                    }
                }
            }
            now = next;
        }
        Matrix update = Matrix.zero(rows, columns);
        for (int i = 0; i < now.length; i++) {
            update.values()[i] = (float) (now[i] - weight.values()[i]);
        }
        return update;
    }

    /** Which row stands at each place once rows that are {@code far} apart lie side by side. */
    private static int[] order(int rows, int far) {
        int[] order = new int[rows];
        for (int place = 0; place < rows; place++) {
            int pair = place / (2 * far);
            int within = place % (2 * far);
            order[place] = pair * 2 * far + within % 2 * far + within / 2;
        }
        return order;
    }
}
