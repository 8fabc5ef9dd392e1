/** The forms that image-caption pairs come in: tables, folders, archives, and files that join several of them. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.pairs.form;
