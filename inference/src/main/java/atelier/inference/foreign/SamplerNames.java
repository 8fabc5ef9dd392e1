package atelier.inference.foreign;

import atelier.inference.sampler.schedule.SamplerKind;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Samplers and schedules by the names that other programs give them. */
public final class SamplerNames {
    private static final Map<String, SamplerKind> SAMPLERS = new HashMap<>();
    /** What they call it, and what it is here. */
    private static final Map<String, String> SCHEDULES = Map.of(
            "karras", "karras", "exponential", "exponential", "beta", "beta", "uniform", "plain", "normal", "plain");

    private static final String OTHER_SCHEDULES =
            "sgm uniform|polyexponential|turbo|simple|align your steps|ays|kl optimal";

    static {
        for (SamplerKind kind : SamplerKind.values()) {
            SAMPLERS.put(plain(kind.key()), kind);
            SAMPLERS.put(plain(kind.displayName()), kind);
        }
        names(SamplerKind.PNDM, "plms");
        names(SamplerKind.LMS, "lmsd");
        names(SamplerKind.EULER_ANCESTRAL, "euler_a");
        names(SamplerKind.DPM2, "dpm_2", "kdpm_2", "kdpm2");
        names(SamplerKind.DPM2_ANCESTRAL, "dpm_2_ancestral", "dpm_2_a", "kdpm_2_a", "kdpm2 a");
        names(SamplerKind.DPMPP_2S_ANCESTRAL, "dpm++_2s_ancestral", "dpmpp_2s_a");
        names(SamplerKind.DPMPP_SDE, "dpmpp_sde_gpu", "dpm sde");
        names(SamplerKind.DPMPP_2M_SDE, "dpmpp_2m_sde_gpu");
        names(SamplerKind.DPMPP_3M_SDE, "dpmpp_3m_sde_gpu");
        names(SamplerKind.UNIPC, "uni_pc", "uni_pc_bh2");
    }

    private SamplerNames() {}

    private static void names(SamplerKind kind, String... names) {
        for (String name : names) {
            SAMPLERS.put(plain(name), kind);
        }
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("++", "pp").replaceAll("[^a-z0-9+]", "");
    }

    /**
     * A sampler's name apart from the schedule that some programs write behind it.
     *
     * @param sampler by its own name
     * @param schedule behind it; null where there is none
     */
    public record Split(String sampler, @Nullable String schedule) {}

    /** The sampler's and the schedule's part of a name, such as "DPM++ 2M Karras". */
    public static Split split(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (String schedule : (String.join("|", SCHEDULES.keySet()) + "|" + OTHER_SCHEDULES).split("\\|")) {
            if (lower.endsWith(" " + schedule)) {
                return new Split(
                        name.substring(0, name.length() - schedule.length() - 1),
                        name.substring(name.length() - schedule.length()));
            }
        }
        // InvokeAI writes Karras as _k.
        if (lower.endsWith("_k") && find(name.substring(0, name.length() - 2)) != null) {
            return new Split(name.substring(0, name.length() - 2), "karras");
        }
        return new Split(name, null);
    }

    /** The sampler of a name; null where it is none of ours. */
    public static @Nullable SamplerKind find(String name) {
        SamplerKind kind = SAMPLERS.get(plain(name));
        // NovelAI and older programs begin the names of k-diffusion's samplers so.
        return kind == null && name.startsWith("k_") ? SAMPLERS.get(plain(name.substring(2))) : kind;
    }

    /** The schedule of a name, by our own; null where it is none of ours. */
    public static @Nullable String schedule(String name) {
        return SCHEDULES.get(name.toLowerCase(Locale.ROOT));
    }
}
