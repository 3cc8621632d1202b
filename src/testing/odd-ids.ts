/** Ids of users, accounts and installations that a careless store confuses or cannot keep. */
export const ODD_IDS: readonly string[] = [
  "octo",
  "Octo",
  "octo ",
  "0",
  "00",
  "__proto__",
  "constructor",
  "O'Mona \"%_\\",
  "grüße",
  "gru\u0308ße",
  "🐙",
  "x".repeat(255),
];

/** Beginnings of ids in the order of their character codes, which differs from the order of every language. */
export const NAMES_IN_ORDER = ["-", "1", "A", "Z", "_", "a", "z"] as const;

/** The same beginnings as the checks write them, so that no store returns them in order by chance. */
export const NAMES_AS_WRITTEN = ["a", "Z", "1", "_", "z", "-", "A"] as const;
