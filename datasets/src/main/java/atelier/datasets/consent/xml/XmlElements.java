package atelier.datasets.consent.xml;

import atelier.common.error.MalformedException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import javax.xml.namespace.QName;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Walks an XML document that strangers wrote. A document type declaration is refused, and with it every entity that
 * could expand or fetch something; size, depth and number of elements are bounded.
 */
public final class XmlElements {
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_ELEMENTS = 100_000;

    private XmlElements() {}

    /** Takes the elements in document order. */
    public interface Handler {
        /** An element begins. */
        void begin(QName name, Map<QName, String> attributes, int line);

        /** The innermost open element ends; {@code text} is what stood directly in it, without its children's. */
        void end(QName name, String text);
    }

    /**
     * Walks a document.
     *
     * @throws MalformedException when the bytes are no well-formed XML, or more than is read
     */
    public static void walk(byte[] xml, Handler handler) {
        if (xml.length > MAX_BYTES) {
            throw new MalformedException("the XML is longer than " + MAX_BYTES + " bytes");
        }
        try {
            XMLStreamReader reader = factory().createXMLStreamReader(new StringReader(text(xml)));
            try {
                walk(reader, handler);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            throw new MalformedException("the XML is not well-formed: " + firstLine(e), e);
        } catch (RuntimeException e) {
            // The JDK's reader throws unchecked exceptions for some malformed encodings and names.
            if (e instanceof MalformedException known) {
                throw known;
            }
            throw new MalformedException("the XML cannot be read: " + e, e);
        }
    }

    /** As UTF-8, or as UTF-16 where a byte order mark or zeros say so; what is neither is refused. */
    private static String text(byte[] xml) {
        Charset charset = StandardCharsets.UTF_8;
        if (xml.length >= 2) {
            int first = (xml[0] & 255) << 8 | (xml[1] & 255);
            charset = first == 0xFEFF || xml[0] == 0
                    ? StandardCharsets.UTF_16BE
                    : first == 0xFFFE || xml[1] == 0 ? StandardCharsets.UTF_16LE : charset;
        }
        try {
            String text = charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(xml))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new MalformedException("the XML is neither UTF-8 nor UTF-16", e);
        }
    }

    private static void walk(XMLStreamReader reader, Handler handler) throws XMLStreamException {
        Deque<StringBuilder> texts = new ArrayDeque<>();
        int elements = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                    throw new MalformedException("the XML declares a document type or entities, which are not read");
                case XMLStreamConstants.START_ELEMENT -> {
                    if (++elements > MAX_ELEMENTS || texts.size() >= MAX_DEPTH) {
                        throw new MalformedException("the XML has more elements, or deeper ones, than are read");
                    }
                    texts.push(new StringBuilder());
                    handler.begin(
                            reader.getName(),
                            attributes(reader),
                            reader.getLocation().getLineNumber());
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                    if (!texts.isEmpty()) {
                        texts.peek().append(reader.getText());
                    }
                }
                case XMLStreamConstants.END_ELEMENT ->
                    handler.end(reader.getName(), texts.pop().toString());
                default -> {}
            }
        }
    }

    private static Map<QName, String> attributes(XMLStreamReader reader) {
        Map<QName, String> attributes = new HashMap<>();
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            attributes.put(reader.getAttributeName(i), reader.getAttributeValue(i));
        }
        return attributes;
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("nothing outside the document is read");
        });
        return factory;
    }

    private static String firstLine(XMLStreamException e) {
        String message = String.valueOf(e.getMessage());
        return message.replaceAll("\\s+", " ");
    }
}
