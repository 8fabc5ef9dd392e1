package atelier.datasets.consent.prompt;

import atelier.common.error.RefusedException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which prompts may be drawn: a creator whom an opt-out list names may not stand in one, nor may what a prompt policy
 * forbids.
 */
public final class PromptRules {
    private final Map<String, List<String>> prompts;

    /** @param prompts texts without prompt syntax, each under what messages call it */
    public PromptRules(Map<String, List<String>> prompts) {
        this.prompts = prompts;
    }

    /**
     * Refuses prompts that name a creator who opted out.
     *
     * @throws RefusedException with the rule, the list and the line, or for a list that is missing or broken
     */
    public void requireConsent(Collection<Path> lists) {
        PromptConsent consent = new PromptConsent(prompts);
        for (Path list : lists) {
            Optional<PromptConsent.Named> named = consent.find(list);
            if (named.isPresent()) {
                PromptConsent.Named who = named.get();
                throw new RefusedException("rule creator: " + who.where() + " names '" + who.name() + "', whom "
                        + who.list() + " line " + who.line() + " opts out; draw without the name");
            }
        }
    }

    /** Refuses prompts that a policy file forbids; null for no policy. */
    public void requirePolicy(@Nullable Path file) {
        if (file == null) {
            return;
        }
        PromptPolicy policy = PromptPolicy.read(file);
        prompts.forEach((where, texts) ->
                texts.forEach(text -> policy.objection(text).ifPresent(why -> {
                    throw new RefusedException("rule prompt-policy: " + where + " has " + why + "; draw without it");
                })));
    }
}
