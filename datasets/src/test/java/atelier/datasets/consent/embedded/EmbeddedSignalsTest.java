package atelier.datasets.consent.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.consent.embedded.EmbeddedSignals.Protocol;
import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedSignalsTest {
    private static final String RDF = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'";
    private static final String PLUS = "xmlns:plus='http://ns.useplus.org/ldf/xmp/1.0/'";

    /** A JPEG file of segments alone: marker and content by turns, as exiftool puts them behind the start of image. */
    static byte[] jpeg(Object... segments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(0xFFD8);
            for (int i = 0; i < segments.length; i += 2) {
                byte[] content = (byte[]) segments[i + 1];
                out.writeByte(0xFF);
                out.writeByte((Integer) segments[i]);
                out.writeShort(content.length + 2);
                out.write(content);
            }
            out.writeShort(0xFFDA);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] join(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            out.writeBytes(part instanceof byte[] b ? b : String.valueOf(part).getBytes(StandardCharsets.ISO_8859_1));
        }
        return out.toByteArray();
    }

    static byte[] xmpJpeg(String xml) {
        return jpeg(0xE1, join("http://ns.adobe.com/xap/1.0/\0", xml.getBytes(StandardCharsets.UTF_8)));
    }

    private static String rdf(String description) {
        return "<?xpacket begin='\uFEFF' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'"
                + " x:xmptk='Image::ExifTool 12.76'><rdf:RDF " + RDF + ">" + description + "</rdf:RDF></x:xmpmeta>"
                + "\n".repeat(40) + "<?xpacket end='w'?>";
    }

    /** As exiftool writes it: a description a namespace, the term as text. */
    private static String exiftool(String value) {
        return rdf("<rdf:Description rdf:about='' " + PLUS + "><plus:DataMining>" + value
                + "</plus:DataMining></rdf:Description>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED",
                "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING",
                "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
                "https://ns.useplus.org/ldf/vocab/dmi-prohibited-seeconstraint",
                "DMI-PROHIBITED-GENAIMLTRAINING",
                "Prohibited for Generative AI/ML training",
                " prohibited ",
                "Sometimes",
            })
    void whatProhibitsOrIsNoTermObjects(String value) {
        assertThat(EmbeddedSignals.of(xmpJpeg(exiftool(value))).objections())
                .singleElement()
                .satisfies(o -> assertThat(o.protocol()).isEqualTo(Protocol.DATA_MINING));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://ns.useplus.org/ldf/vocab/DMI-ALLOWED",
                "Allowed",
                "DMI-UNSPECIFIED",
                "Unspecified - no prohibition defined",
            })
    void whatAllowsOrSaysNothingDoesNotObject(String value) {
        assertThat(EmbeddedSignals.of(xmpJpeg(exiftool(value))).objections()).isEmpty();
    }

    /** Field case 22: cameras leave such bytes, and what stands behind them still counts. */
    @Test
    void aStatementBehindStrayBytesIsHeard() throws IOException {
        byte[] plain = Files.readAllBytes(Path.of("src/test/resources/atelier/datasets/consent/c2pa-not-allowed.jpg"));
        ByteArrayOutputStream stray = new ByteArrayOutputStream();
        int end = 4 + ((plain[4] & 255) << 8 | plain[5] & 255);
        stray.write(plain, 0, end);
        stray.writeBytes(new byte[] {0, 0, 0x12});
        stray.write(plain, end, plain.length - end);
        assertThat(EmbeddedSignals.of(plain).objections()).isNotEmpty();
        assertThat(EmbeddedSignals.of(stray.toByteArray()).objections())
                .hasSameSizeAs(EmbeddedSignals.of(plain).objections());
    }

    @Test
    void propertiesAreFoundHoweverRdfWritesThem() {
        String no = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED";
        for (String description : new String[] {
            "<rdf:Description rdf:about='' " + PLUS + " plus:DataMining='" + no + "'/>",
            "<rdf:Description rdf:about='' " + PLUS + "><plus:DataMining rdf:resource='" + no + "'/></rdf:Description>",
            "<rdf:Description rdf:about='' xmlns:q='http://ns.useplus.org/ldf/xmp/1.0/'><q:DataMining><![CDATA[" + no
                    + "]]></q:DataMining></rdf:Description>",
            "<rdf:Description rdf:about='' " + PLUS + "><plus:DataMining><rdf:Bag><rdf:li>" + no
                    + "</rdf:li></rdf:Bag></plus:DataMining></rdf:Description>",
        }) {
            assertThat(EmbeddedSignals.of(xmpJpeg(rdf(description))).objections())
                    .as(description)
                    .hasSize(1);
        }
    }

    @Test
    void creatorsAndLicencesAreReadFromXmpAndIptc() {
        byte[] iim = join(
                new byte[] {0x1C, 1, 90, 0, 3, 0x1B, '%', 'G'},
                new byte[] {0x1C, 2, 80, 0, 7},
                "Zo\u00c3\u00ab Li",
                new byte[0]);
        byte[] resource = join(
                "8BIM",
                new byte[] {4, 4, 0, 0, 0, 0, 0, (byte) iim.length},
                iim,
                iim.length % 2 == 1 ? new byte[1] : new byte[0]);
        String xmp = rdf("<rdf:Description rdf:about='' " + PLUS
                + " xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:cc='http://creativecommons.org/ns#'>"
                + "<dc:creator><rdf:Seq><rdf:li>Jane Doe</rdf:li><rdf:li>Max</rdf:li></rdf:Seq></dc:creator>"
                + "<cc:license rdf:resource='https://creativecommons.org/licenses/by/4.0/'/>"
                + "<plus:ImageCreator><rdf:Seq><rdf:li rdf:parseType='Resource'><plus:ImageCreatorName>Studio X"
                + "</plus:ImageCreatorName></rdf:li></rdf:Seq></plus:ImageCreator></rdf:Description>");

        EmbeddedSignals signals = EmbeddedSignals.of(jpeg(
                0xE1, join("http://ns.adobe.com/xap/1.0/\0", xmp.getBytes(StandardCharsets.UTF_8)),
                0xED, join("Photoshop 3.0\0", resource)));

        assertThat(signals.objections()).isEmpty();
        assertThat(signals.creators())
                .containsExactlyInAnyOrder(
                        new Said("XMP dc:creator", "Jane Doe"),
                        new Said("XMP dc:creator", "Max"),
                        new Said("PLUS ImageCreator", "Studio X"),
                        new Said("IPTC By-line", "Zoë Li"));
        assertThat(signals.licences())
                .containsExactly(new Said("XMP cc:license", "https://creativecommons.org/licenses/by/4.0/"));
    }

    @Test
    void extendedXmpIsPutTogetherAndAMissingPartObjects() {
        String extension = rdf("<rdf:Description rdf:about='' " + PLUS + "><plus:DataMining>DMI-PROHIBITED"
                + "</plus:DataMining></rdf:Description>");
        byte[] bytes = extension.getBytes(StandardCharsets.UTF_8);
        int half = bytes.length / 2;
        byte[] one = part(bytes, 0, half);
        byte[] two = part(bytes, half, bytes.length);

        assertThat(EmbeddedSignals.of(jpeg(0xE1, two, 0xE1, one)).objections())
                .extracting(EmbeddedSignals.Objection::reason)
                .containsExactly("DataMining is 'DMI-PROHIBITED'");
        assertThat(EmbeddedSignals.of(jpeg(0xE1, one)).objections())
                .singleElement()
                .satisfies(o -> assertThat(o.reason()).contains("extended XMP"));
    }

    private static byte[] part(byte[] bytes, int from, int to) {
        return join(
                "http://ns.adobe.com/xmp/extension/\0",
                "0123456789ABCDEF0123456789ABCDEF",
                java.nio.ByteBuffer.allocate(8)
                        .putInt(bytes.length)
                        .putInt(from)
                        .array(),
                java.util.Arrays.copyOfRange(bytes, from, to));
    }

    @Test
    void entitiesAndOutsideFilesAreNeitherExpandedNorFetchedAndObject() {
        StringBuilder laughs = new StringBuilder("<!DOCTYPE x [<!ENTITY a0 'ha'>");
        for (int i = 1; i < 40; i++) {
            laughs.append("<!ENTITY a")
                    .append(i)
                    .append(" '")
                    .append(("&a" + (i - 1) + ";").repeat(10))
                    .append("'>");
        }
        laughs.append("]>")
                .append("<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF ")
                .append(RDF)
                .append(">&a39;</rdf:RDF></x:xmpmeta>");
        String outside =
                "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
                        + RDF + ">&f;</rdf:RDF></x:xmpmeta>";
        for (String xml :
                new String[] {laughs.toString(), outside, "<a", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", "\u0001"}) {
            EmbeddedSignals signals =
                    Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> EmbeddedSignals.of(xmpJpeg(xml)));
            assertThat(signals.objections())
                    .singleElement()
                    .satisfies(o -> assertThat(o.reason()).startsWith("its XMP cannot be read"));
        }
    }

    /** A manifest store of one assertion. */
    static byte[] store(String label, String type, byte[] content) {
        byte[] description = join(new byte[16], new byte[] {3}, label, "\0");
        byte[] assertion = box("jumb", join(box("jumd", description), box(type, content)));
        return box("jumb", join(box("jumd", join(new byte[16], new byte[] {3}, "c2pa\0")), assertion));
    }

    static byte[] box(String type, byte[] content) {
        return join(java.nio.ByteBuffer.allocate(4).putInt(content.length + 8).array(), type, content);
    }

    static byte[] c2paJpeg(byte[] store) {
        return jpeg(0xEB, join("JP", new byte[] {0, 1, 0, 0, 0, 1}, store));
    }

    private static byte[] cbor(Object value) throws IOException {
        return new ObjectMapper(new CBORFactory()).writeValueAsBytes(value);
    }

    @Test
    void trainingAndMiningAssertionsAreReadUnderEitherPrefix() throws IOException {
        Map<String, Object> no = Map.of("entries", Map.of("c2pa.ai_inference", Map.of("use", "notAllowed")));
        Map<String, Object> yes = Map.of("entries", Map.of("cawg.ai_training", Map.of("use", "allowed")));
        for (String label : new String[] {"c2pa.training-mining", "cawg.training-mining", "cawg.training-mining__2"}) {
            assertThat(EmbeddedSignals.of(c2paJpeg(store(label, "cbor", cbor(no))))
                            .objections())
                    .singleElement()
                    .satisfies(o -> assertThat(o.protocol()).isEqualTo(Protocol.C2PA));
            assertThat(EmbeddedSignals.of(c2paJpeg(store(label, "json", new ObjectMapper().writeValueAsBytes(no))))
                            .objections())
                    .hasSize(1);
            assertThat(EmbeddedSignals.of(c2paJpeg(store(label, "cbor", cbor(yes))))
                            .objections())
                    .isEmpty();
        }
        assertThat(EmbeddedSignals.of(c2paJpeg(store("c2pa.hash.data", "cbor", cbor(no))))
                        .objections())
                .isEmpty();
    }

    @Test
    void assertionsThatCannotBeReadObject() throws IOException {
        byte[] good = store("c2pa.training-mining", "cbor", cbor(Map.of("entries", Map.of())));
        byte[][] broken = {
            store("c2pa.training-mining", "cbor", new byte[] {(byte) 0xBF, 1}),
            store("c2pa.training-mining", "cbor", cbor(Map.of("entries", "none"))),
            store(
                    "c2pa.training-mining",
                    "cbor",
                    cbor(Map.of("entries", Map.of("c2pa.ai_training", Map.of("use", "maybe"))))),
            store("c2pa.training-mining", "bidb", new byte[4]),
            store("anything", "brob", new byte[4]),
            java.util.Arrays.copyOf(good, good.length - 3),
        };
        assertThat(EmbeddedSignals.of(c2paJpeg(good)).objections()).isEmpty();
        for (byte[] store : broken) {
            assertThat(EmbeddedSignals.of(c2paJpeg(store)).objections())
                    .singleElement()
                    .satisfies(o -> assertThat(o.reason()).contains("cannot be read"));
        }
    }
}
