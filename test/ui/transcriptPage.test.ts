/** The page of a transcript in a real browser, as it ships but without an editor around it. */
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import * as z from 'zod';
import type { TranscriptEntry } from '../../src/contract/transcript';
import { inProject } from '../../tools/project';
import { itLongIf } from '../support/long';
import type { ServedOptions } from './support/servedPage';
import { closeContext, openContext } from './support/sharedWindow';
import { THEMES } from './support/themeColors';
import { indistinctToggles } from './support/toggles';
import { TranscriptPage } from './support/transcriptPage';
import { said } from './support/said';

const violations = z.array(z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.unknown()) }));

const texts = z.array(z.string());
const SCROLL_TOP = `document.querySelector('#viewport').scrollTop`;

const tool = (title: string, fields: object = {}): TranscriptEntry => ({
  kind: 'tool',
  title,
  status: 'completed',
  paths: [],
  output: '',
  diffs: [],
  ...fields,
});
const message = (text: string): TranscriptEntry => ({ kind: 'message', by: null, text });

const MARKDOWN = [
  '## How I will do it',
  'I read `parse` and its **three callers** first, see [the proposal](https://tc39.es/proposal-temporal/).',
  '- Replace the parser\n  1. in `src/dates.ts`\n  2. in its *callers*\n- [x] Read the tests',
  '> Dates without a zone are local.',
  '| Input | Result |\n| --- | --- |\n| `2026-01-01` | a date |\n| `now` | ~~today~~ nothing |',
  '```ts\nexport const parse = (text: string): Date => new Date(text); // <b>\n```',
].join('\n\n');

/** One of each kind. */
const STORY: readonly TranscriptEntry[] = [
  {
    kind: 'note',
    tone: 'info',
    text: 'session · Claude Code 2.1.329 · default',
    about: { kind: 'opened', how: 'resume', details: ['Claude Code 2.1.329', 'default'] },
  },
  { kind: 'message', by: 'task', text: 'Replace the parser of dates.\n\nKeep its tests.' },
  { kind: 'thought', text: 'The parser is in src/dates.ts. Its tests are next to it, and three callers use it.' },
  message(MARKDOWN),
  {
    kind: 'plan',
    steps: [
      { text: 'Read the parser and its callers', status: 'completed' },
      { text: 'Replace it', status: 'inProgress' },
      { text: 'Run the tests', status: 'pending' },
    ],
  },
  tool('Read src/dates.ts', { output: 'export function parse(text: string): Date {}' }),
  tool('Edit src/dates.ts', {
    diffs: [{ path: '/r/src/dates.ts', oldText: 'const a = 1;\n', newText: 'const a = 2;\n' }],
  }),
  tool('npm run lint', { status: 'failed', output: 'src/dates.ts:3 no-unused-vars' }),
  {
    kind: 'decision',
    number: 1,
    title: 'npm publish',
    details: ['outside the worktree: /home/ada/.npmrc'],
    answer: 'deny',
    by: { kind: 'person', name: 'Ada' },
    reason: 'Only a release publishes.',
  },
  {
    kind: 'decision',
    number: 2,
    title: 'npm test',
    details: [],
    answer: 'allow',
    by: { kind: 'rule', name: '2' },
    reason: null,
  },
  { kind: 'message', by: 'Ada', text: 'Use the platform’s own parser.' },
  { kind: 'note', tone: 'output', text: 'warning: deprecated option\nwarning: slow file system' },
  { kind: 'note', tone: 'error', text: 'Connection lost' },
  { kind: 'usage', inputTokens: 12_500, outputTokens: 840, cacheHits: 44_000, costUsd: 0.18 },
  tool('npm test', { status: 'running' }),
];

describe("the transcript's page", function () {
  this.timeout(60_000);
  let context: BrowserContext;
  let shown: TranscriptPage | undefined;

  before(async () => {
    context = await openContext({ viewport: { width: 1000, height: 640 } });
  });
  after(() => closeContext(context));
  afterEach(async () => {
    const faults = shown?.faults ?? [];
    await shown?.close();
    shown = undefined;
    assert.deepEqual(faults, [], 'nothing was thrown or refused by the policy');
  });

  async function show(
    entries: readonly TranscriptEntry[] = STORY,
    options: Partial<ServedOptions> = {},
  ): Promise<TranscriptPage> {
    shown = await TranscriptPage.open(context, { theme: THEMES.dark, ...options });
    await shown.add(...entries);
    return shown;
  }

  for (const [name, theme] of Object.entries(THEMES)) {
    const itThere = itLongIf(name !== 'dark');
    itThere(`has nothing that a person with other senses would miss (${name})`, async () => {
      const page = await show(STORY, { theme });
      await page.page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
      const found = violations.parse(await page.page.evaluate('axe.run().then((result) => result.violations)'));
      await mkdir(inProject('.tmp/pictures'), { recursive: true });
      await page.page.screenshot({ path: path.join(inProject('.tmp/pictures'), `transcript-page-${name}.png`) });
      assert.deepEqual(found, [], JSON.stringify(found, undefined, 1));
      await page.press('Home');
      await page.page.screenshot({ path: path.join(inProject('.tmp/pictures'), `transcript-markdown-${name}.png`) });
    });
  }

  for (const [name, theme] of Object.entries(THEMES)) {
    it(`shows whether the end is followed (${name})`, async () => {
      assert.deepEqual(await indistinctToggles((await show(STORY, { theme })).page), []);
    });
  }

  it('shows each entry with its state in words', async () => {
    const page = await show();
    const labels = texts.parse(
      await page.page.evaluate(
        `[...document.querySelectorAll('#entries > article')].map((row) => row.getAttribute('aria-label'))`,
      ),
    );
    assert.equal(labels[0], 'Session resumed · Claude Code 2.1.329 · default');
    assert.deepEqual(labels.slice(5, 11), [
      'Read src/dates.ts, completed',
      'Edit src/dates.ts, completed',
      'npm run lint, failed',
      'Request 1: npm publish, denied by Ada',
      'Request 2: npm test, allowed by rule 2',
      'Ada',
    ]);
    assert.equal(await page.page.locator('#plan-title').textContent(), said('Plan: {0} of {1}', { 0: '1', 1: '3' }));
  });

  it('shows messages as Markdown, with links that the editor is asked to open', async () => {
    const page = await show();
    const body = page.row(3).locator('.body');
    assert.equal(await body.getByRole('heading', { level: 2 }).textContent(), 'How I will do it');
    assert.deepEqual(await body.locator('li > p').allTextContents(), [
      'Replace the parser',
      'in src/dates.ts',
      'in its callers',
      '☑ Read the tests',
    ]);
    assert.match((await body.locator('pre').textContent()) ?? '', /^export const .* <b>$/);
    assert.deepEqual(await body.locator('tr').allInnerTexts(), [
      'Input\tResult',
      '2026-01-01\ta date',
      'now\ttoday nothing',
    ]);
    const link = body.getByRole('link', { name: 'the proposal' });
    assert.equal(await link.getAttribute('href'), 'https://tc39.es/proposal-temporal/');
    await link.click();
    await page.asks('link');
    assert.deepEqual((await page.events()).at(-1), { type: 'link', address: 'https://tc39.es/proposal-temporal/' });
  });

  it('makes no element of markup in a message, and loads nothing', async () => {
    const hostile =
      '<img src="https://x.y/i.png" onerror="alert(1)">\n\n![i](https://x.y/i.png) [a](javascript:alert(1))';
    const page = await show([message(hostile), { kind: 'message', by: 'Ada', text: '<script>alert(1)</script>' }]);
    const found = page.page.locator('#entries .body :not(p, a)');
    assert.equal(await found.count(), 0);
    assert.equal(await page.row(1).locator('.body').textContent(), '<script>alert(1)</script>');
    assert.deepEqual(await page.page.locator('#entries a').allTextContents(), ['https://x.y/i.png', 'i']);
  });

  it('folds thoughts and results of tools, and unfolds them by keyboard and mouse', async () => {
    const page = await show();
    const thought = page.row(2);
    assert.equal(await thought.locator('.body').count(), 0);
    await page.press('Home');
    await page.press('ArrowDown');
    await page.press('ArrowDown');
    assert.equal(await page.focused(), 2);
    await page.press('Enter');
    assert.match((await thought.locator('.body').textContent()) ?? '', /^The parser is in/);
    assert.equal(await page.focused(), 2);
    await page.press('Enter');
    assert.equal(await thought.locator('.body').count(), 0);
    await page.row(7).locator('.fold').click();
    assert.equal(await page.row(7).locator('.body').textContent(), 'src/dates.ts:3 no-unused-vars');
    assert.deepEqual((await page.kept()).unfolded, [7]);
  });

  it('opens the changes of a call in the editor', async () => {
    const page = await show();
    await page.row(6).locator('.fold').click();
    await page
      .row(6)
      .getByRole('button', { name: said('Changes of {0}', { 0: 'dates.ts' }) })
      .click();
    await page.press('Home');
    for (let step = 0; step < 6; step += 1) await page.press('ArrowDown');
    await page.press('d');
    const asked = (await page.events()).filter(({ type }) => type === 'diff');
    assert.deepEqual(asked, Array(2).fill({ type: 'diff', index: 6, diff: 0 }));
  });

  it('finds a text in entries that are not drawn, and marks it', async () => {
    const many = Array.from({ length: 3000 }, (_, number) => message(`Message ${number}`));
    const page = await show([...many.slice(0, 50), { kind: 'thought', text: 'the Needle' }, ...many.slice(50)]);
    assert.equal(await page.row(50).count(), 0);
    await page.page.keyboard.press('/');
    await page.page.keyboard.type('needle');
    await page.asks('search');
    await page.drawn();
    assert.equal(await page.page.locator('#found').textContent(), '1 of 1');
    assert.equal(await page.row(50).locator('.body mark').textContent(), 'Needle');
    await page.press('Escape');
    assert.equal(await page.page.locator('mark').count(), 0);
  });

  it('follows its end until a person scrolls up, and again at the end', async () => {
    const page = await show(Array.from({ length: 200 }, (_, number) => message(`Message ${number}`)));
    assert.ok(await page.row(199).isVisible());
    await page.add(message('Newer'));
    assert.ok(await page.row(200).isVisible());
    await page.page.mouse.move(300, 400);
    await page.page.mouse.wheel(0, -2000);
    await page.page.locator('#follow[aria-pressed="false"]').waitFor();
    await page.drawn();
    const top = await page.page.evaluate(SCROLL_TOP);
    await page.add(...Array.from({ length: 20 }, () => message('Still newer')));
    assert.equal(await page.page.evaluate(SCROLL_TOP), top);
    await page.page.locator('#follow').click();
    await page.drawn();
    assert.ok(await page.row(220).isVisible());
    assert.deepEqual(await page.kept(), { unfolded: [] });
  });

  it('shows an entry that changes where it is', async () => {
    const page = await show();
    await page.set(14, tool('npm test'));
    assert.equal(await page.row(14).getAttribute('aria-label'), 'npm test, completed');
  });

  it('sends the rest of a long entry when it is asked for', async () => {
    const page = await show([message(`${'x'.repeat(9000)}end`)]);
    assert.doesNotMatch((await page.row(0).textContent()) ?? '', /end/);
    await page.page.getByRole('button', { name: said('Show All') }).click();
    await page.asks('whole');
    assert.match((await page.row(0).locator('.body').textContent()) ?? '', /end$/);
  });

  it('holds only the rows that are seen, however many there are', async () => {
    const page = await show(
      Array.from({ length: 40_000 }, (_, number) =>
        number % 3 === 0 ? message('a\n'.repeat(number % 20)) : tool('b'),
      ),
    );
    assert.ok((await page.page.locator('#entries > article').count()) < 60);
    await page.press('Home');
    assert.equal(await page.focused(), 0);
    await page.page.evaluate(`${SCROLL_TOP} = document.querySelector('#viewport').scrollHeight / 2`);
    await page.drawn();
    await page.drawn();
    assert.equal(await page.page.locator('#entries > .waiting').count(), 0);
    assert.ok((await page.page.locator('#entries > article').count()) < 60);
  });

  it('comes back where it was', async () => {
    const many = Array.from({ length: 300 }, (_, number) => message(`Message ${number}`));
    const page = await show(many, { kept: { subject: 's', memory: { top: 120, unfolded: [] } } });
    await page.drawn();
    assert.ok(await page.row(120).isVisible());
    assert.equal(await page.page.locator('#follow').getAttribute('aria-pressed'), 'false');
  });
});
