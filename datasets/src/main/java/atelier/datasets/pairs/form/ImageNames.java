package atelier.datasets.pairs.form;

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

    /** What to do with an image that is not read: the command that converts it, where there is a common one. */
    static String conversion(String name) {
        String png = stem(name) + ".png";
        return switch (extension(name)) {
            case "avif" -> "convert it, as by: avifdec '" + name + "' '" + png + "'";
            case "heic", "heif", "hif", "heics" -> "convert it, as by: heif-convert '" + name + "' '" + png + "'";
            case "jxl" -> "convert it, as by: djxl '" + name + "' '" + png + "'";
            case "svg" -> "convert it, as by: rsvg-convert '" + name + "' -o '" + png + "'";
            default -> "convert it to PNG or JPEG";
        };
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
