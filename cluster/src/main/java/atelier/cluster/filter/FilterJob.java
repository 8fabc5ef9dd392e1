package atelier.cluster.filter;

import atelier.cluster.engine.ExecutorSettings;
import java.io.Serializable;
import java.util.TreeMap;

/**
 * What every task of a filter job is told.
 *
 * @param settings the command's, with compiled lists in optout.manifests
 * @param judgedOn the day by which grants are judged
 * @param parts the folder of the ledger's parts
 * @param filters Bloom filters by the list's place in optout.manifests
 */
record FilterJob(ExecutorSettings settings, String judgedOn, String parts, TreeMap<Integer, String> filters)
        implements Serializable {}
