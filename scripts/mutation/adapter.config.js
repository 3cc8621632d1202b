import shared from "./stryker.config.json" with { type: "json" };

const adapter = process.env["MUTATED_ADAPTER"];

/** The settings of Stryker for one adapter. */
export default {
  ...shared,
  vitest: { configFile: "scripts/mutation/adapter.vitest.config.ts", related: false },
  // This file is the plugin, too.
  plugins: [...shared.plugins, import.meta.filename],
  ignorers: ["sql"],
  mutate: [
    `src/adapters/${adapter}/**/*.ts`,
    "!src/**/index.ts",
    // They hold SQL alone.
    "!src/adapters/postgres/*-{migrations,statements}.ts",
  ],
  // A change of code that runs while it is loaded takes all tests, and these take long elsewhere.
  ignoreStatic: adapter !== "memory",
  timeoutMS: 15_000,
};

/** The words that begin a clause of SQL. */
const CLAUSE = /\b(?:SELECT|FROM|WHERE|JOIN|VALUES|CASE|INSERT INTO|CREATE)\b/;

/**
 * Plugins of Stryker. This one leaves SQL as it is: what a call of `qualify` makes, and texts with a clause of SQL. Such a
 * change says little, since a statement without its text is refused.
 */
export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "sql",
    value: {
      /** @param {{ readonly node: any }} path the place in the syntax tree */
      shouldIgnore({ node }) {
        const isStatement = node.type === "CallExpression" && node.callee.name === "qualify";
        const texts = node.type === "TemplateLiteral" ? node.quasis.map(textOf) : [];
        if (node.type === "StringLiteral") texts.push(node.value);
        return isStatement || texts.some((/** @type {string} */ text) => CLAUSE.test(text))
          ? "It is SQL."
          : undefined;
      },
    },
  },
];

/** @param {any} quasi a piece of a template, between its expressions */
function textOf(quasi) {
  return quasi.value.raw;
}
