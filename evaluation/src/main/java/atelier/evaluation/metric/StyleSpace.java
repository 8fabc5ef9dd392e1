package atelier.evaluation.metric;

import atelier.common.error.WorkFailedException;
import atelier.evaluation.features.Features;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How near pictures come to several styles. A style is the mean over its reference pictures of a network's statistics;
 * each statistic is measured in units of its deviation within styles, so that those which vary with the motif count
 * little. d(x, s) = sqrt(mean_i ((x_i - s_i) / deviation_i)^2).
 */
public final class StyleSpace {
    /** Which statistics stand for style. */
    public enum Statistics {
        /** Means and deviations of channels (Huang and Belongie, 2017). */
        MOMENTS,
        /** Products of channels (Gatys et al., 2016). */
        GRAM
    }

    /** Deviations below this share of the largest one count as it: channels that are nearly always the same. */
    private static final double FLOOR = 1e-3;

    private final Statistics statistics;
    private final Map<String, Style> styles = new LinkedHashMap<>();
    private final double[] deviation;

    private record Style(List<double[]> members, double[] sum) {
        double centre(int i) {
            return sum[i] / members.size();
        }
    }

    /** @param references pictures of each style, at least two of each */
    public StyleSpace(Statistics statistics, Map<String, List<Features>> references) {
        this.statistics = statistics;
        references.forEach((name, pictures) -> {
            if (pictures.size() < 2) {
                throw new WorkFailedException("the style " + name + " needs at least two pictures");
            }
            List<double[]> members =
                    new ArrayList<>(pictures.stream().map(this::vector).toList());
            double[] sum = new double[members.get(0).length];
            for (double[] member : members) {
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += member[i];
                }
            }
            styles.put(name, new Style(members, sum));
        });
        deviation = deviations(styles.values());
    }

    private static double[] deviations(Collection<Style> styles) {
        int width = styles.iterator().next().sum().length;
        double[] squares = new double[width];
        int freedom = 0;
        for (Style style : styles) {
            freedom += style.members().size() - 1;
            for (double[] member : style.members()) {
                for (int i = 0; i < width; i++) {
                    double difference = member[i] - style.centre(i);
                    squares[i] += difference * difference;
                }
            }
        }
        double largest = 0;
        for (int i = 0; i < width; i++) {
            squares[i] = Math.sqrt(squares[i] / freedom);
            largest = Math.max(largest, squares[i]);
        }
        for (int i = 0; i < width; i++) {
            squares[i] = Math.max(squares[i], FLOOR * largest);
        }
        return squares;
    }

    /** The styles' names, in the order given. */
    public List<String> names() {
        return List.copyOf(styles.keySet());
    }

    /** The distance of a picture to a style. */
    public double distance(Features picture, String name) {
        Style style = style(name);
        double[] values = vector(picture);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double difference = (values[i] - style.centre(i)) / deviation[i];
            sum += difference * difference;
        }
        return Math.sqrt(sum / values.length);
    }

    /** The distance of a style's own reference to the mean of its other ones: what a perfect copy of the style reaches. */
    public double leftOut(String name, int member) {
        Style style = style(name);
        double[] own = style.members().get(member);
        int others = style.members().size() - 1;
        double sum = 0;
        for (int i = 0; i < own.length; i++) {
            double centre = (style.sum()[i] - own[i]) / others;
            double difference = (own[i] - centre) / deviation[i];
            sum += difference * difference;
        }
        return Math.sqrt(sum / own.length);
    }

    /** How many references a style has. */
    public int size(String name) {
        return style(name).members().size();
    }

    /** How much nearer a picture is to a style than to the nearest other one; negative where another is nearer. */
    public double margin(Features picture, String own) {
        return nearestOther(picture, own) - distance(picture, own);
    }

    /** As {@link #margin}, for one of the style's own references, left out of its mean. */
    public double leftOutMargin(String own, int member, Features picture) {
        return nearestOther(picture, own) - leftOut(own, member);
    }

    private double nearestOther(Features picture, String own) {
        return styles.keySet().stream()
                .filter(name -> !name.equals(own))
                .mapToDouble(name -> distance(picture, name))
                .min()
                .orElse(Double.NaN);
    }

    private Style style(String name) {
        Style style = styles.get(name);
        if (style == null) {
            throw new IllegalArgumentException("there is no style " + name + ", only " + styles.keySet());
        }
        return style;
    }

    private double[] vector(Features picture) {
        return switch (statistics) {
            case MOMENTS -> moments(picture);
            case GRAM -> gram(picture);
        };
    }

    private static double[] moments(Features picture) {
        double[] values = new double
                [picture.style().stream()
                        .mapToInt(layer -> 2 * layer.mean().length)
                        .sum()];
        int at = 0;
        for (Features.LayerStyle layer : picture.style()) {
            for (int i = 0; i < layer.mean().length; i++) {
                values[at++] = layer.mean()[i];
                values[at++] = Math.sqrt(Math.max(0, layer.variance()[i]));
            }
        }
        return values;
    }

    private static double[] gram(Features picture) {
        double[] values = new double
                [picture.style().stream()
                        .mapToInt(layer -> layer.mean().length * (layer.mean().length + 1) / 2)
                        .sum()];
        int at = 0;
        for (Features.LayerStyle layer : picture.style()) {
            int channels = layer.mean().length;
            for (int i = 0; i < channels; i++) {
                for (int j = 0; j <= i; j++) {
                    values[at++] = layer.gram()[i * channels + j];
                }
            }
        }
        return values;
    }
}
