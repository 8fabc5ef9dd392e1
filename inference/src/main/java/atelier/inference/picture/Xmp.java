package atelier.inference.picture;

/**
 * The XMP packet that says that a picture is a model's work: IPTC's DigitalSourceType, which picture platforms show to
 * their users (IPTC Photo Metadata 2023.1 and the newscodes vocabulary).
 */
final class Xmp {
    private static final String SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/";

    private Xmp() {}

    /** The packet; a picture that started from another one is a composite. */
    static String packet(GenerationParameters record) {
        String type = record.image() == null ? "trainedAlgorithmicMedia" : "compositeWithTrainedAlgorithmicMedia";
        return """
                <?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
                <x:xmpmeta xmlns:x="adobe:ns:meta/">
                 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
                  <rdf:Description rdf:about=""
                    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
                    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
                    xmp:CreatorTool="%s"
                    Iptc4xmpExt:DigitalSourceType="%s"/>
                 </rdf:RDF>
                </x:xmpmeta>
                <?xpacket end="w"?>""".formatted(escaped(record.software()), SOURCE_TYPES + type);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
