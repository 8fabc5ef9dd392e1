package atelier.diffusion.adapter.math;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.weights.name.Component;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How strongly an adapter counts in one part of the model.
 *
 * @param block a network, or the beginning of a layer's path up to a dot: {@code text_encoder}, {@code
 *     unet.down_blocks.1}; the UNet need not be named
 * @param strength what the update is multiplied by there
 */
public record BlockStrength(String block, double strength) {
    public BlockStrength {
        if (!block.matches("\\w+(\\.\\w+)*")) {
            throw new WrongCommandException("a block is a network or a part of it, such as down_blocks.1 or"
                    + " text_encoder, got '" + block + "'");
        }
        if (!Double.isFinite(strength)) {
            throw new WrongCommandException("the strength of " + block + " must be a number, got " + strength);
        }
    }

    /** Reads {@code down_blocks.1:0.5}. */
    public static BlockStrength parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            if (colon > 0) {
                return new BlockStrength(
                        text.substring(0, colon),
                        Double.parseDouble(text.substring(colon + 1).strip()));
            }
        } catch (NumberFormatException e) {
            // Falls through to the message.
        }
        throw new WrongCommandException(
                "a block's strength is written block:number, such as mid_block:0.5, got '" + text + "'");
    }

    private boolean covers(String layer) {
        return layer.equals(whole()) || layer.startsWith(whole() + ".");
    }

    /** The block with its network in front. */
    private String whole() {
        for (Component component : Component.values()) {
            if (block.equals(component.folder()) || block.startsWith(component.folder() + ".")) {
                return block;
            }
        }
        return Component.UNET.folder() + "." + block;
    }

    /**
     * Checks that every block holds layers.
     *
     * @throws WrongCommandException for a block in which no adapter changes a layer, with those that there are
     */
    public static void check(List<BlockStrength> blocks, Collection<AdapterState> adapters) {
        Set<ModuleKey> layers = new TreeSet<>();
        adapters.forEach(adapter -> layers.addAll(adapter.modules().keySet()));
        List<String> empty = blocks.stream()
                .filter(block -> layers.stream().noneMatch(key -> block.covers(key.toString())))
                .map(BlockStrength::block)
                .toList();
        if (!empty.isEmpty()) {
            String there = layers.stream().map(ModuleKey::block).distinct().collect(Collectors.joining(", "));
            throw new WrongCommandException(
                    "no layer of the adapter lies in " + String.join(", ", empty) + "; it has " + there);
        }
    }

    /** The overall strength times that of the block that covers a layer; of several blocks the longest counts. */
    public static AdapterArithmetic.Strength of(double overall, List<BlockStrength> blocks) {
        List<BlockStrength> longestFirst = new ArrayList<>(blocks);
        longestFirst.sort(Comparator.comparingInt(block -> -block.whole().length()));
        return key -> longestFirst.stream()
                .filter(block -> block.covers(key.toString()))
                .findFirst()
                .map(block -> overall * block.strength())
                .orElse(overall);
    }
}
