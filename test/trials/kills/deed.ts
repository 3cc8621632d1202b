// What the load does, and what follows from it. Everything is a number, so that it can be said in a line and compared: a
// link, its account and its mark on the receiver's side; on the sender's side a user and the link they send under.

/** One operation of the load: said before it is asked for, and once more when it has been acknowledged. */
export type Deed =
  | { readonly type: "open"; readonly link: number }
  /** One request; its reports carry the mark. */
  | {
      readonly type: "deliver";
      readonly mark: number;
      readonly reports: readonly number[];
      readonly withdrawals: readonly number[];
    }
  | { readonly type: "revoke"; readonly link: number }
  /** Disabled and enabled again: no link of an earlier epoch is shown any more. */
  | { readonly type: "renew" }
  | { readonly type: "sweep" }
  /** A user opts in under a link, or out of it, which asks for its withdrawal in the same commit. */
  | { readonly type: "choose"; readonly user: number; readonly link: number; readonly isOptIn: boolean }
  /** One commit of the server's state: windows with the mark that were kept, and withdrawals whose receipts have come. */
  | {
      readonly type: "prove";
      readonly mark: number;
      readonly users: readonly number[];
      readonly withdrawn: readonly number[];
    };

/** Who does deeds, one after another: a server at the receiver, or the one sender. */
export type Doer = "hq" | "lab" | "shop" | "sender";

/** What is stored of a doer: link → mark, 0 before the first report. Nothing else may be shown. */
export interface State {
  /** How often it was renewed, or how many commits the server's state has seen. */
  readonly version: number;
  /** At the receiver: what is shown, by link. At the sender: what is known to be shown, by user. */
  readonly marks: Readonly<Record<number, number>>;
  /** At the sender: the link each user sends under. */
  readonly links: Readonly<Record<number, number>>;
  /** At the sender: the links whose withdrawals wait for their receipts, in their order. */
  readonly waiting: readonly number[];
}

export const NOTHING: State = { version: 0, marks: {}, links: {}, waiting: [] };

/** The state after a deed took hold. Pure. */
export function after(state: State, deed: Deed): State {
  const { marks, links, waiting, version } = state;
  switch (deed.type) {
    case "open":
      return { ...state, marks: { ...marks, [deed.link]: 0 } };
    case "deliver": {
      const left = without(marks, deed.withdrawals);
      return { ...state, marks: { ...left, ...marked(deed.reports, deed.mark) } };
    }
    case "revoke":
      return { ...state, marks: without(marks, [deed.link]) };
    case "renew":
      return { ...state, version: version + 1, marks: {} };
    case "sweep":
      return state;
    case "choose":
      return deed.isOptIn
        ? { ...state, links: { ...links, [deed.user]: deed.link } }
        : {
            ...state,
            links: without(links, [deed.user]),
            marks: without(marks, [deed.user]),
            waiting: [...waiting, deed.link].sort((one, other) => one - other),
          };
    case "prove":
      return {
        ...state,
        version: version + 1,
        marks: { ...marks, ...marked(deed.users, deed.mark) },
        waiting: waiting.filter((link) => !deed.withdrawn.includes(link)),
      };
  }
}

/** How many links a deed deletes the counts of, of those that a state has. */
export function deletionsOf(state: State, deed: Deed): number {
  switch (deed.type) {
    case "deliver":
      return deed.withdrawals.length;
    case "revoke":
      return 1;
    case "renew":
      return Object.keys(state.marks).length;
    default:
      return 0;
  }
}

function marked(numbers: readonly number[], mark: number): Record<number, number> {
  return Object.fromEntries(numbers.map((number) => [number, mark]));
}

function without(record: Readonly<Record<number, number>>, keys: readonly number[]): Record<number, number> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(Number(key))));
}
