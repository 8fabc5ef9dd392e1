package atelier.diffusion.text;

/** What CLIP's tokenizer asks of a character, by Unicode 14. */
enum CharacterClass {
    LETTER,
    NUMBER,
    SPACE,
    /** Control, format, private, surrogate or unassigned. */
    CONTROL,
    OTHER,
    /** Matched by none of CLIP's patterns: marks that are no letters but have a letter as their other case. */
    NONE;

    private static final CodePointRuns TABLE = new CodePointRuns("character-classes.txt");

    static CharacterClass of(int point) {
        char code = TABLE.at(point);
        return switch (code) {
            case 'L' -> LETTER;
            case 'N' -> NUMBER;
            case 'S' -> SPACE;
            case 'C' -> CONTROL;
            case 'O' -> OTHER;
            case 'X' -> NONE;
            default -> throw new IllegalStateException("the table of character classes holds " + code);
        };
    }

    /** The class by which words are told apart, where spaces and control characters are long gone. */
    CharacterClass ofWord() {
        return this == LETTER || this == NUMBER || this == NONE ? this : OTHER;
    }
}
