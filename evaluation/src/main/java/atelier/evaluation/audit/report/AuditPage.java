package atelier.evaluation.audit.report;

import atelier.evaluation.audit.AuditResult;

/** An audit by itself, without the rest of an evaluation: a page that needs nothing beside it. */
public final class AuditPage {
    /** What the section's elements look like; a page that holds the section takes it over. */
    public static final String STYLE = "#audit table{border-collapse:collapse}"
            + "#audit td,#audit th{border:1px solid #ccc;padding:.3em .6em;text-align:left}"
            + ".audit{display:grid;grid-template-columns:repeat(auto-fill,minmax(560px,1fr));gap:1em}"
            + ".audit figure{margin:0;border:1px solid #ccc;padding:.5em}"
            + ".audit figure.bad{border-color:#b00;border-width:3px}"
            + "#audit .verdict{font-size:1.2em;font-weight:bold}#audit .good{color:#060}#audit p.bad{color:#b00}";

    private AuditPage() {}

    public static String html(AuditResult result) {
        return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Memorisation audit</title>\n<style>"
                + "body{font:15px/1.4 sans-serif;margin:2em auto;max-width:76em;padding:0 1em}" + STYLE
                + "</style></head><body>\n" + AuditSection.html(result) + "</body></html>\n";
    }
}
