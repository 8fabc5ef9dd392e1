package atelier.datasets.decode.header;

/**
 * What a JPEG says of its coding.
 *
 * @param channels 1, 3 or 4
 * @param adobe the Adobe marker's colour transform (0 none, 1 YCbCr, 2 YCCK), or -1 without a marker
 * @param scans how many passes the picture is stored in, more than one when it is progressive
 * @param process the frame marker's number: 0 and 1 sequential, 2 progressive, 9 and 10 the same with arithmetic coding
 * @param precision bits of a sample
 * @param bare whether neither JFIF nor Adobe marker says what the channels mean, and their names do not say RGB
 */
public record JpegFrame(int channels, int adobe, int scans, int process, int precision, boolean bare) {}
