/**
 * How a child run says where its portfolio is kept, when that is another database (`docs/design/portfolios.md`): pure.
 */
import * as z from 'zod';
import { encodeJson } from '../text/deepJson';
import { isJson, plainText } from '../input';
import type { Run } from '../run/record/model';

/** The name of every portfolio's database. */
export const PORTFOLIO_NAME = 'portfolio.db';

/** Metadata comes with a project, so it may name nothing but an absolute path of a portfolio's database. */
const database = plainText.regex(/^(\/|[A-Za-z]:[\\/]|\\\\)(.*[\\/])?portfolio\.db$/);

const metadata = z.looseObject({ portfolio: z.looseObject({ database }) });

/** The metadata of a child whose portfolio is in the database at this absolute path. */
export function homeMetadata(path: string): string {
  return JSON.stringify({ portfolio: { database: path } });
}

/** The same where a portfolio's database has moved; what else the metadata says stays. */
export function movedHomeMetadata(stored: string, path: string): string {
  const parsed = metadata.parse(JSON.parse(stored));
  return encodeJson({ ...parsed, portfolio: { ...parsed.portfolio, database: path } });
}

/** The absolute path of the database that holds the run's portfolio; undefined where the run does not say. */
export function portfolioDatabaseOf(run: Pick<Run, 'parentRunId' | 'metadata'>): string | undefined {
  if (run.parentRunId === null || run.metadata === null || !isJson(run.metadata)) return undefined;
  const parsed = metadata.safeParse(JSON.parse(run.metadata));
  return parsed.success ? parsed.data.portfolio.database : undefined;
}
