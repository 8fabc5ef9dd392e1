/** What a run leaves: adapter, metadata, merged model, other programs' formats, and the gate before them. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.output;
