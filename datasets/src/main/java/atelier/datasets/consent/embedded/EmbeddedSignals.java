package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an image file says about itself.
 *
 * @param objections what in it objects to training, or cannot be read
 * @param creators who it says made it
 * @param licences the licences it names
 */
public record EmbeddedSignals(List<Objection> objections, List<Said> creators, List<Said> licences) {
    /** The protocols that files carry. */
    public enum Protocol {
        /** The PLUS/IPTC property DataMining in XMP. */
        DATA_MINING,
        /** The training and data mining assertion of C2PA and CAWG. */
        C2PA,
        /** The file's frame itself, where a signal might hide. */
        FILE
    }

    /** @param reason a sentence's end: "DataMining is '...'" */
    public record Objection(Protocol protocol, String reason) {}

    /** @param where the field's usual name, such as "XMP dc:creator" */
    public record Said(String where, String text) {}

    /** Of a file that says nothing. */
    public static final EmbeddedSignals NONE = new EmbeddedSignals(List.of(), List.of(), List.of());

    /** Whether the bytes begin as an image of a known format does. */
    public static boolean isImage(byte[] file) {
        return Blocks.known(file);
    }

    /** Reads a whole image file. What cannot be read is among the objections. */
    public static EmbeddedSignals of(byte[] file) {
        List<Block> blocks;
        try {
            blocks = Blocks.of(file);
        } catch (MalformedException | IllegalArgumentException e) {
            return new EmbeddedSignals(
                    List.of(new Objection(Protocol.FILE, "its metadata cannot be read: " + e.getMessage())),
                    List.of(),
                    List.of());
        }
        if (blocks.isEmpty()) {
            return NONE;
        }
        Set<Objection> objections = new LinkedHashSet<>();
        Set<Said> creators = new LinkedHashSet<>();
        Set<Said> licences = new LinkedHashSet<>();
        for (Block block : blocks) {
            switch (block.kind()) {
                case XMP -> xmp(block.bytes(), objections, creators, licences);
                case IPTC -> iptc(block.bytes(), objections, creators);
                case JUMBF -> jumbf(block.bytes(), objections);
            }
        }
        return new EmbeddedSignals(List.copyOf(objections), List.copyOf(creators), List.copyOf(licences));
    }

    private static void xmp(byte[] packet, Set<Objection> objections, Set<Said> creators, Set<Said> licences) {
        XmpProperties xmp;
        try {
            xmp = XmpProperties.parse(packet);
        } catch (MalformedException | IllegalArgumentException e) {
            objections.add(new Objection(Protocol.DATA_MINING, "its XMP cannot be read: " + e.getMessage()));
            return;
        }
        for (String value : xmp.all(XmpProperties.PLUS, "DataMining")) {
            try {
                String objection = DataMining.objection(value);
                if (objection != null) {
                    objections.add(new Objection(Protocol.DATA_MINING, objection));
                }
            } catch (MalformedException | IllegalArgumentException e) {
                objections.add(new Objection(Protocol.DATA_MINING, String.valueOf(e.getMessage())));
            }
        }
        xmp.all(XmpProperties.DC, "creator").forEach(name -> creators.add(new Said("XMP dc:creator", name)));
        xmp.all(XmpProperties.PLUS, "ImageCreatorName")
                .forEach(name -> creators.add(new Said("PLUS ImageCreator", name)));
        xmp.all(XmpProperties.PLUS, "ImageCreator").forEach(name -> creators.add(new Said("PLUS ImageCreator", name)));

        xmp.all(XmpProperties.CC, "license").forEach(text -> licences.add(new Said("XMP cc:license", text)));
        xmp.all(XmpProperties.DC, "license").forEach(text -> licences.add(new Said("XMP dc:license", text)));
        xmp.all(XmpProperties.RIGHTS, "WebStatement").forEach(text -> licences.add(new Said("XMP WebStatement", text)));
        xmp.all(XmpProperties.RIGHTS, "UsageTerms").forEach(text -> licences.add(new Said("XMP UsageTerms", text)));
        xmp.all(XmpProperties.DC, "rights").forEach(text -> licences.add(new Said("XMP dc:rights", text)));
    }

    private static void iptc(byte[] data, Set<Objection> objections, Set<Said> creators) {
        try {
            Iptc.byLines(data).forEach(name -> creators.add(new Said("IPTC By-line", name)));
        } catch (MalformedException | IllegalArgumentException | IndexOutOfBoundsException e) {
            objections.add(new Objection(Protocol.FILE, "its IPTC data cannot be read: " + e.getMessage()));
        }
    }

    private static void jumbf(byte[] store, Set<Objection> objections) {
        try {
            for (String objection : TrainingMining.objections(store)) {
                objections.add(new Objection(Protocol.C2PA, objection + " (an unverified claim)"));
            }
        } catch (MalformedException | IllegalArgumentException | IndexOutOfBoundsException e) {
            objections.add(new Objection(Protocol.C2PA, "its C2PA manifest store cannot be read: " + e.getMessage()));
        }
    }
}
