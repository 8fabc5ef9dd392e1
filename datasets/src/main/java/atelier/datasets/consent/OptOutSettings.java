package atelier.datasets.consent;

import atelier.common.error.WrongCommandException;
import atelier.datasets.hash.Pdq;
import java.nio.file.Path;
import java.util.List;

/**
 * Which opt-outs are looked up, and how strictly.
 *
 * @param manifests optout.manifests: opt-out lists (.jsonl, .csv, saved Spawning replies as .json, compiled lists)
 * @param sites optout.sites: folders of captured robots.txt, ai.txt, tdmrep.json and RSL, a folder a host
 * @param responses optout.responses: captured header fields and pages, one JSON object a line
 * @param strict optout.strict: whether directives against indexing, and those for other agents, count too, and a site's
 *     rules for its whole registered domain
 * @param perceptual optout.perceptual: whether perceptual digests on the lists are compared
 * @param perceptualDistance optout.perceptual_distance: how many of 256 bits may differ, where an entry does not say
 * @param creatorsInCaptions optout.creators_in_captions: whether a listed name in a caption excludes the picture
 */
public record OptOutSettings(
        List<Path> manifests,
        List<Path> sites,
        List<Path> responses,
        boolean strict,
        boolean perceptual,
        int perceptualDistance,
        boolean creatorsInCaptions) {
    public OptOutSettings {
        manifests = List.copyOf(manifests);
        sites = List.copyOf(sites);
        responses = List.copyOf(responses);
        if (perceptualDistance < 0 || perceptualDistance > Pdq.MATCH) {
            throw new WrongCommandException("optout.perceptual_distance must be from 0 to " + Pdq.MATCH
                    + " bits, the published limit of a match, got " + perceptualDistance);
        }
        if (List.copyOf(new java.util.HashSet<>(manifests)).size() < manifests.size()) {
            throw new WrongCommandException("optout.manifests names a list twice: " + manifests);
        }
    }
}
