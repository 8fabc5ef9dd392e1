package atelier.datasets.consent.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.consent.embedded.EmbeddedSignals.Objection;
import atelier.datasets.consent.embedded.EmbeddedSignals.Protocol;
import atelier.datasets.fuzz.Corpus;
import atelier.datasets.pairs.Cases;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Metadata of any bytes: what objects is named by its protocol, and where nothing objects another reading agrees. */
class EmbeddedSignalsFuzzTest {
    private static final ObjectMapper CBOR = new ObjectMapper(new CBORFactory());
    private static final int SEGMENT = 65_000;

    private static List<Objection> inJpeg(byte[] packet) {
        return EmbeddedSignals.of(EmbeddedSignalsTest.jpeg(
                        0xE1, EmbeddedSignalsTest.join("http://ns.adobe.com/xap/1.0/\0", packet)))
                .objections();
    }

    /** A packet that the reader lets pass is XML to another reader too, and prohibits nothing there. */
    @FuzzTest(maxDuration = "2m")
    void xmp(byte[] bytes) throws Exception {
        byte[] packet = Arrays.copyOf(bytes, Math.min(bytes.length, SEGMENT));
        List<Objection> objections = inJpeg(packet);
        assertThat(objections).allMatch(objection -> objection.protocol() == Protocol.DATA_MINING);
        if (objections.isEmpty() && !blank(packet)) {
            Document document = document(packet);
            assertThat(document.getElementsByTagNameNS(XmpProperties.RDF, "RDF").getLength())
                    .isPositive();
            for (String value : dataMining(document)) {
                assertThat(value.toUpperCase(Locale.ROOT)).doesNotContain("PROHIBITED");
            }
        }
    }

    private static boolean blank(byte[] packet) {
        for (byte b : packet) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** What the property says as an attribute, and as an element that holds nothing but text. */
    private static List<String> dataMining(Document document) {
        List<String> values = new ArrayList<>();
        NodeList all = document.getElementsByTagNameNS("*", "*");
        for (int i = 0; i < all.getLength(); i++) {
            org.w3c.dom.Element element = (org.w3c.dom.Element) all.item(i);
            values.add(element.getAttributeNS(XmpProperties.PLUS, "DataMining"));
            if (XmpProperties.PLUS.equals(element.getNamespaceURI())
                    && "DataMining".equals(element.getLocalName())
                    && element.getElementsByTagName("*").getLength() == 0) {
                values.add(element.getTextContent());
            }
        }
        return values;
    }

    private static Document document(byte[] packet) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);
        boolean wide = packet.length > 1 && (packet[0] == 0 || packet[1] == 0 || (packet[0] & 255) >= 0xFE);
        String text = wide
                ? new String(packet, StandardCharsets.UTF_16)
                : new String(packet, StandardCharsets.UTF_8).replaceAll("\0+$", "");
        return builder.parse(new InputSource(new StringReader(text.startsWith("\uFEFF") ? text.substring(1) : text)));
    }

    /** An assertion that the reader lets pass holds entries, each of them allowed. */
    @FuzzTest(maxDuration = "2m")
    void trainingMining(byte[] bytes) throws IOException {
        byte[] content = Arrays.copyOf(bytes, Math.min(bytes.length, SEGMENT));
        List<Objection> objections = EmbeddedSignals.of(EmbeddedSignalsTest.c2paJpeg(
                        EmbeddedSignalsTest.store("c2pa.training-mining", "cbor", content)))
                .objections();
        requireClaims(objections);
        if (objections.isEmpty()) {
            JsonNode entries = CBOR.readTree(content).get("entries");
            assertThat(entries.isObject()).isTrue();
            for (JsonNode entry : entries) {
                assertThat((entry.isObject() ? entry.get("use") : entry).textValue())
                        .isEqualTo("allowed");
            }
        }
    }

    /** Boxes that claim more than there is object. */
    @FuzzTest(maxDuration = "2m")
    void boxes(byte[] bytes) {
        byte[] store = Arrays.copyOf(bytes, Math.max(8, Math.min(bytes.length, SEGMENT)));
        List<Objection> objections =
                EmbeddedSignals.of(EmbeddedSignalsTest.c2paJpeg(store)).objections();
        requireClaims(objections);
        long length = Blocks.int32(store, 0) & 0xFFFFFFFFL;
        if (length > store.length || (length > 1 && length < 8)) {
            assertThat(objections)
                    .containsExactly(new Objection(
                            Protocol.C2PA,
                            "its C2PA manifest store cannot be read: a JUMBF box claims more bytes than there are"));
        }
    }

    private static void requireClaims(List<Objection> objections) {
        assertThat(objections).allSatisfy(objection -> {
            assertThat(objection.protocol()).isEqualTo(Protocol.C2PA);
            assertThat(objection.reason())
                    .matches("(?s)(.* is (notAllowed|constrained) \\(an unverified claim\\)"
                            + "|its C2PA manifest store cannot be read: .*)");
        });
    }

    /** Whole files: what is no image says nothing, and each objection is of a protocol that files carry. */
    @FuzzTest(maxDuration = "2m")
    void files(byte[] bytes) {
        EmbeddedSignals signals = EmbeddedSignals.of(bytes);
        if (!EmbeddedSignals.isImage(bytes)) {
            assertThat(signals).isEqualTo(EmbeddedSignals.NONE);
        }
        assertThat(signals.objections())
                .allSatisfy(objection -> assertThat(objection.reason())
                        .matches("(?s)(its (metadata|XMP|IPTC data|C2PA manifest store) cannot be read: .*"
                                + "|DataMining is '.*|.* \\(an unverified claim\\))"));
        assertThat(signals.creators())
                .allSatisfy(said -> assertThat(said.text()).isNotBlank());
        assertThat(signals.licences())
                .allSatisfy(said -> assertThat(said.text()).isNotBlank());
    }

    @Test
    void damagedMetadata() throws IOException {
        Corpus.damage(EmbeddedSignalsFuzzTest.class, "xmp", 2000, this::xmp);
        Corpus.damage(EmbeddedSignalsFuzzTest.class, "trainingMining", 2000, this::trainingMining);
        Corpus.damage(EmbeddedSignalsFuzzTest.class, "boxes", 2000, this::boxes);
        Corpus.damage(EmbeddedSignalsFuzzTest.class, "files", 2000, this::files);
    }

    /** Nothing random is XMP, nor an assertion that allows: it must object, once. */
    @Test
    void bytesThatAreNoMetadataObject() {
        Cases.check(1, 2000, random -> Cases.bytes(random, 100), bytes -> {
            if (!blank(bytes)) {
                assertThat(inJpeg(bytes)).singleElement().satisfies(objection -> {
                    assertThat(objection.protocol()).isEqualTo(Protocol.DATA_MINING);
                    assertThat(objection.reason()).startsWith("its XMP cannot be read: ");
                });
            }
            assertThat(EmbeddedSignals.of(EmbeddedSignalsTest.c2paJpeg(
                                    EmbeddedSignalsTest.store("c2pa.training-mining", "cbor", bytes)))
                            .objections())
                    .singleElement()
                    .satisfies(objection -> assertThat(objection.reason())
                            .startsWith("its C2PA manifest store cannot be read: c2pa.training-mining "));
            boxes(EmbeddedSignalsTest.join(bytes, new byte[16]));
        });
    }
}
