package atelier.diffusion.adapter.settings;

/** The key {@code adapter.init}: how low-rank matrices begin. */
public enum AdapterInit {
    /** Down uniform in +-1 / sqrt(fan in), up zero (PEFT's start, kohya's and LyCORIS's). */
    DEFAULT,
    /** Down normal with deviation 1 / rank, up zero (Hu et al. 2021). */
    GAUSSIAN,
    /** Both normal and orthogonal to each other, so that their product is zero (PEFT's "orthogonal"); an even rank. */
    ORTHOGONAL,
    /** The weight's largest singular triples (Meng et al. 2024). */
    PISSA,
    /** The first columns of the weight's QR factorisation (Büyükakyüz 2024). */
    OLORA
}
