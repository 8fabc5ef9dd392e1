/** From a prompt to text states: CLIP's tokenizer and text encoder. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.text;
