/** Displayed texts go through `t`, to be translated (CONTRIBUTING.md, "Add a text, a language or an icon"). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.tsx?$/.test(path) && !/(\.test\.tsx?|(^|\/)test-[^/]*)$/.test(path),
);

/** Attributes and component props that are displayed or read out unchanged. */
const spoken =
  /^(?:aria-label|aria-description|aria-roledescription|aria-valuetext|alt|title|placeholder|label|hint|heading|body|text)$/;
const hasWord = (text: string): boolean => /\p{L}{2}/u.test(text);

/** Literals that need no translation: the product's name, the `H` before a heading's level. */
const names = new Set(['Concord', 'H']);

function hardCoded(path: string, source: string): readonly string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const report = (node: ts.Node, text: string): void => {
    if (!hasWord(text) || names.has(text.trim())) return;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${path}:${line + 1}: ${text.trim()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) report(node, node.text);
    else if (ts.isJsxAttribute(node) && node.initializer !== undefined) {
      const name = node.name.getText();
      if (ts.isStringLiteral(node.initializer)) {
        if (spoken.test(name)) report(node, node.initializer.text);
      } else if (spoken.test(name)) literalsOf(node.initializer);
    } else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) {
      if (node.expression !== undefined) literalsOf(node.expression);
    } else if (
      ts.isPropertyAssignment(node) &&
      spoken.test(node.name.getText().replaceAll("'", ''))
    )
      literalsOf(node.initializer);
    ts.forEachChild(node, visit);
  };
  /** Literals that become the value of an expression; not arguments of calls or operands of comparisons. */
  const literalsOf = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) report(node, node.text);
    else if (ts.isTemplateExpression(node))
      report(node, [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(' ')); // prettier-ignore
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(literalsOf);
    else if (ts.isParenthesizedExpression(node) || ts.isJsxExpression(node))
      ts.forEachChild(node, literalsOf);
    else if (
      ts.isBinaryExpression(node) &&
      /^(?:&&|\|\||\?\?|\+)$/.test(node.operatorToken.getText())
    )
      [node.left, node.right].forEach(literalsOf);
  };
  visit(file);
  return found;
}

it('the search for hard-coded texts finds them in elements, attributes and expressions', () => {
  const source = `
    const a = <p>Some text {known ? 'More text' : words.other}</p>;
    const b = <button aria-label="Close it" className="button quiet" title={isOn ? 'Turn off' : ''} />;
    const c = view({ heading: 'A heading', kind: 'no text' });`;
  expect(hardCoded('a.tsx', source).map((found) => found.split(': ')[1])).toEqual([
    'Some text',
    'More text',
    'Close it',
    'Turn off',
    'A heading',
  ]);
});

it('no component of the web app has a hard-coded text', () => {
  const found = sources.flatMap((path) => hardCoded(path, readFileSync(join(ROOT, path), 'utf8')));
  expect(found).toEqual([]);
});
