package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import atelier.datasets.consent.xml.XmlElements;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.namespace.QName;

/**
 * The properties of an XMP packet, by namespace and name, wherever they stand in its structure and however RDF writes
 * them: as an element's text, as an attribute, as {@code rdf:resource}, or as the items of an array. A property of a
 * structure inside another property is found by its own name.
 *
 * <p>Source: XMP Specification Part 1, section 7 (RDF serialisation), Adobe, 2012.
 */
final class XmpProperties {
    static final String RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    static final String DC = "http://purl.org/dc/elements/1.1/";
    static final String PLUS = "http://ns.useplus.org/ldf/xmp/1.0/";
    static final String RIGHTS = "http://ns.adobe.com/xap/1.0/rights/";
    static final String CC = "http://creativecommons.org/ns#";
    static final String PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/";

    private final Map<QName, List<String>> values = new HashMap<>();

    /** @throws MalformedException when the packet is no well-formed XMP */
    static XmpProperties parse(byte[] packet) {
        XmpProperties properties = new XmpProperties();
        byte[] trimmed = trim(packet);
        if (trimmed.length > 0) {
            Reader reader = properties.new Reader();
            XmlElements.walk(trimmed, reader);
            if (!reader.rdf) {
                throw new MalformedException("the XMP packet holds no rdf:RDF");
            }
        }
        return properties;
    }

    /** All values of a property, blank ones left out. */
    List<String> all(String namespace, String name) {
        return values.getOrDefault(new QName(namespace, name), List.of());
    }

    private void add(QName name, String value) {
        if (!value.isBlank()) {
            values.computeIfAbsent(name, n -> new ArrayList<>()).add(value.strip());
        }
    }

    /** Packets are padded with blanks and sometimes zeros, which XML does not allow after the last element. */
    private static byte[] trim(byte[] packet) {
        int end = packet.length;
        while (end > 0 && packet[end - 1] == 0) {
            end--;
        }
        // UTF-16 and UTF-32 need the zeros of their last character.
        boolean wide = packet.length > 1 && (packet[0] == 0 || packet[1] == 0 || (packet[0] & 255) >= 0xFE);
        return wide || end == packet.length ? packet : Arrays.copyOf(packet, end);
    }

    /** Gives each text to the nearest element around it that is a property and not part of RDF's own grammar. */
    private final class Reader implements XmlElements.Handler {
        private final Deque<QName> open = new ArrayDeque<>();
        private boolean rdf;

        @Override
        public void begin(QName name, Map<QName, String> attributes, int line) {
            rdf |= name.equals(new QName(RDF, "RDF"));
            open.push(name);
            attributes.forEach((attribute, value) -> {
                String space = attribute.getNamespaceURI();
                if (attribute.equals(new QName(RDF, "resource"))) {
                    property(value);
                } else if (!space.isEmpty()
                        && !space.equals(RDF)
                        && !space.equals("http://www.w3.org/XML/1998/namespace")) {
                    add(attribute, value);
                }
            });
        }

        @Override
        public void end(QName name, String text) {
            property(text);
            open.pop();
        }

        private void property(String value) {
            for (QName name : open) {
                if (!name.getNamespaceURI().equals(RDF)) {
                    add(name, value);
                    return;
                }
            }
        }
    }
}
