package atelier.datasets.consent.licence;

import atelier.common.error.MalformedException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Judges what is said about a picture's licence. */
public final class LicencePolicy {
    private final List<String> allow;
    private final boolean nonCommercial;
    private final boolean noDerivatives;

    /**
     * @param allow identifiers, with {@code *} for anything
     * @param nonCommercial whether licences that forbid commercial use may be allowed
     * @param noDerivatives whether licences that forbid derivatives may be allowed
     */
    public LicencePolicy(List<String> allow, boolean nonCommercial, boolean noDerivatives) {
        this.allow = List.copyOf(allow);
        this.nonCommercial = nonCommercial;
        this.noDerivatives = noDerivatives;
    }

    /**
     * A judgement.
     *
     * @param licence the licence in its usual form
     * @param objection why the picture may not be used, or null when the licence allows it
     */
    public record Judgement(String licence, @Nullable String objection) {}

    /**
     * Judges a text that states a licence. Null when it states none: blank, or {@code NOASSERTION}.
     *
     * @param whole whether the text is nothing but a licence; otherwise only an address of Creative Commons, or
     *     {@code SPDX-License-Identifier:}, within it counts
     */
    public @Nullable Judgement judge(String text, boolean whole) {
        String stated = whole ? text.strip() : stated(text);
        if (stated == null || stated.isEmpty() || stated.equalsIgnoreCase("NOASSERTION")) {
            return null;
        }
        String shown = LicenceId.of(stated);
        String name = shown == null ? stated : shown;
        try {
            boolean allowed = LicenceExpression.test(stated, this::allows);
            return new Judgement(name, allowed ? null : objection(name));
        } catch (MalformedException e) {
            return new Judgement(name, "the licence cannot be read: " + e.getMessage());
        }
    }

    /** Whether two texts state the same licence. */
    public static boolean same(String one, String other) {
        String a = LicenceId.of(one);
        String b = LicenceId.of(other);
        return (a == null ? one.strip() : a).equalsIgnoreCase(b == null ? other.strip() : b);
    }

    private boolean allows(String id) {
        return (nonCommercial || !LicenceId.nonCommercial(id))
                && (noDerivatives || !LicenceId.noDerivatives(id))
                && !id.equalsIgnoreCase("NONE")
                && allow.stream().anyMatch(pattern -> LicenceId.fits(id, pattern));
    }

    private String objection(String name) {
        if (!nonCommercial && LicenceId.nonCommercial(name)) {
            return "'" + name + "' forbids commercial use, and licence.non_commercial excludes such licences";
        }
        if (!noDerivatives && LicenceId.noDerivatives(name)) {
            return "'" + name + "' forbids derivatives, and licence.no_derivatives excludes such licences";
        }
        return "'" + name + "' is not among licence.allow";
    }

    private static @Nullable String stated(String text) {
        String address = LicenceId.inAddress(text);
        if (address != null) {
            return address;
        }
        String mark = "spdx-license-identifier:";
        int at = text.toLowerCase(Locale.ROOT).indexOf(mark);
        return at < 0 ? null : text.substring(at + mark.length()).strip().split("[\\s;,]+", 2)[0];
    }
}
