/** What a data set holds, in figures, in words and for disclosure. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.report;
