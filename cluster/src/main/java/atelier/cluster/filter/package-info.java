/** Verdicts on tables of any size: blocks of rows are tasks, a ledger in parts is the result. */
@NullMarked
package atelier.cluster.filter;

import org.jspecify.annotations.NullMarked;
