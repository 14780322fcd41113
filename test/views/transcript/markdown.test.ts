import assert from 'node:assert/strict';
import { markdownBlocks } from '../../../src/webview/transcript/markdown/blocks';
import type { MarkdownPart } from '../../../src/webview/transcript/markdown/nodes';

/** As a short text: elements in parentheses, links with their address. */
function spelled(part: MarkdownPart): string {
  if (typeof part === 'string') return part;
  const { tag, href, number } = part;
  const name = [tag, ...(number === undefined ? [] : [String(number)]), ...(href === undefined ? [] : [href])].join(
    ' ',
  );
  return `(${name}: ${part.children.map(spelled).join('')})`;
}
const read = (...lines: readonly string[]): string => markdownBlocks(lines.join('\n')).map(spelled).join('\n');
const inline = (text: string): string => read(text).replace(/^\(p: ([^]*)\)$/, '$1');

function textOf(part: MarkdownPart): string {
  return typeof part === 'string' ? part : part.children.map(textOf).join('');
}

function nodesOf(part: MarkdownPart): Exclude<MarkdownPart, string>[] {
  return typeof part === 'string' ? [] : [part, ...part.children.flatMap(nodesOf)];
}

/** The same numbers in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

describe('Markdown in a transcript', () => {
  it('has headings, paragraphs with their line ends, and rules', () => {
    assert.equal(
      read('# Title ##', 'one', 'two', '', '### Below', '---'),
      '(heading 1: Title)\n(p: one\ntwo)\n(heading 3: Below)\n(hr: )',
    );
    assert.equal(read('#no heading', '', '####### none'), '(p: #no heading)\n(p: ####### none)');
  });

  it('has lists in lists, with numbers and boxes', () => {
    assert.equal(
      read('- a', '  - b', '  - c', '- [x] d', '- [ ] e'),
      '(ul: (li: (p: a)(ul: (li: (p: b))(li: (p: c))))(li: (p: ☑ d))(li: (p: ☐ e)))',
    );
    assert.equal(
      read('3. a', '   more', '', '   own', '4. b', 'lazy', '', 'after'),
      '(ol 3: (li: (p: a\nmore)(p: own))(li: (p: b\nlazy)))\n(p: after)',
    );
    assert.equal(read('1. a', '```', 'x', '```', '2. b'), '(ol 1: (li: (p: a)))\n(pre: x)\n(ol 2: (li: (p: b)))');
  });

  it('has code blocks as they are, also in lists and before their end has come', () => {
    assert.equal(
      read('```ts', 'const a = `*b*`;', '', '  <b>', '```', 'after'),
      '(pre: const a = `*b*`;\n\n  <b>)\n(p: after)',
    );
    assert.equal(read('- a', '  ~~~', '  x', '    y', '  ~~~'), '(ul: (li: (p: a)(pre: x\n  y)))');
    assert.equal(read('````', '```', 'x'), '(pre: ```\nx)');
  });

  it('has quotes and tables', () => {
    assert.equal(read('> a', '> - b', '', 'c'), '(blockquote: (p: a)(ul: (li: (p: b))))\n(p: c)');
    assert.equal(
      read('| a | `b` |', '|---|:-:|', '| 1 | 2 \\| 3 |', '|  | x |', 'after'),
      '(table: (tr: (th: a)(th: (code: b)))(tr: (td: 1)(td: 2 | 3))(tr: (td: )(td: x)))\n(p: after)',
    );
    assert.equal(read('a | b', 'c'), '(p: a | b\nc)');
  });

  it('has emphasis and code in lines', () => {
    assert.equal(inline('**a *b* c** __d__ _e_ ~~f~~'), '(strong: a (em: b) c) (strong: d) (em: e) (del: f)');
    assert.equal(inline('***a*** **b*c*d**'), '(strong: (em: a)) (strong: b(em: c)d)');
    assert.equal(inline('`a*b*` ``c`d`` ` e ` `open'), '(code: a*b*) (code: c`d) (code: e) `open');
    assert.equal(
      inline('snake_case_name 2 * 3 * 4 a** b \\*c\\* **open'),
      'snake_case_name 2 * 3 * 4 a** b *c* **open',
    );
    assert.equal(inline('C:\\temp\\new src/**/*.ts'), 'C:\\temp\\new src/**/*.ts');
  });

  it('links addresses of the web only', () => {
    assert.equal(inline('[a **b**](https://x.y/z(1)?q "t")'), '(a https://x.y/z(1)?q: a (strong: b))');
    assert.equal(
      inline('See https://x.y/a_b, or <http://c.d>.'),
      'See (a https://x.y/a_b: https://x.y/a_b), or (a http://c.d: http://c.d).',
    );
    assert.equal(inline('![alt](https://x.y/i.png)'), '(a https://x.y/i.png: alt)');
    for (const address of [
      'javascript:alert(1)',
      'command:x',
      'file:///etc/passwd',
      'data:text/html,x',
      '//x.y',
      'a.ts',
    ])
      assert.equal(inline(`[a](${address})`), `[a](${address})`);
    assert.equal(inline('[[b](https://x.y)](https://z.w)'), '[(a https://x.y: b)]((a https://z.w: https://z.w))');
  });

  it('keeps markup of other languages as text', () => {
    assert.equal(inline('<img src=x onerror=alert(1)> <script>&amp;'), '<img src=x onerror=alert(1)> <script>&amp;');
  });

  it('loses no letter of any text, and links nothing else', () => {
    const signs = ['*', '**', '_', '__', '~~', '`', '``', '[', ']', '(', ')', '\\', '!', '#', '# ', '> ', '- ', '+ '];
    const pieces = [
      ...signs,
      '\n',
      '\n\n',
      '  ',
      '\t',
      '|',
      '|-|',
      ' ',
      '<b>',
      '&lt;',
      'ä',
      '字',
      '\ud800',
      '---',
      'x ',
    ];
    for (let seed = 1; seed <= 400; seed += 1) {
      const number = numbers(seed);
      const text = Array.from({ length: 60 }, () => pieces[number(pieces.length)] ?? '').join('');
      const blocks = markdownBlocks(text);
      const letters = (some: string): string => some.replace(/[^\p{L}]/gu, '').replaceAll('x', '');
      assert.equal(letters(blocks.map(textOf).join('')), letters(text), JSON.stringify(text));
    }
  });

  it('links only what starts as an address of the web, whatever the text is', () => {
    const pieces = [
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      'https://',
      'javascript:',
      'x.y',
      ' ',
      '"',
      '\n',
      '!',
      '*',
      '`',
      '\\',
      '|',
    ];
    for (let seed = 1; seed <= 400; seed += 1) {
      const number = numbers(seed);
      const text = Array.from({ length: 60 }, () => pieces[number(pieces.length)] ?? '').join('');
      for (const { tag, href } of markdownBlocks(text).flatMap(nodesOf)) {
        assert.equal(tag === 'a', href !== undefined);
        if (href !== undefined) assert.match(href, /^https?:\/\/[^\s<>]+$/, JSON.stringify(text));
      }
    }
  });

  it('reads hostile texts in a time that grows with their length', () => {
    const hostile = [
      '*a ',
      '**a',
      '_a',
      '[',
      '![a](',
      '`',
      '> ',
      '- ',
      '- \n',
      '\n\n',
      '| ',
      '|-',
      '~~a',
      '[a](https://x "',
      '<http://',
      '\\',
      '[a](https://x(',
      ' - a\n  ',
      '```\n',
      '1. a\n\n',
    ];
    for (const piece of hostile) {
      const blocks = markdownBlocks(piece.repeat(100_000 / piece.length));
      assert.ok(blocks.flatMap(nodesOf).length <= 200_000, piece);
    }
  });
});
