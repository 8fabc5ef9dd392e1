/** The syntax of prompts that AUTOMATIC1111's web UI made common: weights, schedules, alternation, BREAK, long prompts. */
@org.jspecify.annotations.NullMarked
package atelier.inference.prompt;
