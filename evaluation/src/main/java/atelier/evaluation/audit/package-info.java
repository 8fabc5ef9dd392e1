/**
 * The memorisation audit: does an adapter give the pictures back that it was trained on? Four detectors look at the
 * same generations from different sides, and what they find is measured against base generations and held-out pictures.
 */
@org.jspecify.annotations.NullMarked
package atelier.evaluation.audit;
