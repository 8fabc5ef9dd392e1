/** Mains for scripts/conformance: what the product says about inputs that other tools judge too, and fuzzing. */
package atelier.datasets.consent.conformance;
