/** What a statement is made of: a text, a quoted name, a parameter, a word, a number, an operator, white space, or a character. */
const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\d+|::|[A-Za-z_]\w*|\d+|<=|>=|<>|\|\||\s+|./g;

const OPERATORS: ReadonlySet<string> = new Set([
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "+",
  "-",
  "*",
  "/",
  "&",
  "||",
]);

/** What the parser takes from `pg_catalog` by itself, and only in this form. */
const SYNTAX: ReadonlySet<string> = new Set(["substring", "unnest"]);

/**
 * Names the schema of every operator, function and type of a statement: `a = b` becomes `a OPERATOR(pg_catalog.=) b`.
 * Otherwise a session whose `search_path` has another schema before `pg_catalog` would run functions of that schema.
 *
 * It reads the SQL of this folder and no other: keywords in capitals, names in small letters, a function's parenthesis
 * right behind its name, no comments. `IN`, `BETWEEN`, `LIKE`, `NULLIF`, `USING (…)` and `IS DISTINCT FROM` look an operator
 * up unseen and are not used. All operators bind alike afterwards, from left to right, so that parentheses say the rest.
 */
export function qualify(sql: string): string {
  const tokens = sql.match(TOKENS) ?? [];
  // The last three that are no white space, the nearest first.
  let before: readonly string[] = [];
  return tokens
    .map((token, index) => {
      if (/^\s/.test(token)) return token;
      const qualified = qualifyToken(token, tokens[index + 1], before);
      before = [token, ...before.slice(0, 2)];
      return qualified;
    })
    .join("");
}

function qualifyToken(
  token: string,
  next: string | undefined,
  [last = "", beforeLast = ""]: readonly string[],
): string {
  if (OPERATORS.has(token)) {
    return isOperand(last) && !isAssignment(token, last, beforeLast)
      ? `OPERATOR(pg_catalog.${token})`
      : token;
  }
  if (!isName(token)) return token;
  const isFunction = next === "(" && last !== "." && !SYNTAX.has(token);
  return isFunction || last === "::" ? `pg_catalog.${token}` : token;
}

/** Whether an operator behind this token has an operand there: else `*` is all columns, and `-` a sign. */
function isOperand(token: string): boolean {
  return /^[a-z_$\d'")\]]/.test(token) || token === "END";
}

/** `SET column = …`, and the ones that follow it behind a comma: no comparison stands there. */
function isAssignment(token: string, last: string, beforeLast: string): boolean {
  return token === "=" && isName(last) && (beforeLast === "SET" || beforeLast === ",");
}

function isName(token: string): boolean {
  return /^[a-z_]/.test(token);
}
