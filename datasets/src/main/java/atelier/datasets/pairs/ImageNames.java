package atelier.datasets.pairs;

import java.util.Locale;
import java.util.Set;

/** Which file names are those of images, captions, or of images that cannot be read. */
final class ImageNames {
    private static final Set<String> IMAGES =
            Set.of("png", "jpg", "jpeg", "jpe", "jfif", "webp", "tif", "tiff", "bmp", "gif");
    private static final Set<String> UNREAD =
            Set.of("avif heic heif hif heics jxl jp2 svg psd xcf ico tga exr dng cr2 cr3 nef arw orf rw2 raf pef srw"
                    .split(" "));
    private static final Set<String> VIDEOS = Set.of("mp4", "mov", "m4v", "avi", "mkv", "webm", "mpg", "mts", "3gp");

    private ImageNames() {}

    static boolean isImage(String name) {
        return IMAGES.contains(extension(name));
    }

    /** An image, but of a format that is not read. */
    static boolean isUnread(String name) {
        return UNREAD.contains(extension(name));
    }

    static boolean isVideo(String name) {
        return VIDEOS.contains(extension(name));
    }

    static String extension(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /** The name without its extension. */
    static String stem(String name) {
        int dot = name.lastIndexOf('.');
        return dot <= name.lastIndexOf('/') + 1 ? name : name.substring(0, dot);
    }
}
