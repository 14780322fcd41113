import assert from 'node:assert/strict';
import type { TimelineItem, TimelinePicture } from '../../../src/contract/pages/timeline';
import { changesOf, textsOf } from '../../../src/views/timeline/items';
import { timelineFacts, type TimelineFacts } from '../../../src/views/timeline/facts';
import { packLanes, quietStretches, timelinePicture } from '../../../src/views/timeline/picture';
import { timelineMarkdown, timelineSvg } from '../../../src/views/timeline/exportedFiles';
import { explainItem, opensOf } from '../../../src/views/timeline/why';
import { recordDecisions } from '../../../src/kernel/dispatch/decisions';
import { setRun } from '../../../src/kernel/run/record/runs';
import { openTestFolder, viewContextOf, type TestFolder } from '../../support/records/viewFixture';
import { atOnce } from '../../support/tasks/steps';
import { spend, storyOf, work } from '../../support/records/timelines';

describe('the timeline of a run', () => {
  let folder: TestFolder;
  let facts: TimelineFacts;
  let picture: TimelinePicture;

  const read = (): void => {
    const run = folder.record.runs.get(facts.run.id) ?? facts.run;
    facts = atOnce(timelineFacts((work) => folder.record.read(work), run, folder.kernel.clock.now));
    picture = atOnce(timelinePicture(viewContextOf(folder), facts));
  };
  const spoken = (lane: number): string[] =>
    picture.items.filter((item) => item.lane === lane).map((item) => item.spoken);
  const found = (text: string): TimelineItem => {
    const item = picture.items.find((one) => one.spoken.includes(text));
    assert.ok(item, `nothing says "${text}"`);
    return item;
  };
  const why = (text: string): string =>
    explainItem(viewContextOf(folder), folder.record, facts, found(text)).join('\n');

  beforeEach(async () => {
    folder = await openTestFolder();
    const run = storyOf(folder);
    facts = atOnce(timelineFacts((work) => folder.record.read(work), run, folder.kernel.clock.now));
    read();
  });

  it('has a bar for each stay in a phase, also where the run came back', () => {
    assert.deepEqual(spoken(0), [
      'Phase planned, for 10 min 0 s',
      'Phase executing, for 14 h 50 min',
      'Phase review, for 20 min 0 s',
      'Phase executing, for 30 min 0 s',
      'Phase review, current, for 3 min 0 s now',
    ]);
    const bars = picture.items.filter((item) => item.lane === 0);
    for (const [index, bar] of bars.entries()) {
      const next = bars[index + 1];
      if (next !== undefined) assert.equal(bar.kind === 'bar' && bar.to, next.from);
    }
  });

  it('has a sign for each event, with its own shape for what held it and what let it pass', () => {
    const signs = picture.items.filter((item) => item.lane === 1).map((item) => item.kind === 'mark' && item.sign);
    assert.deepEqual(signs, ['set', 'block', 'advance', 'advance', 'rollback', 'override']);
  });

  it('draws dispatches that worked at once below each other, and one after another side by side', () => {
    const lanes = picture.items.filter((item) => item.id.startsWith('dispatch:')).map((item) => item.lane);
    assert.deepEqual(new Set(lanes), new Set([3]));
    const run = facts.run;
    work(folder, run, 'At the same time');
    read();
    assert.equal(found('At the same time').lane, 4);
    assert.deepEqual(
      picture.frame.lanes.map(({ label }) => label),
      ['Phases', 'Events', 'Artifacts', 'Dispatches', ''],
    );
  });

  it('has a sign for each decision about a request of an agent, with who or which rule decided', () => {
    const id = work(folder, facts.run, 'Ask for it');
    const asked = { tool: 'execute', askedAt: 1, decidedAt: folder.kernel.clock.now };
    const subject = 'rm -rf build\nsecond line';
    folder.write((u) =>
      recordDecisions(u, id, [
        { ...asked, number: 1, subject: 'npm test', answer: 'allow', by: 'policy', name: 'freeInside', reason: null },
        { ...asked, number: 2, subject, answer: 'deny', by: 'person', name: 'ada', reason: 'Keep it' },
      ]),
    );
    read();
    assert.deepEqual(
      picture.frame.lanes.slice(0, 5).map(({ label }) => label),
      ['Phases', 'Events', 'Artifacts', 'Requests', 'Dispatches'],
    );
    const signs = picture.items.filter(({ lane }) => lane === 3).map((item) => item.kind === 'mark' && item.sign);
    assert.deepEqual(signs, ['allow', 'deny']);
    assert.match(spoken(3)[0] ?? '', /^Request 1: npm test, allowed by policy freeInside, /);
    assert.match(
      why('Request 2'),
      /Dispatch +Ask for it\nTool +execute\nRequest +rm -rf build\n.*second line\nDecision +denied by ada\nReason +Keep it$/,
    );
    assert.deepEqual(opensOf(folder.folder, facts, found('Request 2').id), {
      document: { kind: 'log', folder: folder.folder, dispatchId: id },
    });
  });

  it('tells why from the event log', () => {
    assert.match(why('block at'), /Gate +fail, hard/);
    assert.match(why('block at'), /\[FAIL\] An artifact of phase planned/);
    assert.match(why('override at'), /Reason +The customer waits/);
    assert.match(why('rollback at'), /Reason +The map is wrong/);
    assert.match(why('Test it and fail'), /Status +failed/);
    assert.match(why('Phase planned'), /Blocked +1 time/);
    assert.match(why('Artifact docs/plan.md'), /Type +file/);
  });

  it('opens the evidence of an event, the log of a dispatch, the file of an artifact', () => {
    const opens = (text: string): unknown => opensOf(folder.folder, facts, found(text).id);
    assert.deepEqual(opens('Artifact docs/plan.md'), { file: 'docs/plan.md' });
    assert.match(JSON.stringify(opens('block at')), /"kind":"evidence"/);
    assert.match(JSON.stringify(opens('Build it')), /"kind":"log"/);
    assert.equal(opensOf(folder.folder, facts, 'strange'), undefined);
  });

  it('folds the night, and no time with activity', () => {
    assert.deepEqual(
      picture.frame.folds.map(({ text }) => text),
      ['14 h 0 min'],
    );
    const [fold] = picture.frame.folds;
    for (const item of picture.items.filter((one) => one.id.startsWith('dispatch:'))) {
      assert.ok(item.from >= (fold?.to ?? 0) || (item.kind === 'bar' && (item.to ?? Infinity) <= (fold?.from ?? 0)));
    }
  });

  it('adds up tokens against the budget', () => {
    const [tokens, ...others] = picture.frame.budgets;
    assert.ok(tokens);
    assert.deepEqual(others, [], 'the cost was neither reported nor limited');
    assert.equal(tokens.limit, 20_000);
    assert.deepEqual(
      tokens.points.map((point) => point.amount),
      [4400, 7150, 13_750],
    );
    assert.deepEqual(tokens.gauge, { reported: 0.6875, estimated: 0, reserved: 0, limit: 1 });
    assert.equal(tokens.spoken, '13,750 of 20,000');
  });

  it('draws unreported usage as its reservation, and current reservations on top', () => {
    const before = folder.kernel.clock.now;
    spend(folder, facts.run);
    read();
    const [tokens, cost] = picture.frame.budgets;
    assert.ok(tokens && cost);
    assert.deepEqual(tokens.points.at(-1), { at: before + 480, amount: 16_750, isReported: false });
    assert.ok(tokens.points.slice(0, -1).every(({ isReported }) => isReported));
    assert.deepEqual(tokens.reserved, { from: before + 480, amount: 2000 });
    assert.deepEqual(tokens.gauge, { reported: 0.6875, estimated: 0.15, reserved: 0.1, limit: 1 });
    assert.equal(
      tokens.spoken,
      '16,750 of 20,000, 2,000 reserved, 3,000 of it estimated, usage of 1 dispatch unknown, near its budget',
    );
    assert.equal(tokens.level, 'warning');
    assert.equal(cost.limit, 2_000_000);
    assert.match(cost.spoken, /^\$0\.40 of \$2\.00, \$0\.30 reserved, \$0\.40 of it estimated, usage of 4 dispatches/);
    const text = atOnce(timelineMarkdown(viewContextOf(folder), picture, () => []));
    assert.match(text.replaceAll('\\', ''), /Tokens: 16,750 of 20,000/);
    assert.match(atOnce(timelineSvg(picture, String, 'en')), /<circle [^>]*fill="white"/);
  });

  it('draws a gauge longer than its limit where more was used', () => {
    folder.write((u) => setRun(u, facts.run.id, { tokenBudget: 11_000 }));
    read();
    const [tokens] = picture.frame.budgets;
    assert.deepEqual(tokens?.gauge, { reported: 1, estimated: 0, reserved: 0, limit: 0.8 });
    assert.equal(tokens.level, 'exceeded');
  });

  it('says what its signs mean, those that occur and no others', () => {
    const texts = picture.frame.legend.map(({ text }) => text);
    assert.ok(texts.includes('blocked by its gate') && texts.includes('gate overridden'));
    assert.ok(!texts.includes('paused'));
  });

  it('sends only what has changed', () => {
    const before = atOnce(textsOf(picture.items));
    work(folder, facts.run, 'One more');
    read();
    const { items, removed } = changesOf(before, picture.items, atOnce(textsOf(picture.items)));
    assert.deepEqual(removed, []);
    assert.deepEqual(
      items.filter(({ id }) => id.startsWith('dispatch:')).map(({ spoken: text }) => text),
      ['Dispatch One more, running, 0 s'],
    );
    assert.deepEqual(changesOf(atOnce(textsOf(picture.items)), [], new Map()).removed.length, picture.items.length);
  });

  it('is an SVG file that holds everything and is well-formed, whatever people typed', () => {
    const svg = atOnce(timelineSvg(picture, String, 'en'));
    assert.match(svg, /<title>Ship &#60;b&#62;it&#60;\/b&#62;<\/title>/);
    assert.equal(
      svg.match(/<g>/g)?.length,
      picture.items.length + picture.frame.folds.length + picture.frame.budgets.length,
    );
    assert.equal(svg.match(/<(g|svg|title|text)[ >]/g)?.length, svg.match(/<\/(g|svg|title|text)>/g)?.length);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  });

  it('is a Markdown file in the order of time, with reasons', () => {
    const text = atOnce(
      timelineMarkdown(viewContextOf(folder), picture, (item) =>
        explainItem(viewContextOf(folder), folder.record, facts, item),
      ),
    );
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    assert.equal(rows.length, picture.items.length + 2);
    assert.match(text, /^# Ship \\<b\\>it\\<\\\/b\\>/);
    assert.match(rows.find((row) => row.includes('override at')) ?? '', /The customer waits/);
  });
});

describe('the lanes of a timeline', () => {
  it('take the first that is free, and move nothing when more is added', () => {
    const stretches = [
      { from: 0, to: 10 },
      { from: 2, to: 5 },
      { from: 5, to: null },
      { from: 10, to: 12 },
      { from: 11, to: 11 },
    ];
    assert.deepEqual(atOnce(packLanes(stretches)), [0, 1, 1, 0, 2]);
    assert.deepEqual(atOnce(packLanes(stretches.slice(0, 3))), [0, 1, 1]);
  });

  it('are folded only where nothing lasts', () => {
    const range = { from: 0, to: 10_000 };
    assert.deepEqual(quietStretches(range, [{ from: 0, to: 100 }]), [{ from: 100, to: 10_000 }]);
    assert.deepEqual(quietStretches(range, [{ from: 0, to: null }]), []);
    assert.deepEqual(
      quietStretches(range, [
        { from: 9000, to: 10_000 },
        { from: 0, to: 8500 },
      ]),
      [],
    );
  });
});
