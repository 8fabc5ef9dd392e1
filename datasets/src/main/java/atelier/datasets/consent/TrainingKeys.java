package atelier.datasets.consent;

import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.keys.Domains;
import atelier.datasets.consent.keys.Key128;
import atelier.datasets.consent.keys.WebAddress;
import atelier.datasets.consent.licence.LicencePolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the training set can be looked up by. It is the training set that is indexed; lists stream past it or are
 * searched for its keys, so memory grows with the pictures and not with the lists.
 */
final class TrainingKeys {
    private final Map<Key128, List<Subject>> urls = new HashMap<>();
    private final Map<Key128, List<Subject>> digests = new HashMap<>();
    private final Map<Key128, List<Hosted>> domains = new HashMap<>();
    private final Map<String, List<Subject>> licences = new LinkedHashMap<>();
    private final CreatorIndex creators = new CreatorIndex();

    /** A picture on a host that is the domain looked up ({@code exact}) or lies under it. */
    record Hosted(Subject subject, boolean exact) {}

    TrainingKeys(List<Subject> subjects, boolean creatorsInCaptions, List<String> triggerWords) {
        for (Subject subject : subjects) {
            if (!subject.sha256().isEmpty()) {
                put(digests, Key128.ofDigest(subject.sha256()), subject);
            }
            for (WebAddress address : subject.addresses()) {
                put(urls, Key128.of(address.key()), subject);
                String host = Domains.withoutWww(address.host());
                for (String domain : Domains.withParents(host)) {
                    put(domains, Key128.of(domain), new Hosted(subject, domain.equals(host)));
                }
            }
            for (Said licence : subject.licences()) {
                put(licences, licence.text(), subject);
            }
            creators.addCreators(subject);
            if (creatorsInCaptions) {
                creators.addCaptions(subject);
            }
        }
        for (String word : triggerWords) {
            creators.addForAll("the trigger word '" + word + "'", word);
        }
    }

    Map<Key128, List<Subject>> urls() {
        return urls;
    }

    Map<Key128, List<Subject>> digests() {
        return digests;
    }

    Map<Key128, List<Hosted>> domains() {
        return domains;
    }

    CreatorIndex creators() {
        return creators;
    }

    /** The pictures for which some statement names the same licence. */
    List<Subject> licensed(String id) {
        List<Subject> found = new ArrayList<>();
        licences.forEach((text, subjects) -> {
            if (LicencePolicy.same(text, id)) {
                found.addAll(subjects);
            }
        });
        return found;
    }

    private static <K, V> void put(Map<K, List<V>> map, K key, V value) {
        map.computeIfAbsent(key, k -> new ArrayList<>(1)).add(value);
    }
}
