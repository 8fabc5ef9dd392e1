package atelier.evaluation.audit.report;

import atelier.common.page.Page;
import atelier.evaluation.audit.AuditResult;
import java.util.Map;

/** An audit by itself, without the rest of an evaluation: a page that needs nothing beside it. */
public final class AuditPage {
    private AuditPage() {}

    public static String html(AuditResult result) {
        return Page.render("audit.jte", Map.of("result", result));
    }
}
