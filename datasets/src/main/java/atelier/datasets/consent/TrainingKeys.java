package atelier.datasets.consent;

import atelier.common.work.InternedValues;
import atelier.datasets.consent.key.Domains;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.key.KeyIndex;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.licence.LicencePolicy;
import atelier.datasets.consent.prompt.CreatorIndex;
import com.google.common.base.Suppliers;
import java.util.ArrayList;
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
    private final Supplier<KeyIndex> urls = Suppliers.memoize(this::byUrl);
    private final Supplier<KeyIndex> digests = Suppliers.memoize(this::byDigest);
    private final Supplier<Hosts> domains = Suppliers.memoize(this::byDomain);
    private final Supplier<Map<String, List<Subject>>> licences = Suppliers.memoize(this::byLicence);
    private final CreatorBlock creators;
    private final CreatorIndex triggers = new CreatorIndex();

    /** Takes a picture on a host that is the domain looked up ({@code exact}) or lies under it. */
    interface Hosted {
        void hosted(Subject subject, boolean exact);
    }

    /**
     * The hosts of the training set.
     *
     * @param domains the hosts and the domains above them; a number is twice a host's, and one more if the key is its own
     * @param subjects each host's pictures
     */
    record Hosts(KeyIndex domains, List<List<Subject>> subjects) {
        void each(int domain, Hosted hosted) {
            domains.owners(domain, number -> {
                for (Subject subject : subjects.get(number / 2)) {
                    hosted.hosted(subject, number % 2 == 1);
                }
            });
        }
    }

    TrainingKeys(List<Subject> subjects, boolean creatorsInCaptions, List<String> addedTexts) {
        this.subjects = subjects;
        this.creators = new CreatorBlock(subjects, creatorsInCaptions);
        addedTexts.forEach(text -> triggers.add(addedText(text), text));
    }

    static String addedText(String text) {
        return "'" + text + "', which captions get as trigger word, prefix or suffix,";
    }

    /** Addresses; numbers are those of the pictures. */
    KeyIndex urls() {
        return urls.get();
    }

    /** Digests of files; numbers are those of the pictures. */
    KeyIndex digests() {
        return digests.get();
    }

    Hosts domains() {
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

    private KeyIndex byUrl() {
        KeyIndex.Builder keys = new KeyIndex.Builder(subjects.size());
        InternedValues<String, Key128> known = new InternedValues<>(Key128::of);
        for (int i = 0; i < subjects.size(); i++) {
            for (WebAddress address : subjects.get(i).addresses()) {
                keys.add(known.of(address.key()), i);
            }
        }
        return keys.build();
    }

    private KeyIndex byDigest() {
        KeyIndex.Builder keys = new KeyIndex.Builder(subjects.size());
        for (int i = 0; i < subjects.size(); i++) {
            String sha256 = subjects.get(i).sha256();
            if (!sha256.isEmpty()) {
                keys.add(Key128.ofDigest(sha256), i);
            }
        }
        return keys.build();
    }

    private Hosts byDomain() {
        Map<String, List<Subject>> byHost = new LinkedHashMap<>();
        for (Subject subject : subjects) {
            for (WebAddress address : subject.addresses()) {
                put(byHost, Domains.withoutWww(address.host()), subject);
            }
        }
        KeyIndex.Builder keys = new KeyIndex.Builder(2 * byHost.size());
        // Hosts of one domain share the domains above them.
        InternedValues<String, List<Key128>> above = new InternedValues<>(
                parent -> Domains.from(parent).stream().map(Key128::of).toList());
        List<List<Subject>> pictures = new ArrayList<>(byHost.size());
        byHost.forEach((host, on) -> {
            int number = pictures.size();
            pictures.add(on);
            keys.add(Key128.of(host), 2 * number + 1);
            for (Key128 domain : above.of(Domains.parent(host))) {
                keys.add(domain, 2 * number);
            }
        });
        return new Hosts(keys.build(), pictures);
    }

    private Map<String, List<Subject>> byLicence() {
        Map<String, List<Subject>> found = new LinkedHashMap<>();
        for (Subject subject : subjects) {
            subject.licences().forEach(licence -> put(found, licence.text(), subject));
        }
        return found;
    }

    private static <V> void put(Map<String, List<V>> map, String key, V value) {
        map.computeIfAbsent(key, k -> new ArrayList<>(1)).add(value);
    }
}
