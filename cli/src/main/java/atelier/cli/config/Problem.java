package atelier.cli.config;

import atelier.common.error.UserException;

/**
 * One thing that is wrong with what was asked.
 *
 * @param place the file and line, or the override, that says it
 * @param fact what is the matter
 * @param remedy what to do about it; empty where the fact says it
 */
public record Problem(String place, String fact, String remedy) {
    @Override
    public String toString() {
        return UserException.message(place, fact, remedy);
    }
}
