package atelier.cli.command;

import atelier.cli.config.InlineKeys;
import atelier.common.error.WrongCommandException;
import atelier.common.file.ByteSize;
import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.adapter.math.SvdRank;
import atelier.diffusion.tensor.Precision;
import atelier.inference.request.AdapterChoice;
import atelier.trainer.output.ExportFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys of {@code export}.
 *
 * @param source what the adapter is made of
 * @param change what is done to it
 * @param output what is written and where
 */
record ExportCommandSettings(
        @InlineKeys Source source,
        @InlineKeys Change change,
        @InlineKeys Output output) {
    ExportCommandSettings {
        if (source.tuned() != null && change.rank() == null) {
            throw new WrongCommandException("rank must be given with tuned, such as rank=32: a difference of models"
                    + " has no rank of its own");
        }
        if (source.tuned() == null && change.convRank() != null) {
            throw new WrongCommandException("conv_rank is for tuned; an adapter's own layers all take rank");
        }
        boolean none = source.run() == null && source.adapters().isEmpty() && source.tuned() == null;
        output.format().stream()
                .filter(format -> none && format.isAdapter())
                .findFirst()
                .ifPresent(format -> {
                    throw new WrongCommandException(
                            "format names " + format.name().toLowerCase(Locale.ROOT)
                                    + ", and there is no adapter to write; write merged or single_file, or name adapters");
                });
    }

    /**
     * Where the adapter comes from.
     *
     * @param run a run's folder
     * @param adapters instead of the run's
     * @param tuned a model instead of adapters
     * @param model the base
     */
    record Source(
            @Nullable Path run,
            List<AdapterChoice> adapters,
            @Nullable Path tuned,
            BaseModel model) {
        Source {
            if (tuned != null && !adapters.isEmpty()) {
                throw new WrongCommandException("tuned and adapters cannot both be given; write the difference as an"
                        + " adapter first and add that");
            }
            if (run == null && model.path() == null) {
                throw new WrongCommandException("model.path must be given when run is null");
            }
        }

        /** Whether the run's own adapter is meant. */
        boolean isRun() {
            return run != null && adapters.isEmpty() && tuned == null;
        }
    }

    /**
     * The section {@code model}.
     *
     * @param path a diffusers folder or one .safetensors file; null for the run's
     * @param vae an autoencoder in place of the model's, a folder or a .safetensors file; null for its own
     */
    record BaseModel(@Nullable Path path, @Nullable Path vae) {
        BaseModel {
            if (vae != null && !Files.exists(vae)) {
                throw new WrongCommandException("model.vae: '" + vae
                        + "' does not exist; it names a folder with config.json, or a .safetensors file");
            }
        }
    }

    /**
     * What is done to the adapter.
     *
     * @param strength its weight
     * @param blocks other weights in parts, on top
     * @param rank at most; null for its own
     * @param energy share of a layer's energy that the rank may be cut to
     * @param convRank for layers of residual blocks and samplers, of a difference of models
     */
    record Change(
            double strength,
            List<BlockStrength> blocks,
            @Nullable Integer rank,
            double energy,
            @Nullable Integer convRank) {
        Change {
            if (rank != null) {
                new SvdRank(rank, energy);
            }
            if (convRank != null && convRank < 1) {
                throw new WrongCommandException("conv_rank must be at least 1 or null, got " + convRank);
            }
            if (rank == null && energy != 1) {
                throw new WrongCommandException(
                        "energy needs rank, the most that may be kept, such as rank=64 energy=" + energy);
            }
        }

        Optional<SvdRank> wanted() {
            return Optional.ofNullable(rank).map(most -> new SvdRank(most, energy));
        }

        @Nullable
        SvdRank convolutions() {
            return convRank == null ? null : new SvdRank(convRank, energy);
        }
    }

    /**
     * What is written.
     *
     * @param format one or several
     * @param dtype element type
     * @param maxShardSize of a folder's files
     * @param out the folder; null for export/ in the run's
     */
    record Output(
            List<ExportFormat> format,
            Precision dtype,
            ByteSize maxShardSize,
            @Nullable Path out) {
        Output {
            if (format.isEmpty()) {
                throw new WrongCommandException("format must name at least one, such as [kohya, peft]");
            }
        }
    }

    /** The folder that all goes to. */
    Path folder() {
        if (output.out() != null) {
            return output.out();
        }
        Path run = source.run();
        if (run == null || !source.isRun()) {
            throw new WrongCommandException("out must name a folder unless a run's own adapter is written");
        }
        return run.resolve("export");
    }
}
