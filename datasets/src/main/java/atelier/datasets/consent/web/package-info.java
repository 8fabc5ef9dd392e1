/** Opt-out signals that servers send: robots.txt, ai.txt, TDMRep, AIPREF, Content-Signal, RSL, noai. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent.web;
