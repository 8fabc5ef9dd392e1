package atelier.datasets.consent.list;

import atelier.datasets.consent.key.Key128;
import atelier.datasets.hash.Pdq;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a list hands over. */
final class Collected implements KeySink {
    final List<String> said = new ArrayList<>();

    @Override
    public void url(Key128 key, long line) {
        said.add(line + " url " + key);
    }

    @Override
    public void sha256(Key128 key, long line) {
        said.add(line + " sha256 " + key);
    }

    @Override
    public void domain(Key128 key, boolean subdomains, long line) {
        said.add(line + " domain " + key + " " + subdomains);
    }

    @Override
    public void pdq(Pdq hash, int maxDistance, long line) {
        said.add(line + " pdq " + hash.hex() + " " + maxDistance);
    }

    @Override
    public void creator(String name, long line) {
        said.add(line + " creator " + name);
    }

    @Override
    public void licence(String id, long line) {
        said.add(line + " licence " + id);
    }
}
