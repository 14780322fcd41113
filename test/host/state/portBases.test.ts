/** Ranges of ports of worktrees. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PortBases, PORTS_EACH } from '../../../src/host/state/portBases';
import { Projects } from '../../support/projects';

describe('ranges of ports', () => {
  const projects = Projects.ofSuite();
  let root: string;
  let file: string;
  beforeEach(async () => {
    root = await projects.folder();
    file = path.join(root, 'state', 'ports.json');
  });

  it('do not overlap, though several programs ask at once, and stay with their worktree', async () => {
    const places = Array.from({ length: 12 }, (_, index) => path.join(root, `tree${index}`));
    const bases = await Promise.all(places.map((place) => new PortBases(file).baseOf(place)));
    const sorted = [...bases].sort((one, other) => one - other);
    sorted.slice(1).forEach((base, index) => assert.ok(base - (sorted[index] ?? 0) >= PORTS_EACH));
    assert.deepEqual(await Promise.all(places.map((place) => new PortBases(file).baseOf(place))), bases);
  });

  it('are given out again from worktrees that are gone, once all are taken', async () => {
    await mkdir(path.dirname(file), { recursive: true });
    const [there, gone] = [path.join(root, 'there'), path.join(root, 'gone')];
    await mkdir(there);
    const all = Array.from({ length: 600 }, (_, index) => [
      index === 7 ? gone : `${there}/../there`,
      20_000 + index * 20,
    ]);
    const entries = all.map(([place, base], index) => [index === 7 ? place : `${place}${'/.'.repeat(index)}`, base]);
    await writeFile(file, JSON.stringify(Object.fromEntries(entries)));
    assert.equal(await new PortBases(file).baseOf(path.join(root, 'new')), 20_140);
  });

  it('are given out again where the note of them is damaged', async () => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, '{"a":');
    assert.equal(await new PortBases(file).baseOf(root), 20_000);
    await rm(file);
  });
});
