package atelier.cli.config;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The runs that {@code --multirun} asks for: the product of the comma-separated values, the last key fastest.
 * {@code adapter.targets=[attention,feed_forward]} is one value, not two.
 */
public final class Sweep {
    private Sweep() {}

    /**
     * One run of a sweep.
     *
     * @param number from 0, in the sweep's order
     * @param changes the words of this run
     * @param label the swept words alone, for names and tables: {@code adapter.rank=8,optimizer.lr=0.001}; empty where
     *     nothing is swept
     */
    public record Job(int number, List<String> changes, String label) {}

    public static List<Job> jobs(List<String> words) {
        List<List<String>> choices = words.stream().map(Sweep::choices).toList();
        List<List<String>> products = List.of(List.of());
        for (List<String> options : choices) {
            List<List<String>> longer = new ArrayList<>();
            for (List<String> product : products) {
                for (String option : options) {
                    List<String> next = new ArrayList<>(product);
                    next.add(option);
                    longer.add(next);
                }
            }
            products = longer;
        }
        List<Job> jobs = new ArrayList<>();
        for (List<String> product : products) {
            String label = IntStream.range(0, product.size())
                    .filter(i -> choices.get(i).size() > 1)
                    .mapToObj(product::get)
                    .collect(Collectors.joining(","));
            jobs.add(new Job(jobs.size(), List.copyOf(product), label));
        }
        return jobs;
    }

    private static List<String> choices(String word) {
        int equals = word.indexOf('=');
        if (equals < 0) {
            return List.of(word);
        }
        List<String> values = Literal.split(word.substring(equals + 1));
        String key = word.substring(0, equals + 1);
        return values.size() < 2
                ? List.of(word)
                : values.stream().map(value -> key + value).toList();
    }
}
