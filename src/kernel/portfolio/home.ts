/** How a child run names the database of its portfolio, if that is another one (`docs/design/portfolios.md`). Pure. */
import * as z from 'zod';
import { encodeJson } from '../text/deepJson';
import { isJson, plainText } from '../input';
import type { Run } from '../run/record/model';

/** The name of every portfolio's database. */
export const PORTFOLIO_NAME = 'portfolio.db';

/** Metadata comes with a project, so only an absolute path of a portfolio's database is accepted. */
const database = plainText.regex(/^(\/|[A-Za-z]:[\\/]|\\\\)(.*[\\/])?portfolio\.db$/);

const metadata = z.looseObject({ portfolio: z.looseObject({ database }) });

/** The metadata of a child whose portfolio is in the database at this absolute path. */
export function homeMetadata(path: string): string {
  return JSON.stringify({ portfolio: { database: path } });
}

/** The same after a portfolio's database has moved; other metadata is kept. */
export function movedHomeMetadata(stored: string, path: string): string {
  const parsed = metadata.parse(JSON.parse(stored));
  return encodeJson({ ...parsed, portfolio: { ...parsed.portfolio, database: path } });
}

/** The absolute path of the database that holds the run's portfolio; undefined if the run does not name it. */
export function portfolioDatabaseOf(run: Pick<Run, 'parentRunId' | 'metadata'>): string | undefined {
  if (run.parentRunId === null || run.metadata === null || !isJson(run.metadata)) return undefined;
  const parsed = metadata.safeParse(JSON.parse(run.metadata));
  return parsed.success ? parsed.data.portfolio.database : undefined;
}
