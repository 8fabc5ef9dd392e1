/** What is asked: prompts, sizes, pictures, records of older pictures. */
@org.jspecify.annotations.NullMarked
package atelier.inference.request;
