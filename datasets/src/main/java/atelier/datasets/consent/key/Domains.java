package atelier.datasets.consent.key;

import atelier.common.error.MalformedException;
import com.google.common.net.InetAddresses;
import com.google.common.net.InternetDomainName;
import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Host names in one normal form, and the domains that they belong to, after the public suffix list. */
public final class Domains {
    private static final int MAX_LENGTH = 253;

    private Domains() {}

    /**
     * A host in normal form: lower case, internationalised names in their ASCII form, no trailing dot, IPv6 in
     * brackets.
     *
     * @throws MalformedException when it is no host name
     */
    public static String host(String text) {
        String host = text.strip();
        if (host.startsWith("[")
                && host.endsWith("]")
                && InetAddresses.isInetAddress(host.substring(1, host.length() - 1))) {
            return host.toLowerCase(Locale.ROOT);
        }
        // UTS 46 treats the other full stops of East Asian scripts as dots; IDN does too.
        String ascii;
        try {
            ascii = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new MalformedException("'" + shorten(text) + "' is no host name", e);
        }
        if (ascii.endsWith(".")) {
            ascii = ascii.substring(0, ascii.length() - 1);
        }
        boolean labels = !ascii.isEmpty() && !ascii.startsWith(".") && !ascii.contains("..");
        if (!labels || ascii.length() > MAX_LENGTH || !ascii.chars().allMatch(Domains::hostCharacter)) {
            throw new MalformedException("'" + shorten(text) + "' is no host name");
        }
        return ascii;
    }

    /**
     * A domain as lists name it: a host, optionally behind {@code *.} or a dot. A leading {@code www.} is dropped,
     * because who opts out {@code www.example.com} means the site.
     *
     * @throws MalformedException when it is no domain, or one that nobody owns, such as {@code co.uk}
     */
    public static String listed(String text) {
        String domain = text.strip();
        if (domain.startsWith("*.")) {
            domain = domain.substring(2);
        } else if (domain.startsWith(".")) {
            domain = domain.substring(1);
        }
        domain = withoutWww(host(domain));
        if (isRegistrySuffix(domain)) {
            throw new MalformedException("'" + domain
                    + "' is a public suffix, under which many owners register names; name the owner's own domain");
        }
        return domain;
    }

    /** The host without a leading {@code www.}, if two labels remain. */
    public static String withoutWww(String host) {
        return host.startsWith("www.") && host.indexOf('.', 4) > 0 ? host.substring(4) : host;
    }

    /**
     * The host itself and the domains above it, nearest first, down to the last one that someone may own. Domains of
     * hosters below which others publish ({@code github.io}) are among them; registries' own ({@code co.uk}) are not.
     */
    public static List<String> withParents(String host) {
        List<String> domains = new ArrayList<>();
        domains.add(host);
        domains.addAll(from(parent(host)));
        return domains;
    }

    /** What a host's name is below: the name without its first label. Empty for an address and for a single label. */
    public static String parent(String host) {
        int dot = host.indexOf('.');
        return dot < 0 || isAddress(host) ? "" : host.substring(dot + 1);
    }

    /** A {@link #parent} and the domains above it, as far as someone may own them; none for a registry's own. */
    public static List<String> from(String parent) {
        List<String> domains = new ArrayList<>();
        for (String rest = parent; rest.indexOf('.') >= 0 && !isRegistrySuffix(rest); ) {
            domains.add(rest);
            rest = rest.substring(rest.indexOf('.') + 1);
        }
        return domains;
    }

    /** Whether {@code host} is {@code domain} or lies under it. */
    public static boolean isUnder(String host, String domain) {
        return host.equals(domain)
                || (host.length() > domain.length()
                        && host.endsWith(domain)
                        && host.charAt(host.length() - domain.length() - 1) == '.');
    }

    /** The domain that was registered: one label below the public suffix. The host itself when that is not known. */
    public static String registrable(String host) {
        if (isAddress(host) || !InternetDomainName.isValid(host)) {
            return host;
        }
        InternetDomainName name = InternetDomainName.from(host);
        return name.isUnderPublicSuffix() ? name.topPrivateDomain().toString() : host;
    }

    static boolean isRegistrySuffix(String domain) {
        return InternetDomainName.isValid(domain)
                && InternetDomainName.from(domain).isRegistrySuffix();
    }

    private static boolean isAddress(String host) {
        // An IPv4 address ends in a digit, which no domain at the top does.
        return host.startsWith("[")
                || (!host.isEmpty()
                        && (host.indexOf(':') >= 0 || Character.digit(host.charAt(host.length() - 1), 10) >= 0)
                        && InetAddresses.isInetAddress(host));
    }

    private static boolean hostCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    }

    static String shorten(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
