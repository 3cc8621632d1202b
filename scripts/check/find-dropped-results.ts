import ts from "typescript";

/** A place where a `Result` is made and thrown away unseen. */
export interface DroppedResult {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** The first line of the expression. */
  readonly text: string;
}

const RESULTS = new Set(["Ok", "Err", "ResultAsync"]);
/** Types that hand their content on. Throwing one away throws away the `Result` in it. */
const CONTAINERS = new Set([
  "Promise",
  "PromiseLike",
  "Array",
  "ReadonlyArray",
  "Set",
  "PromiseFulfilledResult",
]);
/** neverthrow's own operations that ignore the return value of their callback. */
const TEES = new Set(["andTee", "orTee"]);

/**
 * Returns every expression whose `Result`, `ResultAsync`, or promise or array of them, is thrown away.
 *
 * It can be a statement, also awaited, chained, or on a branch of `&&`, `??`, `?:`. It can also stand after `void`,
 * before a comma, or be returned where `void` is expected. Only files that `isChecked` accepts are looked at.
 */
export function findDroppedResults(
  program: ts.Program,
  isChecked: (fileName: string) => boolean,
): readonly DroppedResult[] {
  const checker = program.getTypeChecker();
  const found: DroppedResult[] = [];

  function report(node: ts.Node): void {
    const source = node.getSourceFile();
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart());
    const text = node.getText().split("\n", 1)[0] ?? "";
    found.push({ file: source.fileName, line: line + 1, column: character + 1, text });
  }

  function holdsResult(type: ts.Type): boolean {
    if (type.isUnion()) return type.types.some(holdsResult);
    const name = type.symbol?.name;
    if (name !== undefined && RESULTS.has(name)) return isNeverthrow(type.symbol);
    const isContainer = checker.isTupleType(type) || (name !== undefined && CONTAINERS.has(name));
    return isContainer && checker.getTypeArguments(type as ts.TypeReference).some(holdsResult);
  }

  /** Reports the parts of an expression that end in a thrown away value. */
  function drop(node: ts.Expression): void {
    if (ts.isParenthesizedExpression(node) || ts.isAwaitExpression(node)) {
      drop(node.expression);
    } else if (ts.isConditionalExpression(node)) {
      drop(node.whenTrue);
      drop(node.whenFalse);
    } else if (ts.isBinaryExpression(node)) {
      dropBinary(node.left, node.operatorToken.kind, node.right);
    } else if (!ts.isVoidExpression(node) && holdsResult(checker.getTypeAtLocation(node))) {
      report(node);
    }
  }

  function dropBinary(left: ts.Expression, operator: ts.SyntaxKind, right: ts.Expression): void {
    if (isAssignment(operator)) return;
    if (operator === ts.SyntaxKind.BarBarToken || operator === ts.SyntaxKind.QuestionQuestionToken)
      drop(left);
    drop(right);
  }

  /** Whether the caller of the function at `node` throws away its return value. */
  function callerDrops(node: ts.Expression): boolean {
    if (isTeeCallback(node)) return true;
    const expected = checker.getContextualType(node);
    if (expected === undefined) return false;
    const signatures = checker.getNonNullableType(expected).getCallSignatures();
    return signatures.length > 0 && signatures.every((signature) => isVoid(signature.getReturnType()));
  }

  function isTeeCallback({ parent }: ts.Expression): boolean {
    if (!(ts.isCallExpression(parent) && ts.isPropertyAccessExpression(parent.expression))) return false;
    const { name, expression } = parent.expression;
    return TEES.has(name.text) && holdsResult(checker.getTypeAtLocation(expression));
  }

  function returnsResult(node: ts.Expression): boolean {
    const signatures = checker.getTypeAtLocation(node).getCallSignatures();
    return signatures.some((signature) => holdsResult(signature.getReturnType()));
  }

  function isVoid(type: ts.Type): boolean {
    if (type.isUnion()) return type.types.every(isVoid);
    if ((type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) !== 0) return true;
    const isPromise = type.symbol?.name === "Promise" || type.symbol?.name === "PromiseLike";
    return isPromise && checker.getTypeArguments(type as ts.TypeReference).every(isVoid);
  }

  function visit(node: ts.Node): void {
    if (ts.isExpressionStatement(node) || ts.isVoidExpression(node)) drop(node.expression);
    else if (ts.isForStatement(node) && node.incrementor !== undefined) drop(node.incrementor);
    else if (isComma(node)) drop(node.left);
    else if (mayBeCallback(node) && callerDrops(node) && returnsResult(node)) report(node);
    ts.forEachChild(node, visit);
  }

  for (const source of program.getSourceFiles()) {
    if (!source.isDeclarationFile && isChecked(source.fileName)) visit(source);
  }
  return found;
}

function isNeverthrow(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((node) => node.getSourceFile().fileName.includes("/neverthrow/"));
}

/**
 * Whether a node is a function written in place, or a function's name that is handed over as an argument or under a
 * type.
 */
function mayBeCallback(node: ts.Node): node is ts.Expression {
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return true;
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return false;
  const { parent } = node;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return parent.expression !== node;
  if (ts.isPropertyAssignment(parent) || ts.isVariableDeclaration(parent)) return parent.initializer === node;
  return false;
}

function isComma(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
