package atelier.trainer.conformance;

import atelier.trainer.run.TrainingCurve;
import java.util.Locale;

/** Prints how far each training curve strays from diffusers' and PEFT's: for scripts/conformance. */
public final class CurveErrors {
    private CurveErrors() {}

    public static void main(String[] arguments) throws Exception {
        StringBuilder json = new StringBuilder();
        for (String name : TrainingCurve.NAMES) {
            TrainingCurve curve = TrainingCurve.run(name);
            json.append(json.length() == 0 ? "{" : ", ")
                    .append(String.format(
                            Locale.ROOT,
                            "\"%s\": %.2e",
                            name,
                            TrainingCurve.largest(curve.losses(), name, "out.loss")));
        }
        System.out.println(json.append('}'));
    }
}
