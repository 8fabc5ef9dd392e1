package atelier.datasets.consent.prompt;

import atelier.common.error.RefusedException;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.list.CompiledOptOutList;
import atelier.datasets.consent.list.EntryKind;
import atelier.datasets.consent.list.KeySink;
import atelier.datasets.consent.list.ListDigest;
import atelier.datasets.consent.list.OptOutManifest;
import atelier.datasets.hash.Pdq;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether prompts name creators who opted out. Names are matched as in captions: after NFKC and case folding, as whole
 * words. The prompts are indexed and the lists stream past, so memory does not grow with the lists.
 */
final class PromptConsent {
    private final CreatorIndex index = new CreatorIndex();
    private @Nullable Named named;

    /**
     * @param prompts texts to look in, each under what it is called in messages: "the prompt", "prompts.txt line 3"
     */
    PromptConsent(Map<String, List<String>> prompts) {
        prompts.forEach((where, texts) -> texts.forEach(text -> index.add(where, text)));
    }

    /**
     * A creator who is named in a prompt.
     *
     * @param where the prompt
     * @param name as the list's normal form has it
     * @param list the file that opts them out
     * @param line in that file
     */
    record Named(String where, String name, String list, long line) {}

    /**
     * The first name that a list opts out.
     *
     * @throws RefusedException when the list is missing or broken: what it would have said is not known
     */
    Optional<Named> find(Path list) {
        named = null;
        if (CompiledOptOutList.is(list)) {
            compiled(list);
        } else {
            new OptOutManifest(list).read(new Creators(list.toString()));
        }
        return Optional.ofNullable(named);
    }

    private void compiled(Path path) {
        try (CompiledOptOutList list = CompiledOptOutList.open(path)) {
            List<ListDigest> sources = list.sources();
            list.eachText(
                    EntryKind.CREATOR,
                    (name, at, line) -> find(name, path + " (" + sources.get(at).name() + ")", line));
        } catch (NoSuchFileException e) {
            throw new RefusedException(path + " does not exist; restore the opt-out list", e);
        } catch (IOException | UncheckedIOException e) {
            throw new RefusedException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void find(String name, String list, long line) {
        if (named == null) {
            index.find(name, text -> {
                if (named == null) {
                    named = new Named(text.where(), name, list, line);
                }
            });
        }
    }

    /** Takes a list's creators alone. */
    private final class Creators implements KeySink {
        private final String list;

        Creators(String list) {
            this.list = list;
        }

        @Override
        public void creator(String name, long line) {
            find(name, list, line);
        }

        @Override
        public void url(Key128 key, long line) {}

        @Override
        public void sha256(Key128 key, long line) {}

        @Override
        public void domain(Key128 key, boolean subdomains, long line) {}

        @Override
        public void pdq(Pdq hash, int maxDistance, long line) {}

        @Override
        public void licence(String id, long line) {}
    }
}
