/** The colours of a calendar on one kind of page. */
export interface Palette {
  /** The five levels, from none to most. */
  readonly levels: readonly [string, string, string, string, string];
  /** The hairline inside of each square. */
  readonly border: string;
  /** Text, and text of less weight: weekdays, months and the legend. */
  readonly text: string;
  readonly muted: string;
  /** The ring around the day that has the keyboard's focus. */
  readonly focus: string;
  /** The page, if the calendar draws it. */
  readonly page: string;
}

/** GitHub's colours on a light page, as its Primer design system publishes them. */
export const LIGHT: Palette = {
  levels: ["#eff2f5", "#aceebb", "#4ac26b", "#2da44e", "#116329"],
  border: "#1f23280d",
  text: "#1f2328",
  muted: "#59636e",
  focus: "#0969da",
  page: "#ffffff",
};

/** GitHub's colours on a dark page. */
export const DARK: Palette = {
  levels: ["#151b23", "#033a16", "#196c2e", "#2ea043", "#56d364"],
  border: "#0104090d",
  text: "#f0f6fc",
  muted: "#9198a1",
  focus: "#1f6feb",
  page: "#0d1117",
};
