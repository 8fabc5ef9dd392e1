/** Image-caption pairs and the forms that they come in. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.pairs;
