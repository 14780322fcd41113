/** The graph's page in a real browser, as it ships but without an editor around it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { BrowserContext } from 'playwright-core';
import * as z from 'zod';
import { emptyPicture } from '../../src/views/graph/graphModel';
import { edge, fullPicture, largePicture, node, picture } from '../support/views/graphPictures';
import { until } from '../support/until';
import { GraphPage, type GraphPageOptions } from './support/graphPage';
import { closeContext, openContext } from './support/sharedWindow';
import { THEMES } from './support/themeColors';
import { itLong, itLongIf } from '../support/long';
import { said } from './support/said';

const violations = z.array(z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.unknown()) }));

describe("the graph's page", () => {
  let context: BrowserContext;
  let open: GraphPage | undefined;

  before(async () => {
    context = await openContext({ viewport: { width: 1100, height: 640 } });
  });
  after(() => closeContext(context));
  afterEach(async () => {
    const faults = open?.faults ?? [];
    await open?.close();
    open = undefined;
    assert.deepEqual(faults, [], 'nothing was thrown or refused by the policy');
  });

  async function show(options: Partial<GraphPageOptions> = {}): Promise<GraphPage> {
    open = await GraphPage.open(context, { theme: THEMES.dark, ...options });
    return open;
  }

  for (const [name, theme] of Object.entries(THEMES)) {
    const itThere = itLongIf(name === 'light');
    itThere(`has nothing that a person with other senses would miss (${name})`, async () => {
      const { page, faults } = await shown(theme);
      await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
      const found = violations.parse(await page.evaluate('axe.run().then((result) => result.violations)'));
      assert.deepEqual(found, [], JSON.stringify(found, undefined, 1));
      assert.deepEqual(faults, []);
    });
  }

  async function shown(theme: GraphPageOptions['theme']): Promise<GraphPage> {
    const graph = await show({ theme });
    await graph.draw(fullPicture());
    await graph.page.locator('summary').click();
    return graph;
  }

  it('shows the whole: heading, every project with its state, every line, legend and list', async () => {
    const graph = await show();
    const drawn = fullPicture();
    await graph.draw(drawn);
    const { page } = graph;
    assert.equal(await page.locator('h1').textContent(), drawn.title);
    assert.equal(await page.locator('#summary').textContent(), drawn.summary);
    assert.deepEqual(
      await page.locator('.node .name').allTextContents(),
      drawn.nodes.map((one) => one.name),
    );
    assert.deepEqual(
      await page.locator('#list li').allTextContents(),
      drawn.nodes.map((one) => one.spoken),
    );
    assert.equal(await page.locator('#edges > path.edge').count(), drawn.edges.length);
    assert.deepEqual(await page.locator('#edges .label.holds text').allTextContents(), Array(3).fill('needs review'));
    assert.match(await page.locator('.notice').innerText(), /Circular dependency: search → index → search/);
    assert.equal(await page.locator('#legend li').count(), 7 + 3);
    assert.match(await graph.node('auth').innerText(), /2/);
    assert.match(await graph.node('web').innerText(), /build · active\s+waits for api/);
  });

  it('is led by the keyboard alone, along the dependencies, to the project in the tree', async () => {
    const graph = await show();
    await graph.draw(fullPicture());
    const { keyboard } = graph.page;
    for (const button of [said('Zoom Out'), said('Zoom In'), said('Show Whole Graph')]) {
      await keyboard.press('Tab');
      assert.equal(await graph.page.evaluate('document.activeElement.ariaLabel'), button);
    }
    await keyboard.press('Tab');
    assert.equal(await graph.focused(), 'schema');
    await keyboard.press('ArrowRight');
    assert.equal(await graph.focused(), 'api');
    await keyboard.press('ArrowRight');
    assert.equal(await graph.focused(), 'web');
    await keyboard.press('ArrowLeft');
    await keyboard.press('Enter');
    assert.deepEqual((await graph.sent()).at(-1), { type: 'reveal', seq: 1, node: 'run-billing' });
    // One stop in the Tab order: the next is the list.
    await keyboard.press('Tab');
    assert.equal(await graph.page.evaluate('document.activeElement.tagName'), 'SUMMARY');
    await keyboard.press('Shift+Tab');
    assert.equal(await graph.focused(), 'billing');
  });

  it('shows where the focus is', async () => {
    const graph = await show({ theme: THEMES.highContrast });
    await graph.draw(fullPicture());
    await graph.node('auth').focus();
    await graph.page.keyboard.press('ArrowRight');
    const outline = await graph.page.evaluate('getComputedStyle(document.activeElement).outline');
    assert.match(z.string().parse(outline), /rgb\(243, 133, 24\) solid 2px/);
  });

  it('zooms, moves and fits by keys, buttons, wheel and drag, and keeps that', async () => {
    const graph = await show();
    await graph.draw(fullPicture());
    const { page } = graph;
    const camera = async () => (await graph.kept()).camera;
    assert.equal(await camera(), undefined);
    const middleOf = async (name: string) => {
      const box = await graph.node(name).boundingBox();
      assert.ok(box);
      return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
    };
    const before = await middleOf('api');
    await graph.node('api').focus();
    await page.keyboard.press('+');
    const nearer = await camera();
    await page.keyboard.press('Shift+ArrowRight');
    const moved = await camera();
    assert.ok(nearer && moved);
    assert.deepEqual(await middleOf('api'), { ...before, x: before.x - 60 });
    assert.deepEqual(moved, { ...nearer, x: nearer.x - 60 });
    await page.keyboard.press('0');
    assert.equal(await camera(), undefined);

    await page.getByRole('button', { name: said('Zoom Out') }).click();
    await page.getByRole('button', { name: said('Zoom In') }).click();
    const buttons = await camera();
    await page.mouse.move(500, 500);
    await page.mouse.wheel(30, 40);
    const wheeled = await until(camera, (now) => now?.x !== buttons?.x);
    assert.deepEqual(wheeled, buttons && { ...buttons, x: buttons.x - 30, y: buttons.y - 40 });
    await page.getByRole('button', { name: said('Show Whole Graph') }).click();
    assert.equal(await camera(), undefined);
  });

  it('takes a press on a project as a choice and a drag from it as a drag', async () => {
    const graph = await show();
    await graph.draw(fullPicture());
    const { page } = graph;
    const box = await graph.node('billing').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 20, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 90, box.y + 60, { steps: 4 });
    await page.mouse.up();
    const after = await graph.node('billing').boundingBox();
    assert.ok(after);
    assert.deepEqual([after.x - box.x, after.y - box.y].map(Math.round), [70, 40]);
    assert.deepEqual(await graph.sent(), [{ type: 'ready' }]);
    await graph.node('billing').click();
    assert.deepEqual((await graph.sent()).at(-1), { type: 'reveal', seq: 1, node: 'run-billing' });
  });

  it('comes back as it was left', async () => {
    const camera = { x: -40, y: 12, scale: 1.5 };
    const graph = await show({ kept: { subject: 'p1', memory: { camera, current: 'run-web' } } });
    await graph.draw(fullPicture());
    assert.deepEqual(await graph.kept(), { camera, current: 'run-web' });
    assert.equal(await graph.node('web').getAttribute('tabindex'), '0');
    assert.match(
      (await graph.page.locator('#stage').getAttribute('style')) ?? '',
      /translate\(-40px, 12px\) scale\(1.5\)/,
    );
  });

  it('forgets what another portfolio left', async () => {
    const graph = await show({ kept: { subject: 'p0', memory: { camera: { x: 1, y: 1, scale: 1 } } } });
    await graph.draw(fullPicture());
    assert.deepEqual(await graph.kept(), { current: 'run-schema' });
  });

  it('keeps the focus and moves nothing when states change, and says politely what changed', async () => {
    const graph = await show();
    const first = fullPicture();
    await graph.draw(first);
    const status = graph.page.getByRole('status');
    assert.equal(await status.textContent(), '');
    await graph.node('api').focus();
    const before = await graph.node('mobile').boundingBox();
    const changed = { status: 'completed', notice: '', spoken: 'api, phase done, completed' } as const;
    const nodes = first.nodes.map((one) => (one.name === 'api' ? { ...one, ...changed } : one));
    await graph.draw({ ...first, nodes });
    assert.equal(await graph.focused(), 'api');
    assert.deepEqual(await graph.node('mobile').boundingBox(), before);
    assert.equal(await status.textContent(), 'api, phase done, completed.');
    assert.equal(await graph.page.locator('.node.completed').count(), 2);
    await graph.draw({ ...first, nodes: nodes.filter(({ name }) => name !== 'docs') });
    assert.equal(await graph.page.locator('.node').count(), nodes.length - 1);
    assert.equal(await graph.focused(), 'api');
  });

  it('takes hostile names and goals for text', async () => {
    const graph = await show({ portfolioId: `"><img src=x onerror="window.hurt=1">'` });
    const evil = `</title></svg><script>window.hurt=1</script><img src=x onerror="window.hurt=1">&amp;`;
    const hostile = node(evil, { id: evil, notice: evil, state: evil, spoken: evil });
    const lines = [{ from: evil, to: 'run-b', kind: 'holds', label: evil } as const];
    const drawn = picture([hostile, node('b')], lines);
    await graph.draw({ ...drawn, title: evil, summary: evil, notices: [{ tone: 'warning', text: evil }] });
    assert.equal(await graph.page.locator('h1').textContent(), evil);
    assert.equal(await graph.page.locator('.name').first().textContent(), evil);
    assert.equal(await graph.page.locator('img, #graph script').count(), 0);
    assert.equal(await graph.page.evaluate('typeof window.hurt'), 'undefined');
  });

  it('lets messages pass that are not its own, and older pictures', async () => {
    const graph = await show();
    await graph.post({ type: 'draw', seq: 5, picture: picture([node('new')], []) });
    await graph.post({ type: 'draw', seq: 4, picture: picture([node('old')], []) });
    await graph.post({ type: 'draw', seq: 6, picture: { title: 'half' } });
    await graph.post('anything');
    assert.deepEqual(await graph.page.locator('.node .name').allTextContents(), ['new']);
  });

  it('says why there is no graph, and draws it when there is one', async () => {
    const graph = await show();
    await graph.draw(
      emptyPicture(
        said('The portfolio cannot be shown'),
        said('The portfolio {id} was not found.', { id: 'p1' }),
        'warning',
      ),
    );
    assert.ok(await graph.page.getByText(said('The portfolio {id} was not found.', { id: 'p1' })).isVisible());
    assert.ok(!(await graph.page.locator('#graph').isVisible()));
    await graph.draw(picture([node('a'), node('b')], [edge('a', 'b')]));
    assert.ok(await graph.node('b').isVisible());
  });

  itLong('draws a hundred projects whole, names enlarged', async () => {
    const graph = await show();
    await graph.draw(largePicture(100, 300));
    assert.equal(await graph.page.locator('.node').count(), 100);
    assert.equal(await graph.page.locator('#stage.far').count(), 1);
    const inside = await graph.page.evaluate(`(() => {
      const frame = document.getElementById('graph').getBoundingClientRect();
      return [...document.querySelectorAll('.node')].map((one) => one.getBoundingClientRect())
        .every((box) => box.left >= frame.left && box.right <= frame.right && box.bottom <= frame.bottom);
    })()`);
    assert.equal(inside, true);
  });

  it('moves nothing for who wants no motion', async () => {
    const still = await show();
    await still.draw(fullPicture());
    await still.page.emulateMedia({ reducedMotion: 'reduce' });
    const duration = `getComputedStyle(document.querySelector('.node')).transitionDuration`;
    assert.equal(await still.page.evaluate(duration), '0s');
    await still.page.emulateMedia({ reducedMotion: 'no-preference' });
    assert.equal(await still.page.evaluate(duration), '0.16s');
    await still.page.evaluate(`document.body.classList.add('vscode-reduce-motion')`);
    assert.equal(await still.page.evaluate(duration), '0s');
  });
});
