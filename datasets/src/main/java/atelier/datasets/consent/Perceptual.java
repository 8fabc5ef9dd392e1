package atelier.datasets.consent;

import atelier.datasets.FindingException;
import atelier.datasets.Origin;
import atelier.datasets.hash.Pdq;
import atelier.datasets.image.DecodeSettings;
import atelier.datasets.image.ImageDecoder;
import java.util.List;

/** Decodes the training set to find the perceptual digests of every picture in its eight positions. */
final class Perceptual {
    private Perceptual() {}

    /** A picture that cannot be decoded fails; one too flat to be compared keeps a note of it in the ledger. */
    static PdqIndex index(List<Subject> subjects) {
        ImageDecoder decoder = new ImageDecoder(DecodeSettings.plain());
        return new PdqIndex(
                subjects.parallelStream().map(s -> digests(s, decoder)).toList());
    }

    private static List<Pdq> digests(Subject subject, ImageDecoder decoder) {
        if (subject.failure() != null) {
            return List.of();
        }
        List<Pdq> digests;
        try {
            digests = Pdq.positions(decoder.decode(
                    subject.pair().content(), Origin.of(subject.pair().image())));
        } catch (FindingException e) {
            subject.fail(
                    "the image cannot be compared by its looks: " + e.finding().fact());
            return List.of();
        }
        Pdq upright = digests.get(0);
        if (!upright.comparable()) {
            subject.note("too flat to be compared by its looks, PDQ quality " + upright.quality());
            return List.of();
        }
        return digests;
    }
}
