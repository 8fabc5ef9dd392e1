package atelier.diffusion.adapter.math;

import atelier.common.error.MalformedException;

/**
 * A dense fp32 matrix, row by row; enough linear algebra for adapters.
 *
 * @param rows its rows
 * @param columns its columns
 * @param values rows * columns, row by row
 */
@SuppressWarnings("ArrayRecordComponent")
public record Matrix(int rows, int columns, float[] values) {
    public Matrix {
        if ((long) rows * columns != values.length) {
            throw new MalformedException(
                    "has " + values.length + " values where " + rows + " x " + columns + " are needed");
        }
    }

    static Matrix zero(int rows, int columns) {
        return new Matrix(rows, columns, new float[Math.multiplyExact(rows, columns)]);
    }

    float at(int row, int column) {
        return values[row * columns + column];
    }

    /** this times other; the inner loop runs along rows, which the compiler vectorises. */
    Matrix times(Matrix other) {
        if (columns != other.rows) {
            throw new MalformedException(
                    "multiplies " + rows + " x " + columns + " by " + other.rows + " x " + other.columns);
        }
        Matrix product = zero(rows, other.columns);
        for (int row = 0; row < rows; row++) {
            int to = row * other.columns;
            for (int inner = 0; inner < columns; inner++) {
                float factor = values[row * columns + inner];
                int from = inner * other.columns;
                for (int column = 0; column < other.columns; column++) {
                    product.values[to + column] += factor * other.values[from + column];
                }
            }
        }
        return product;
    }

    Matrix transposed() {
        Matrix result = zero(columns, rows);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                result.values[column * rows + row] = values[row * columns + column];
            }
        }
        return result;
    }

    /** The first columns. */
    Matrix columns(int count) {
        Matrix result = zero(rows, count);
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values, row * columns, result.values, row * count, count);
        }
        return result;
    }

    /** The square of the Frobenius norm. */
    double energy() {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }
}
