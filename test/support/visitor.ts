/** Somebody who visits pages without a browser: keeps cookies, follows redirects, and fills in forms. */
export interface Visitor {
  /** Opens a page. */
  open(url: string): Promise<VisitedPage>;
  /** Posts a form by hand, with these fields and no others. */
  post(url: string, fields: Readonly<Record<string, string>>): Promise<VisitedPage>;
}

/** A page as it came. */
export interface VisitedPage {
  /** Where the last redirect led. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** The words in its main part. */
  readonly text: string;
  /** Presses a button, by the words on it, with what else its form is to say. */
  press(button: string, fields?: Readonly<Record<string, string>>): Promise<VisitedPage>;
}

/** Makes a visitor without cookies. */
export function createVisitor(): Visitor {
  // By name alone, as browsers keep them over the ports of one machine.
  const cookies = new Map<string, string>();

  async function visit(url: string, init: RequestInit = {}): Promise<VisitedPage> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { ...init, redirect: "manual", headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    const html = await answer.text();
    if (location !== null) return visit(new URL(location, url).href);
    return {
      ...{ url, status: answer.status, headers: answer.headers, html, text: wordsOf(html) },
      press: (button, fields = {}) => {
        const { action, hidden } = formWith(html, button);
        return post(new URL(action, url).href, { ...hidden, ...fields });
      },
    };
  }

  const post = (url: string, fields: Readonly<Record<string, string>>): Promise<VisitedPage> =>
    visit(url, { method: "POST", body: new URLSearchParams(fields) });

  return { open: visit, post };
}

/** The form that has this button, and what it says by itself: its hidden fields, and the button's own value. */
function formWith(html: string, button: string): { action: string; hidden: Record<string, string> } {
  for (const [form, action = ""] of html.matchAll(/<form method="post" action="([^"]*)">.*?<\/form>/gs)) {
    for (const [, attributes = "", words = ""] of form.matchAll(/<button([^>]*)>(.*?)<\/button>/gs)) {
      if (unescaped(words) !== button) continue;
      const tags = [...form.matchAll(/<input type="hidden"[^>]*>/g)].map(([tag]) => tag);
      const pairs = [...tags, attributes].map((tag): [string, string] => [
        /name="([^"]*)"/.exec(tag)?.[1] ?? "",
        unescaped(/value="([^"]*)"/.exec(tag)?.[1] ?? ""),
      ]);
      return { action, hidden: Object.fromEntries(pairs.filter(([name]) => name !== "")) };
    }
  }
  throw new Error(`The page has no button "${button}".`);
}

function wordsOf(html: string): string {
  const [, main = html] = /<main>(.*)<\/main>/s.exec(html) ?? [];
  return unescaped(main.replace(/<[^>]*>/g, ""))
    .replace(/\s+/g, " ")
    .trim();
}

function unescaped(text: string): string {
  const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity as keyof typeof entities]);
}
