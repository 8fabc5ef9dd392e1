/** Drawing: from a request to pictures. */
@org.jspecify.annotations.NullMarked
package atelier.inference.draw;
