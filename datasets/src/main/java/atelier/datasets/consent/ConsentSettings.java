package atelier.datasets.consent;

import atelier.datasets.consent.licence.LicenceSettings;

/**
 * All that decides about consent.
 *
 * @param optout the keys under optout
 * @param licence the keys under licence
 */
public record ConsentSettings(OptOutSettings optout, LicenceSettings licence) {}
