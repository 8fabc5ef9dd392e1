package atelier.datasets.consent;

import atelier.common.work.InternedValues;
import atelier.datasets.consent.key.Domains;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.licence.LicencePolicy;
import atelier.datasets.consent.prompt.CreatorIndex;
import com.google.common.base.Suppliers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the training set can be looked up by. It is the training set that is indexed; lists stream past it or are
 * searched for its keys, so memory grows with the pictures and not with the lists. An index is made when the first list
 * asks for it: most lists hold one kind of entry.
 */
final class TrainingKeys {
    private final List<Subject> subjects;
    private final Supplier<Map<Key128, List<Subject>>> urls = Suppliers.memoize(this::byUrl);
    private final Supplier<Map<Key128, List<Subject>>> digests = Suppliers.memoize(this::byDigest);
    private final Supplier<Map<Key128, List<Hosted>>> domains = Suppliers.memoize(this::byDomain);
    private final Supplier<Map<String, List<Subject>>> licences = Suppliers.memoize(this::byLicence);
    private final CreatorBlock creators;
    private final CreatorIndex triggers = new CreatorIndex();

    /** A picture on a host that is the domain looked up ({@code exact}) or lies under it. */
    record Hosted(Subject subject, boolean exact) {}

    TrainingKeys(List<Subject> subjects, boolean creatorsInCaptions, List<String> addedTexts) {
        this.subjects = subjects;
        this.creators = new CreatorBlock(subjects, creatorsInCaptions);
        addedTexts.forEach(
                text -> triggers.add("'" + text + "', which captions get as trigger word, prefix or suffix,", text));
    }

    Map<Key128, List<Subject>> urls() {
        return urls.get();
    }

    Map<Key128, List<Subject>> digests() {
        return digests.get();
    }

    Map<Key128, List<Hosted>> domains() {
        return domains.get();
    }

    /** Where listed names wait to be looked for. */
    CreatorBlock creators() {
        return creators;
    }

    /** The words that all captions get. */
    CreatorIndex triggers() {
        return triggers;
    }

    /** The pictures for which some statement names the same licence. */
    List<Subject> licensed(String id) {
        List<Subject> found = new ArrayList<>();
        licences.get().forEach((text, stating) -> {
            if (LicencePolicy.same(text, id)) {
                found.addAll(stating);
            }
        });
        return found;
    }

    private Map<Key128, List<Subject>> byUrl() {
        Map<Key128, List<Subject>> found = new HashMap<>();
        InternedValues<String, Key128> keys = new InternedValues<>(Key128::of);
        for (Subject subject : subjects) {
            for (WebAddress address : subject.addresses()) {
                put(found, keys.of(address.key()), subject);
            }
        }
        return found;
    }

    private Map<Key128, List<Subject>> byDigest() {
        Map<Key128, List<Subject>> found = new HashMap<>();
        for (Subject subject : subjects) {
            if (!subject.sha256().isEmpty()) {
                put(found, Key128.ofDigest(subject.sha256()), subject);
            }
        }
        return found;
    }

    private Map<Key128, List<Hosted>> byDomain() {
        Map<Key128, List<Hosted>> found = new HashMap<>();
        InternedValues<String, List<Key128>> keys = new InternedValues<>(
                host -> Domains.withParents(host).stream().map(Key128::of).toList());
        for (Subject subject : subjects) {
            for (WebAddress address : subject.addresses()) {
                boolean exact = true;
                for (Key128 domain : keys.of(Domains.withoutWww(address.host()))) {
                    put(found, domain, new Hosted(subject, exact));
                    exact = false;
                }
            }
        }
        return found;
    }

    private Map<String, List<Subject>> byLicence() {
        Map<String, List<Subject>> found = new LinkedHashMap<>();
        for (Subject subject : subjects) {
            subject.licences().forEach(licence -> put(found, licence.text(), subject));
        }
        return found;
    }

    private static <K, V> void put(Map<K, List<V>> map, K key, V value) {
        map.computeIfAbsent(key, k -> new ArrayList<>(1)).add(value);
    }
}
