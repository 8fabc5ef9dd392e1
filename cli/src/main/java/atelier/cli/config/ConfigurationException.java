package atelier.cli.config;

import atelier.common.error.WrongCommandException;
import java.util.List;
import java.util.stream.Collectors;

/** What was asked cannot be done as it stands; carries every problem that was found, not the first alone. */
public final class ConfigurationException extends WrongCommandException {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    public ConfigurationException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public ConfigurationException(Problem problem) {
        this(List.of(problem));
    }

    public List<Problem> problems() {
        return problems;
    }
}
