package atelier.datasets.pairs;

import atelier.common.error.UserException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Something about the data that its owner should know, said as place, fact and remedy.
 *
 * @param severity whether an image is lost by it
 * @param place the file and line where it shows
 * @param image the image that it is about, as resolved against the images' folder, or null when it is about none
 * @param fact what is the case, without the place
 * @param remedy what to do about it
 */
public record Finding(
        Severity severity, Origin place, @Nullable Path image, String fact, String remedy) {

    public static Finding error(Origin place, @Nullable Path image, String fact, String remedy) {
        return new Finding(Severity.ERROR, place, image, fact, remedy);
    }

    public static Finding warning(Origin place, @Nullable Path image, String fact, String remedy) {
        return new Finding(Severity.WARNING, place, image, fact, remedy);
    }

    public static Finding note(Origin place, @Nullable Path image, String fact, String remedy) {
        return new Finding(Severity.NOTE, place, image, fact, remedy);
    }

    /** One sentence: {@code captions.csv line 41: 'cats/7.png' does not exist; paths are relative to data.images}. */
    public String message() {
        return UserException.message(place.toString(), fact, remedy);
    }

    @Override
    public String toString() {
        return message();
    }
}
