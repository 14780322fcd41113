/** Creates runs in the demo's repositories the way a person would: files first, then the gates, without overrides. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { contentHash } from '../../host/files/contentHash';
import { databaseLocation } from '../../host/files/paths';
import { advanceRun } from '../../kernel/run/advance';
import { createRun } from '../../kernel/run/record/runs';
import { addArtifact } from '../../kernel/tracking/service';
import { defined } from '../../kernel/defined';
import { ProjectKernel } from '../record/kernels';
import { demoKernelDeps } from './records';
import { gitAt } from './repositories';

/** A document that a phase produces. */
export interface DemoDocument {
  readonly phase: string;
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

export interface DemoRun {
  readonly goal: string;
  readonly tokenBudget: number;
  /** The run passes the gates of these phases in order and stops in the phase after the last. */
  readonly documents: readonly DemoDocument[];
}

/**
 * Initializes the folder's database, creates the run and takes it through the gates of its documents, which are
 * committed. Throws if a gate blocks, because the demo would show something wrong.
 */
export async function seedRun(folder: string, demo: DemoRun): Promise<void> {
  for (const document of demo.documents) {
    const file = path.join(folder, document.path);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, document.text);
  }
  const writtenAt = Date.UTC(2026, 0, 7, 9, 0, 0);
  await gitAt(folder, ['add', '--all'], writtenAt);
  await gitAt(folder, ['commit', '--quiet', '--message', 'Write down the requirements'], writtenAt);

  const kernel = new ProjectKernel(databaseLocation(folder), demoKernelDeps());
  try {
    await kernel.initialize();
    const run = await kernel.write((unit) =>
      createRun(unit, { projectDir: folder, goal: demo.goal, tokenBudget: demo.tokenBudget }),
    );
    for (const { phase, path: file, type } of demo.documents) {
      const hash = await contentHash(path.join(folder, file));
      const outcome = await kernel.write((unit) => {
        addArtifact(unit, {
          runId: run.id,
          phase,
          path: file,
          type,
          ...defined({ contentHash: hash }),
        });
        return advanceRun(unit, run.id, { tier: 'hard' });
      });
      if (!outcome.advanced) throw new Error(`The demo run stopped at ${phase}: ${outcome.reason}`);
    }
  } finally {
    await kernel.dispose();
  }
}

/** The service has an idea that is not yet reviewed. */
export const API_RUN: DemoRun = {
  goal: 'Tell people when their parcel is late',
  tokenBudget: 200_000,
  documents: [
    {
      phase: 'brainstorm',
      path: 'docs/late-parcels.md',
      type: 'idea',
      text: '# Late parcels\n\nA parcel is late when it has not moved for two days. The answer should say so, with the reason.\n',
    },
  ],
};

/** The page has an accepted plan, and work can start. */
export const WEB_RUN: DemoRun = {
  goal: 'Show a parcel on a map',
  tokenBudget: 120_000,
  documents: [
    {
      phase: 'brainstorm',
      path: 'docs/map/idea.md',
      type: 'idea',
      text: '# A map\n\nPeople read maps faster than place names.\n',
    },
    {
      phase: 'brainstorm-reviewed',
      path: 'docs/map/review.md',
      type: 'review',
      text: '# Review\n\nAgreed. No new dependency for the page: a picture from our own tiles is enough.\n',
    },
    {
      phase: 'strategized',
      path: 'docs/map/strategy.md',
      type: 'strategy',
      text: '# Strategy\n\n1. The service answers with coordinates.\n2. The page draws one tile and a mark.\n',
    },
    {
      phase: 'planned',
      path: 'docs/map/plan.md',
      type: 'plan',
      text: '# Plan\n\n- [ ] `GET /:id` answers `{ id, place, lat, lon }`\n- [ ] `map.js` draws the tile\n- [ ] A parcel without a place shows no map\n',
    },
  ],
};
