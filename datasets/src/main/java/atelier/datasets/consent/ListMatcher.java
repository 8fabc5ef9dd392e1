package atelier.datasets.consent;

import atelier.common.error.RefusedException;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.list.CompiledOptOutList;
import atelier.datasets.consent.list.EntryKind;
import atelier.datasets.consent.list.KeySink;
import atelier.datasets.consent.list.ListDigest;
import atelier.datasets.consent.list.OptOutManifest;
import atelier.datasets.consent.list.PdqEntries;
import atelier.datasets.consent.list.PdqIndex;
import atelier.datasets.hash.Pdq;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes opt-out lists, one after the other, and notes on each picture what they hold against it. */
final class ListMatcher {
    private static final Logger LOG = LoggerFactory.getLogger(ListMatcher.class);

    private final TrainingKeys keys;
    private final List<Subject> subjects;
    private final @Nullable Supplier<PdqIndex> perceptual;
    private final int perceptualDistance;
    private final List<ListDigest> lists = new ArrayList<>();
    private @Nullable PdqIndex pdqs;
    private volatile @Nullable String triggerFault;

    /**
     * @param perceptual makes the index of perceptual digests when a list first needs it; null when they are not compared
     * @param perceptualDistance the bits that may differ where an entry does not say
     */
    ListMatcher(
            TrainingKeys keys,
            List<Subject> subjects,
            @Nullable Supplier<PdqIndex> perceptual,
            int perceptualDistance) {
        this.keys = keys;
        this.subjects = subjects;
        this.perceptual = perceptual;
        this.perceptualDistance = perceptualDistance;
    }

    /** The lists that were matched, each with its digest. */
    List<ListDigest> lists() {
        return lists;
    }

    /** @throws RefusedException when the list is missing, broken, or opts out the name in a trigger word */
    void match(Path list) {
        if (CompiledOptOutList.is(list)) {
            compiled(list);
        } else {
            SourceFile file = new SourceFile(lists.size(), list.toString(), "");
            Streamed streamed = new Streamed(file);
            ListDigest read = new OptOutManifest(list).read(streamed);
            streamed.compare();
            file.digested(read.sha256());
            lists.add(read);
        }
        keys.creators().compare();
        if (triggerFault != null) {
            throw new RefusedException(triggerFault);
        }
        LOG.info(
                "opt-out list {}: {} entries", list, lists.get(lists.size() - 1).entries());
    }

    private void compiled(Path path) {
        try (CompiledOptOutList list = CompiledOptOutList.open(path)) {
            compiled(list, path);
        } catch (NoSuchFileException e) {
            throw new RefusedException(path + " does not exist; take it out of optout.manifests, or restore it", e);
        } catch (IOException e) {
            throw new RefusedException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Matches a compiled list that stays open. */
    void match(CompiledOptOutList list, Path path) {
        compiled(list, path);
        keys.creators().compare();
        if (triggerFault != null) {
            throw new RefusedException(triggerFault);
        }
    }

    private void compiled(CompiledOptOutList list, Path path) {
        try {
            List<SourceFile> files = new ArrayList<>();
            for (ListDigest source : list.sources()) {
                files.add(new SourceFile(lists.size(), source.name(), source.sha256()));
                lists.add(source);
            }
            if (list.count(EntryKind.URL) > 0) {
                list.search(EntryKind.URL, keys.urls(), (key, flag, at, line) -> url(key, files.get(at), line));
            }
            if (list.count(EntryKind.SHA256) > 0) {
                list.search(
                        EntryKind.SHA256, keys.digests(), (key, flag, at, line) -> sha256(key, files.get(at), line));
            }
            if (list.count(EntryKind.DOMAIN) > 0) {
                list.search(
                        EntryKind.DOMAIN,
                        keys.domains().domains(),
                        (key, flag, at, line) -> domain(key, flag, files.get(at), line));
            }
            list.eachText(EntryKind.CREATOR, (name, at, line) -> creator(name, files.get(at), line));
            list.eachText(EntryKind.LICENCE, (id, at, line) -> licence(id, files.get(at), line));
            PdqIndex index = list.count(EntryKind.PDQ) > 0 ? pdqs() : null;
            if (index != null) {
                list.eachHash(block -> pdq(index, block, files));
            }
        } catch (UncheckedIOException e) {
            throw new RefusedException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void url(int key, SourceFile file, long line) {
        Objection objection = new Objection(Rule.URL, "its address is opted out", file, line);
        keys.urls().owners(key, owner -> subjects.get(owner).object(objection));
    }

    private void sha256(int key, SourceFile file, long line) {
        Objection objection = new Objection(Rule.SHA256, "its digest is opted out", file, line);
        keys.digests().owners(key, owner -> subjects.get(owner).object(objection));
    }

    private void domain(int key, boolean subdomains, SourceFile file, long line) {
        keys.domains().each(key, (subject, exact) -> {
            if (exact || subdomains) {
                String what = exact ? "its host is opted out" : "a domain above its host is opted out";
                subject.object(new Objection(Rule.DOMAIN, what, file, line));
            }
        });
    }

    private void creator(String name, SourceFile file, long line) {
        keys.creators().add(name, file, line);
        keys.triggers().find(name, text -> triggerFault = triggerFault(text.where(), name, file.name(), line));
    }

    static String triggerFault(String where, String name, String list, long line) {
        return where + " names '" + name + "', whom " + list + " line " + line
                + " opts out; choose another trigger word";
    }

    private void licence(String id, SourceFile file, long line) {
        Objection objection = new Objection(Rule.LICENCE, "the licence '" + id + "' is opted out", file, line);
        keys.licensed(id).forEach(subject -> subject.object(objection));
    }

    private void pdq(PdqIndex index, PdqEntries block, List<SourceFile> files) {
        index.find(
                block,
                perceptualDistance,
                (entry, owner, distance) -> subjects.get(owner)
                        .object(new Objection(
                                Rule.PDQ,
                                "it looks like an opted-out picture: " + distance + " of 256 bits differ",
                                files.get(block.list(entry)),
                                block.line(entry))));
    }

    private @Nullable PdqIndex pdqs() {
        if (perceptual == null) {
            LOG.warn("perceptual digests on the lists are not compared: optout.perceptual is false");
            return null;
        }
        if (pdqs == null) {
            pdqs = perceptual.get();
        }
        return pdqs;
    }

    /** A list that streams past. */
    private final class Streamed implements KeySink {
        private final SourceFile file;
        private final PdqEntries block = new PdqEntries();
        private boolean warned;

        Streamed(SourceFile file) {
            this.file = file;
        }

        @Override
        public void url(Key128 key, long line) {
            int found = keys.urls().find(key);
            if (found >= 0) {
                ListMatcher.this.url(found, file, line);
            }
        }

        @Override
        public void sha256(Key128 key, long line) {
            int found = keys.digests().find(key);
            if (found >= 0) {
                ListMatcher.this.sha256(found, file, line);
            }
        }

        @Override
        public void domain(Key128 key, boolean subdomains, long line) {
            int found = keys.domains().domains().find(key);
            if (found >= 0) {
                ListMatcher.this.domain(found, subdomains, file, line);
            }
        }

        @Override
        public void pdq(Pdq hash, int maxDistance, long line) {
            PdqIndex index = warned ? null : pdqs();
            warned = index == null;
            if (index != null) {
                block.add(hash, maxDistance, 0, line);
                if (block.full()) {
                    compare();
                }
            }
        }

        /** Compares the perceptual digests that wait for it. */
        void compare() {
            if (pdqs != null) {
                ListMatcher.this.pdq(pdqs, block, List.of(file));
            }
            block.clear();
        }

        @Override
        public void creator(String name, long line) {
            ListMatcher.this.creator(name, file, line);
        }

        @Override
        public void licence(String id, long line) {
            ListMatcher.this.licence(id, file, line);
        }
    }
}
