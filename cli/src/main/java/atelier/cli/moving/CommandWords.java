package atelier.cli.moving;

import java.util.ArrayList;
import java.util.List;

/** A command line taken apart as a POSIX shell does: blanks, quotes, backslashes, lines that go on. */
final class CommandWords {
    private CommandWords() {}

    static List<String> of(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean open = false;
        char quote = 0;
        String text = line.replace("\\\r\n", " ")
                .replace("\\\n", " ")
                .replace("^\n", " ")
                .replace("`\n", " ");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                open = true;
            } else if (c == '\\'
                    && quote != '\''
                    && i + 1 < text.length()
                    && "\"'\\ ".indexOf(text.charAt(i + 1)) >= 0) {
                word.append(text.charAt(++i));
                open = true;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (open) {
                    words.add(word.toString());
                    word.setLength(0);
                    open = false;
                }
            } else {
                word.append(c);
                open = true;
            }
        }
        if (open) {
            words.add(word.toString());
        }
        return words;
    }
}
