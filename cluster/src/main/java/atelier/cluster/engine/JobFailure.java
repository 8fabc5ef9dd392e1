package atelier.cluster.engine;

import atelier.common.error.WorkFailedException;

/** What a user is told of a job that failed. */
public final class JobFailure {
    private JobFailure() {}

    /**
     * The failure as an error with its reason.
     *
     * @param what was being done, such as: encoding
     */
    public static WorkFailedException of(String what, Exception failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String fact = String.valueOf(root.getMessage()).lines().findFirst().orElse("no reason given");
        return new WorkFailedException(
                what + " failed on the cluster: " + fact + "; the executors' logs have the whole story", failure);
    }
}
