/** Ids of users, accounts and installations that a careless store takes for each other or cannot keep. */
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

/** Beginnings of ids in the order of their characters' codes, which is no language's order. */
export const NAMES_IN_ORDER = ["-", "1", "A", "Z", "_", "a", "z"] as const;

/** The same in the order in which the checks write them, so that no store answers in order at random. */
export const NAMES_AS_WRITTEN = ["a", "Z", "1", "_", "z", "-", "A"] as const;
