/** Reading XML that strangers wrote. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent.xml;
