package atelier.trainer.prepare;

import atelier.common.error.WrongCommandException;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.text.ClipTokenizer;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A run's captions before training: those that the text encoder cuts, and their states. */
public final class RunCaptions {
    /** Cut captions that are told of one by one. */
    private static final int TOLD = 5;

    /** Captions that are encoded before the first step at most; with more the first step would wait too long. */
    private static final int ENCODED_FIRST = 4096;

    private final DataSettings settings;
    private final JudgedPairs data;

    public RunCaptions(DataSettings settings, JudgedPairs data) {
        this.settings = settings;
        this.data = data;
    }

    /**
     * Refuses a new token that no caption holds: nothing would train it.
     *
     * @throws WrongCommandException naming it
     */
    public void requireTokens(List<String> tokens) {
        CaptionTools tools = new CaptionTools(settings.captions());
        for (String token : tokens) {
            boolean held = data.training().stream()
                    .flatMap(pair -> tools.possible(pair).stream())
                    .anyMatch(caption -> caption.contains(token));
            if (!held) {
                throw new WrongCommandException("embedding.tokens: no caption holds '" + token
                        + "', so nothing would train it; write it into the captions, or set data.trigger_word=\""
                        + token
                        + "\"");
            }
        }
    }

    public void tellOfCuts(ClipTokenizer clip, Consumer<String> says) {
        List<Finding> cut = new CaptionTools(settings.captions())
                .tooLong(data.training(), caption -> clip.words(caption).length, settings.captionWindows());
        cut.stream().limit(TOLD).forEach(finding -> says.accept(finding.message()));
        if (cut.size() > TOLD) {
            says.accept((cut.size() - TOLD) + " more captions are cut; dataset check lists them all");
        }
    }

    /**
     * Encodes all captions that can occur, then lets the text encoders go. Does nothing where tags are drawn anew each
     * time, or where there are so many captions that the first step would wait: then each is encoded as it comes.
     */
    public void fill(TextCache text, StableDiffusion model) throws IOException {
        CaptionTools tools = new CaptionTools(settings.captions());
        if (tools.drawsTags(data.training())) {
            return;
        }
        Set<String> captions = new LinkedHashSet<>();
        CaptionTools still = new CaptionTools(settings.still().captions());
        if (add(captions, tools, data.training()) && add(captions, still, data.heldOut())) {
            text.fill(captions);
            model.releasePrompts();
        }
    }

    /** Whether there are few enough of them; goes on no further where there are not. */
    private static boolean add(Set<String> captions, CaptionTools tools, List<Pair> pairs) {
        for (Pair pair : pairs) {
            captions.addAll(tools.possible(pair));
            if (captions.size() > ENCODED_FIRST) {
                return false;
            }
        }
        return true;
    }
}
