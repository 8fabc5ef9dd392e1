package atelier.datasets.pairs;

import java.io.Serializable;

/**
 * Consecutive rows of a Parquet file.
 *
 * @param file the file's path, as the user named it or its folder
 * @param from the first row, from 0
 * @param rows how many
 */
public record RowBlock(String file, long from, int rows) implements Serializable {}
