/** Whether a folder is accessible: its disk may be disconnected, broken, or unresponsive. */
import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifThere, systemCode } from '../../host/files/fileErrors';
import { UNSEEN_CODES } from '../../host/files/pathIdentity';
import { because, type Reason } from '../../kernel/errors/reasons/problem';
import type { FindingClause } from './findingReasons';

/** A sleeping disk needs seconds to answer. */
const ANSWER_LIMIT_MS = 5_000;

export type Visibility =
  | { readonly kind: 'present' }
  /** The folders above it can be seen, as far as they are there. */
  | { readonly kind: 'absent' }
  /** Silent: it does not answer, so nothing else may read it. */
  | { readonly kind: 'unseen'; readonly isSilent: boolean; readonly problem: Reason<FindingClause<'PLACE_UNSEEN'>> };

/**
 * The folders checked by one run of the doctor. A folder that does not answer blocks a Node thread until its disk is
 * back, so each folder is checked once.
 */
export class Visibilities {
  private readonly known = new Map<string, Promise<Visibility>>();

  of(place: string): Promise<Visibility> {
    const known = this.known.get(place) ?? inTime(place);
    this.known.set(place, known);
    return known;
  }
}

async function inTime(place: string): Promise<Visibility> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Visibility>((resolve) => {
    const problem = because('no answer in {seconds} seconds', { seconds: ANSWER_LIMIT_MS / 1000 });
    timer = setTimeout(() => resolve({ kind: 'unseen', isSilent: true, problem }), ANSWER_LIMIT_MS);
  });
  try {
    return await Promise.race([visibilityOf(place), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function visibilityOf(place: string): Promise<Visibility> {
  for (let at = place; ; at = path.dirname(at)) {
    try {
      const found = await ifThere(lstat(at));
      if (found === undefined && at !== path.dirname(at)) continue;
      if ((await ifThere(stat(at))) === undefined) {
        return { kind: 'unseen', isSilent: false, problem: because('the link {place} is broken', { place: at }) };
      }
      return { kind: at === place ? 'present' : 'absent' };
    } catch (error) {
      const code = systemCode(error);
      if (!UNSEEN_CODES.has(code)) throw error;
      const problem = because('{place} cannot be read ({code})', { place: at, code: code ?? '' });
      return { kind: 'unseen', isSilent: false, problem };
    }
  }
}
