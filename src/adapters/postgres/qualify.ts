/**
 * The tokens of a statement: a text, a quoted name, a parameter, a word, a number, an operator, white space, or a
 * character.
 */
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

/** The functions that the parser takes from `pg_catalog` by itself, and only in this form. */
const SYNTAX: ReadonlySet<string> = new Set(["substring", "unnest"]);

/**
 * Returns a statement that names the schema of every operator, function and type: `a = b` becomes `a
 * OPERATOR(pg_catalog.=) b`. Otherwise a session whose `search_path` has another schema before `pg_catalog` would run
 * functions of that schema.
 *
 * It reads only the SQL of this folder: keywords in capitals, names in small letters, no comments, and a function's
 * parenthesis right behind its name. `IN`, `BETWEEN`, `LIKE`, `NULLIF`, `USING (…)` and `IS DISTINCT FROM` are not
 * used, since each looks up an operator unseen. All operators bind alike afterwards, from left to right, so parentheses
 * say the rest.
 */
export function qualify(sql: string): string {
  const tokens = sql.match(TOKENS) ?? [];
  // The last two tokens except white space, the nearest first.
  let before: readonly string[] = [];
  // The token before each open parenthesis, and the one before the parenthesis that was closed last.
  const open: string[] = [];
  let beforeClosed = "";
  return tokens
    .map((token, index) => {
      if (/^\s/.test(token)) return token;
      const [last = "", beforeLast = ""] = before;
      const beforeTarget = last === ")" ? beforeClosed : beforeLast;
      const qualified = qualifyToken(token, tokens[index + 1], last, beforeTarget);
      if (token === "(") open.push(last);
      if (token === ")") beforeClosed = open.pop() ?? "";
      before = [token, last];
      return qualified;
    })
    .join("");
}

/** @param beforeTarget the token before the operand on the left, if the token is an operator */
function qualifyToken(token: string, next: string | undefined, last: string, beforeTarget: string): string {
  if (OPERATORS.has(token)) {
    return isOperand(last) && !isAssignment(token, last, beforeTarget)
      ? `OPERATOR(pg_catalog.${token})`
      : token;
  }
  if (!isName(token)) return token;
  const isFunction = next === "(" && last !== "." && !SYNTAX.has(token);
  return isFunction || last === "::" ? `pg_catalog.${token}` : token;
}

/** Whether an operator behind this token has an operand there. If not, `*` is all columns, and `-` a sign. */
function isOperand(token: string): boolean {
  return /^[a-z_$\d'")\]]/.test(token) || token === "END";
}

/** Whether `=` is an assignment: to a column or to several in parentheses, behind `SET` or a comma. */
function isAssignment(token: string, last: string, beforeTarget: string): boolean {
  return token === "=" && (isName(last) || last === ")") && (beforeTarget === "SET" || beforeTarget === ",");
}

function isName(token: string): boolean {
  return /^[a-z_]/.test(token);
}
