package atelier.evaluation.audit.detect;

import atelier.common.image.Pixels;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Many generations of one prompt beside one picture.
 *
 * @param size generations in the largest set that are all closer to one another than the edge
 * @param distance the median tiled distance of that set to the picture
 */
public record CliqueTest(int size, double distance) {
    public static CliqueTest of(Pixels picture, List<Pixels> generations, double edge) {
        int count = generations.size();
        double[][] distances = new double[count][count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < i; j++) {
                distances[i][j] = TiledDistance.between(generations.get(i), generations.get(j));
                distances[j][i] = distances[i][j];
            }
        }
        long clique = Cliques.largest(distances, edge);
        double[] members = IntStream.range(0, count)
                .filter(i -> (clique >>> i & 1) == 1)
                .mapToDouble(i -> TiledDistance.between(picture, generations.get(i)))
                .sorted()
                .toArray();
        return new CliqueTest(
                members.length, members.length == 0 ? Double.POSITIVE_INFINITY : members[members.length / 2]);
    }

    /**
     * Whether the clique is large enough and is the picture: at most at the published distance, and nearer than the base
     * model comes.
     */
    public boolean confirms(int wanted, double baseDistance) {
        return size >= wanted && distance <= TiledDistance.SAME && distance < baseDistance;
    }
}
