package atelier.studio.server;

import atelier.common.error.WrongCommandException;

/** What a request names is not there, or not for it to know of: the two answer alike, with 404. */
public final class NotFoundException extends WrongCommandException {
    private static final long serialVersionUID = 1;

    public NotFoundException(String place, String fact, String remedy) {
        super(place, fact, remedy);
    }
}
