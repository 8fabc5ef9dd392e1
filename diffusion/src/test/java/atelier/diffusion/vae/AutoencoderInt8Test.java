package atelier.diffusion.vae;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.SharedKernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.name.Component;
import org.junit.jupiter.api.Test;

class AutoencoderInt8Test {
    private final Golden golden = Golden.file("networks/sd1-vae");

    private interface Way {
        NDArray take(Autoencoder vae, NDManager scope);
    }

    private float[] result(Precision precision, Way way) {
        LoadOptions options = new LoadOptions(precision, Use.INFERENCE);
        try (Autoencoder vae = Autoencoder.load(CPU, Golden.model("sd1").component(Component.VAE), options);
                NDManager scope = CPU.manager().newSubManager()) {
            return way.take(vae, scope).toFloatArray();
        }
    }

    @Test
    void latentsAreRoundedToIntegersOnTheirWayAndPicturesAreNot() {
        SharedKernels.assumeInt8();
        Way encode = (vae, scope) ->
                vae.moments(scope, golden.array(scope, "in.image")).get(0);
        Way decode = (vae, scope) -> vae.decode(scope, golden.array(scope, "in.latents"));
        assertThat(result(Precision.INT8, encode)).isNotEqualTo(result(Precision.BF16, encode));
        assertThat(result(Precision.INT8, decode)).isEqualTo(result(Precision.BF16, decode));
    }
}
