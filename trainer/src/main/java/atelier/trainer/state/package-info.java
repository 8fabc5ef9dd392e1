/** What a resumed run goes on from. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.state;
