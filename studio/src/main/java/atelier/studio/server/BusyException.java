package atelier.studio.server;

import atelier.common.error.WrongCommandException;

/** What a request asks cannot be done now, and may be later: 409. */
public final class BusyException extends WrongCommandException {
    private static final long serialVersionUID = 1;

    public BusyException(String place, String fact, String remedy) {
        super(place, fact, remedy);
    }
}
